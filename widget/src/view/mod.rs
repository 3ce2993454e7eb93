//! What a person sees: the state as a tree (`render`), kept in the document by `Screen`. One panel at a
//! time, one polite live region beside it.

mod ends;
mod form;
mod icon;
pub mod looks;
mod patch;
mod popup;
mod progress;
mod start;
#[cfg(test)]
mod tests;
mod tree;

use crate::{
    flow::{Note, Phase, Sdk, State, snapshot::status_word},
    i18n::{Words, is_rtl},
};
use embark_protocol::{Status, launch::Mode};
use looks::Looks;
use tree::{Node, el};
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlElement};

/// What the views draw from.
struct Sight<'a> {
    state: &'a State,
    words: &'a dyn Words,
    looks: &'a Looks,
}

/// The name of what is shown: `data-state` of the root.
pub fn state_name(state: &State) -> &'static str {
    match &state.phase {
        Phase::Resuming => "resuming",
        Phase::Idle if state.sdk == Sdk::Blocked => "sdk_blocked",
        Phase::Idle if state.can_launch() => "ready",
        Phase::Idle => "loading",
        Phase::Popup(attempt) => match attempt.note {
            Note::Open => "popup",
            Note::Closed => "popup_closed",
            Note::Silent => "popup_silent",
            Note::Blocked => "popup_blocked",
            Note::Cancelled => "cancelled",
        },
        Phase::Sending => "sending",
        Phase::Following(following) => status_word(following.snapshot.status),
        Phase::Stopped(_) => "stopped",
    }
}

/// The whole widget as a tree.
fn render(sight: &Sight) -> Node {
    let panel = match &sight.state.phase {
        Phase::Resuming => progress::resuming(sight),
        Phase::Idle if sight.state.sdk == Sdk::Blocked => start::sdk_blocked(sight),
        Phase::Idle => start::button(sight),
        Phase::Popup(attempt) => popup::panel(sight, attempt),
        Phase::Sending => progress::sending(sight),
        Phase::Following(following) => match following.snapshot.status {
            Status::NeedsInput => form::panel(sight, following),
            Status::Launched | Status::Running | Status::Waiting => progress::panel(sight, following),
            _ => ends::panel(sight, &following.snapshot),
        },
        Phase::Stopped(problem) => ends::stopped(sight, problem),
    };
    let spoken = panel.attrs.iter().find(|(name, _)| *name == "data-say").map(|(_, say)| say.to_string());
    el("div", "embark")
        .test_id("embark-state")
        .attr("data-state", state_name(sight.state))
        .attr("data-theme", sight.looks.theme)
        .attr("data-size", sight.looks.size)
        .attr("data-shape", sight.looks.shape)
        .attr("dir", if is_rtl(&sight.word("lang")) { "rtl" } else { "ltr" })
        .attr("lang", sight.word("lang"))
        .kid(panel)
        .kid(el("p", "em-spoken").attr("role", "status").text(spoken.unwrap_or_default()))
}

impl Sight<'_> {
    fn word(&self, key: &str) -> String {
        self.words.get(key)
    }

    fn is_page(&self) -> bool {
        self.state.launch.mode == Mode::Page
    }

    /// A card with its icon, title and sentence; `say` is what a screen reader hears when it comes up.
    fn card(&self, key: &'static str, mark: Node, title: String, text: String) -> Node {
        let say = [&*title, ". ", &*text].concat();
        let mut words = el("div", "em-words").kid(el("h2", "em-title").attr("tabindex", "-1").text(title));
        if !text.is_empty() {
            words = words.kid(el("p", "em-text").text(text));
        }
        let head = el("div", "em-head").kid(mark).kid(words);
        el("section", "em-card").key(key).attr("data-say", say).kid(head)
    }

    /// A button; `act` is what a press does (see `driver`).
    fn press(&self, class: &'static str, act: &'static str, key: &str) -> Node {
        el("button", class).attr("type", "button").attr("data-act", act).text(self.word(key))
    }

    fn restart(&self, class: &'static str, key: &str) -> Node {
        self.press(class, "launch", key).test_id("embark-restart").on("disabled", !self.state.can_launch())
    }

    fn anew(&self, class: &'static str, key: &str) -> Node {
        self.press(class, "anew", key).test_id("embark-restart")
    }

    /// Shown while the edge does not answer.
    fn trouble(&self) -> Option<Node> {
        (self.state.trouble > 1).then(|| {
            el("div", "em-banner")
                .key("trouble")
                .attr("role", "alert")
                .kid(el("span", "").text(self.word("trouble.text")))
                .kid(self.press("em-link", "retry", "trouble.retry").test_id("embark-retry"))
        })
    }
}

/// The widget's place in the document.
pub struct Screen {
    document: Document,
    pub root: Element,
    shown: Node,
}

impl Screen {
    /// Puts the first picture into `host`, in place of whatever is there.
    pub fn new(document: Document, host: &Element, state: &State, words: &dyn Words, looks: &Looks) -> Option<Self> {
        let shown = render(&Sight { state, words, looks });
        let root = patch::build(&document, &shown)?;
        host.set_text_content(None);
        host.append_child(&root).ok()?;
        let screen = Self { document, root, shown };
        screen.dress(looks);
        Some(screen)
    }

    pub fn show(&mut self, state: &State, words: &dyn Words, looks: &Looks) {
        let next = render(&Sight { state, words, looks });
        if next == self.shown {
            return;
        }
        let held = self.holds_focus();
        patch::patch(&self.document, &self.root, &self.shown, &next);
        self.shown = next;
        // What had the focus is gone: the new panel's title takes it, so that nobody is sent to the top.
        if held
            && !self.holds_focus()
            && let Ok(Some(title)) = self.root.query_selector("[autofocus],h2,button:enabled")
        {
            let _ = title.unchecked_into::<HtmlElement>().focus();
        }
    }

    fn holds_focus(&self) -> bool {
        matches!(self.root.query_selector(":focus"), Ok(Some(_)))
    }

    /// Colours by CSSOM: a strict CSP refuses style attributes.
    fn dress(&self, looks: &Looks) {
        let style = self.root.unchecked_ref::<HtmlElement>().style();
        if let (Some(accent), Some(ink)) = (&looks.accent, looks.ink()) {
            let _ = style.set_property("--embark-accent", accent);
            let _ = style.set_property("--embark-ink", ink);
        }
        if let Some(radius) = looks.radius {
            let mut px = String::new();
            crate::json::digits(&mut px, radius);
            px.push_str("px");
            let _ = style.set_property("--embark-radius", &px);
        }
    }
}
