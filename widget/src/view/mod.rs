//! What a person sees: the state, written on paper by a `Pen`. One panel at a time, and one polite live
//! region beside it that says what has come up.

mod ends;
mod form;
mod icon;
pub mod looks;
mod paper;
mod pen;
mod popup;
mod progress;
mod start;
#[cfg(test)]
mod tests;

use alloc::string::String;
use crate::{
    flow::{Note, Phase, Sdk, State, snapshot::status_word},
    i18n::{Words, is_rtl},
    js::{self, Js},
    json::join,
};
use embark_protocol::Status;
use looks::Looks;
use paper::{Page, Paper};
use pen::Pen;

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

/// Writes the whole widget: the content of its root element.
fn write(paper: &mut dyn Paper, state: &State, words: &Words, looks: &Looks) {
    let mut pen = Pen { paper, state, words, looks, said: String::new() };
    let lang = pen.word("lang");
    pen.attr("data-testid", "embark-state");
    pen.attr("data-state", state_name(state));
    pen.attr("lang", &lang);
    pen.attr("dir", if is_rtl(&lang) { "rtl" } else { "ltr" });
    match &state.phase {
        Phase::Resuming => progress::resuming(&mut pen),
        Phase::Idle if state.sdk == Sdk::Blocked => start::sdk_blocked(&mut pen),
        Phase::Idle => start::button(&mut pen),
        Phase::Popup(attempt) => popup::panel(&mut pen, attempt),
        Phase::Sending => progress::sending(&mut pen),
        Phase::Following(following) => match following.snapshot.status {
            Status::NeedsInput => form::panel(&mut pen, following),
            Status::Launched | Status::Running | Status::Waiting => progress::panel(&mut pen, following),
            _ => ends::panel(&mut pen, &following.snapshot),
        },
        Phase::Stopped(problem) => ends::stopped(&mut pen, problem),
    }
    let said = core::mem::take(&mut pen.said);
    pen.leaf("p.em-spoken role=status", &said);
    pen.close();
}

/// The widget's place in the document.
pub struct Screen {
    document: Js,
    pub root: Js,
}

impl Screen {
    /// Takes the place of whatever is in `host`.
    pub fn new(document: &Js, host: &Js, looks: &Looks) -> Self {
        let root = document.create_element(paper::XHTML, "div");
        root.set_attribute("class", "embark");
        root.set_attribute("data-theme", &looks.theme);
        root.set_attribute("data-size", &looks.size);
        root.set_attribute("data-shape", &looks.shape);
        // By CSSOM: a strict CSP refuses style attributes.
        let style = js::get(&root, "style");
        if let (Some(accent), Some(ink)) = (&looks.accent, looks.ink()) {
            js::tell(&style, "setProperty", "--embark-accent", accent);
            js::tell(&style, "setProperty", "--embark-ink", ink);
        }
        if let Some(radius) = &looks.radius {
            js::tell(&style, "setProperty", "--embark-radius", &join(&[radius, "px"]));
        }
        js::set_text(host, "textContent", "");
        host.insert_before(&root, None);
        Self { document: document.clone(), root }
    }

    pub fn show(&self, state: &State, words: &Words, looks: &Looks) {
        let held = self.holds_focus();
        write(&mut Page::new(&self.document, &self.root), state, words, looks);
        // What had the focus is gone: the new panel takes it, so that nobody is sent to the top of the page.
        if held
            && !self.holds_focus()
            && let Some(next) = self.root.find("[autofocus],h2,button:enabled")
        {
            js::tell(&next, "focus", "", "");
        }
    }

    fn holds_focus(&self) -> bool {
        self.root.find(":focus").is_some()
    }
}
