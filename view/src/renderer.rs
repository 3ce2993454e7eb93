//! Renders the parts that all panels are made of: cards, buttons, icons and sentences.

use crate::{
    appearance::Appearance,
    dom_sink::DomSink,
    icon::Icon,
    messages::Messages,
    model::{Model, Snapshot},
};
use embark_protocol::launch::LaunchMode;

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
        let title = self.message_in(name, "title");
        self.open_keyed("section.em-card", name);
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
        if !text.is_empty() {
            self.text_element("p.em-text", text);
        }
        self.close();
        self.close();
        self.announcement = [title, ". ", text].concat();
    }

    /// Marks the card as an alert: screen readers announce it at once, so the live region stays empty.
    pub fn mark_as_alert(&mut self) {
        self.attr("role", "alert");
        self.announcement = String::new();
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

    /// A link that resumes this signup in any browser, also days later. Nothing without `resume_url`.
    pub fn resume_link(&mut self, snapshot: &Snapshot) {
        if let Some(href) = &snapshot.resume_url {
            self.link("link data-testid=embark-later", href, "later");
        }
    }

    /// A button that opens Meta's popup again.
    pub fn relaunch_button(&mut self, key: &str) {
        self.button(
            "button.em-button data-act=launch data-testid=embark-restart",
            key,
            self.model.can_launch,
        );
    }

    /// The same as a secondary action.
    pub fn relaunch_link(&mut self, key: &str) {
        self.button(
            "button.em-link data-act=launch data-testid=embark-restart",
            key,
            self.model.can_launch,
        );
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
