//! Renders the parts that all panels are made of: cards, buttons, icons and sentences.

use crate::{
    appearance::Appearance,
    dom_sink::DomSink,
    icon::Icon,
    messages::Messages,
    model::{DialogMode, Model, Snapshot},
};
use embark_protocol::launch::LaunchMode;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

pub struct Renderer<'a> {
    pub sink: &'a mut dyn DomSink,
    pub model: &'a Model<'a>,
    pub messages: &'a Messages,
    pub appearance: &'a Appearance,
    /// Text of the live region, which screen readers announce after the render.
    pub announcement: String,
}

impl<'a> Renderer<'a> {
    /// Opens an element (see `DomSink::open`).
    pub fn open(&mut self, tag: &str) {
        self.sink.open(tag, "");
    }

    /// Opens an element that is replaced when its key changes.
    pub fn open_keyed(&mut self, tag: &str, key: &str) {
        self.sink.open(tag, key);
    }

    pub fn close(&mut self) {
        self.sink.close();
    }

    pub fn attr(&mut self, name: &str, value: &str) {
        self.sink.attr(name, Some(value));
    }

    /// Sets or removes an empty attribute.
    pub fn flag(&mut self, name: &str, on: bool) {
        self.attr_if(on, name, "");
    }

    /// Marks a button whose action is in progress. Unlike a disabled button it keeps the focus.
    pub fn aria_disabled(&mut self, disabled: bool) {
        self.attr_if(disabled, "aria-disabled", "true");
    }

    /// Sets an attribute if the condition holds, else removes it.
    pub fn attr_if(&mut self, condition: bool, name: &str, value: &str) {
        self.sink.attr(name, condition.then_some(value));
    }

    pub fn text(&mut self, text: &str) {
        self.sink.text(text);
    }

    /// An element with this text.
    pub fn text_element(&mut self, tag: &str, text: &str) {
        self.open(tag);
        self.text(text);
        self.close();
    }

    /// An element with the message of this key.
    pub fn localized(&mut self, tag: &str, key: &str) {
        let text = self.message(key);
        self.text_element(tag, text);
    }

    pub fn message(&self, key: &str) -> &'a str {
        self.messages.lookup(key)
    }

    /// The message of `<group>.<name>`.
    pub fn message_in(&self, group: &str, name: &str) -> &'a str {
        self.messages.lookup(&[group, ".", name].concat())
    }

    /// Opens a card with the messages `<name>.title` and `<name>.text`.
    pub fn card(&mut self, name: &str, icon: Icon, tone: &str) {
        let text = self.message_in(name, "text");
        self.card_with_text(name, icon, tone, text);
    }

    /// Opens a card with the message `<name>.title` and this text below it.
    pub fn card_with_text(&mut self, name: &str, icon: Icon, tone: &str, text: &str) {
        self.card_with(name, icon, tone, text, Self::paragraph(text));
    }

    /// Renders a text, unless it is empty.
    fn paragraph(text: &str) -> impl FnOnce(&mut Self) {
        move |renderer| {
            if !text.is_empty() {
                renderer.text_element("p.em-text", text);
            }
        }
    }

    /// Opens a card as [`card`](Self::card), which is an alert: screen readers announce it at once, so that the live region
    /// stays empty.
    pub fn alert_card(&mut self, name: &str, icon: Icon, tone: &str) {
        let text = self.message_in(name, "text");
        self.alert_card_with_text(name, icon, tone, text);
    }

    /// Opens a card as [`card_with_text`](Self::card_with_text), which is an alert.
    pub fn alert_card_with_text(&mut self, name: &str, icon: Icon, tone: &str, text: &str) {
        self.open_keyed("section.em-card role=alert", name);
        self.card_head(name, icon, tone, Self::paragraph(text));
    }

    /// Opens a card with the message `<name>.title`, and what `paragraph` renders below it. `text`: the same for the live
    /// region.
    pub fn card_with(
        &mut self,
        name: &str,
        icon: Icon,
        tone: &str,
        text: &str,
        paragraph: impl FnOnce(&mut Self),
    ) {
        self.open_keyed("section.em-card", name);
        self.card_head(name, icon, tone, paragraph);
        // A title has no full stop, and screen readers would read it and the text as one sentence.
        let title = self.message_in(name, "title");
        let is_sentence = title.ends_with(['?', '!', '？', '！', '؟', '。', ';']);
        let end = if is_sentence { " " } else { ". " };
        self.announcement = [title, end, text].concat();
    }

    fn card_head(&mut self, name: &str, icon: Icon, tone: &str, paragraph: impl FnOnce(&mut Self)) {
        let title = self.message_in(name, "title");
        self.open("div.em-head");
        self.open_keyed("span.em-mark", tone);
        self.attr("data-tone", tone);
        self.icon(icon);
        self.close();
        self.open("div.em-words");
        // Frame and hosted page are documents of their own, with the card as their main heading.
        self.text_element(
            if self.model.mode == LaunchMode::Inline {
                "h2.em-title tabindex=-1"
            } else {
                "h1.em-title tabindex=-1"
            },
            title,
        );
        paragraph(self);
        self.close();
        self.close();
    }

    pub fn icon(&mut self, icon: Icon) {
        self.open("svg.em-icon aria-hidden=true");
        self.attr("viewBox", "0 0 24 24");
        self.open("path");
        self.attr("d", icon.path());
        self.close();
        self.close();
    }

    /// Opens the row of buttons.
    pub fn actions(&mut self) {
        self.open("div.em-acts");
    }

    /// A button with the message of this key. Its `data-act` attribute names the action
    /// (see `Action::parse`).
    pub fn button(&mut self, tag: &str, key: &str, enabled: bool) {
        let text = self.message(key);
        self.open(tag);
        self.attr("type", "button");
        self.flag("disabled", !enabled);
        self.text(text);
        self.close();
    }

    /// A link that opens a new tab. `tag` is its class without `em-`, and fixed attributes.
    pub fn link(&mut self, tag: &str, href: &str, key: &str) {
        self.open(&["a.em-", tag, " target=_blank rel=noopener"].concat());
        self.attr("href", href);
        let text = self.message(key);
        self.text(text);
        self.close();
    }

    /// A link that is copied when it is pressed. Its attribute `data-copy` is the text that says so.
    pub fn copy_link(&mut self, tag: &str, href: &str) {
        self.open(&["a.em-", tag, " target=_blank rel=noopener"].concat());
        self.attr("href", href);
        self.attr("data-copy", self.message("copy.done"));
        self.text(self.message("copy"));
        self.close();
    }

    /// How to resume this signup in any browser, also days later. Nothing without `resume_url`.
    pub fn resume_link(&mut self, snapshot: &Snapshot) {
        let Some(href) = &snapshot.resume_url else {
            return;
        };
        self.open("div.em-later");
        self.localized("span", "later");
        self.copy_link("link data-testid=embark-later", href);
        self.open("a.em-link target=_blank rel=noopener data-testid=embark-mail");
        let subject = query_value(self.message("start.title"));
        let body = query_value(href);
        self.attr(
            "href",
            &["mailto:?subject=", &subject, "&body=", &body].concat(),
        );
        self.text(self.message("later.mail"));
        self.close();
        self.close();
    }

    /// Ids for the partner's support: those of Meta, if there are any, and the signup's.
    pub fn trace(&mut self, of_meta: &[Option<&str>]) {
        let ids = of_meta.iter().flatten().chain([&self.model.signup]);
        let ids: Vec<&str> = ids.copied().collect();
        let text = self.messages.format("failed.trace", &ids.join(" "));
        self.text_element("p.em-trace", &text);
    }

    /// A paragraph with the message of this key, whose placeholder is a number or an id. The number is left-to-right in any
    /// language and is not broken over two lines: it stands in an element of its own.
    pub fn text_with_number(&mut self, key: &str, number: &str) {
        let message = self.message(key);
        let (before, rest) = message.split_once('{').unwrap_or((message, ""));
        let after = rest.split_once('}').unwrap_or_default().1;
        self.open("p.em-text");
        self.text_element("span", before);
        if !rest.is_empty() {
            self.text_element("bdi.em-id dir=ltr", number);
            self.text_element("span", after);
        }
        self.close();
    }

    /// A button that opens Meta's popup again.
    pub fn relaunch_button(&mut self, key: &str) {
        self.relaunch("button", key);
    }

    /// The same as a secondary action.
    pub fn relaunch_link(&mut self, key: &str) {
        self.relaunch("link", key);
    }

    /// Where no popup can be used, it leads to the dialog in this window, or to the hosted page.
    fn relaunch(&mut self, class: &str, key: &str) {
        let can_launch = self.model.can_launch;
        if self.model.dialog_mode == DialogMode::Redirect && !self.model.has_dialog {
            let tag = ["a.em-", class, RELAUNCH_LINK].concat();
            self.open(&tag);
            self.attr("href", &self.model.url_without_sdk);
            self.text(self.message(key));
            return self.close();
        }
        let tag = ["button.em-", class, RELAUNCH].concat();
        self.button(&tag, key, can_launch);
    }

    /// A banner with a retry button, after two failed polls in a row.
    pub fn connection_banner(&mut self) {
        if self.model.failed_polls > 1 {
            self.open("div.em-banner role=alert");
            self.localized("span", "trouble.text");
            self.button(
                "button.em-link data-act=retry data-testid=embark-retry",
                "trouble.retry",
                true,
            );
            self.close();
        }
    }
}

/// Fixed attributes of the button that opens Meta's popup again.
const RELAUNCH: &str = " data-act=launch data-testid=embark-restart";
/// Fixed attributes of the link to the hosted page that takes its place.
const RELAUNCH_LINK: &str = " target=_top data-act=elsewhere data-testid=embark-restart";

/// A text as a value of a query.
fn query_value(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// All but the unreserved characters of <https://www.rfc-editor.org/rfc/rfc3986#section-2.3>.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

#[cfg(test)]
mod tests {
    use super::query_value;

    #[test]
    fn address_in_a_query_is_one_value() {
        let encoded = query_value("https://a.example/go#embark=1~ü&");
        assert_eq!(
            encoded,
            "https%3A%2F%2Fa.example%2Fgo%23embark%3D1~%C3%BC%26"
        );
    }
}
