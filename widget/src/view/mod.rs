//! What a person sees: the state, written on paper by a `Pen`. One panel at a time, and one polite live
//! region beside it that says what has come up.

mod ends;
mod form;
mod icon;
#[cfg(test)]
mod locales;
pub mod looks;
mod paper;
mod pen;
mod popup;
mod progress;
mod report;
mod start;
#[cfg(test)]
mod tests;

use crate::{
    flow::{Note, Phase, Sdk, State, snapshot::status_word},
    i18n::Words,
};
use alloc::string::String;
use embark_protocol::Status;
use looks::Looks;
use paper::Paper;
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
pub fn write(paper: &mut dyn Paper, state: &State, words: &Words, looks: &Looks) {
    let mut pen = Pen {
        paper,
        state,
        words,
        looks,
        said: String::new(),
    };
    let lang = pen.word("lang");
    pen.attr("data-testid", "embark-state");
    pen.attr("data-state", state_name(state));
    pen.attr("data-size", &looks.size);
    pen.attr("data-shape", &looks.shape);
    pen.attr("lang", &lang);
    pen.attr("dir", if words.is_rtl() { "rtl" } else { "ltr" });
    match &state.phase {
        Phase::Resuming => progress::resuming(&mut pen),
        Phase::Idle if state.sdk == Sdk::Blocked => start::sdk_blocked(&mut pen),
        Phase::Idle => start::button(&mut pen),
        Phase::Popup(attempt) => popup::panel(&mut pen, attempt),
        Phase::Sending => progress::sending(&mut pen),
        Phase::Following(following) => match following.snapshot.status {
            Status::NeedsInput => form::panel(&mut pen, following),
            Status::Launched | Status::Running | Status::Waiting => {
                progress::panel(&mut pen, following)
            }
            _ => ends::panel(&mut pen, following),
        },
        Phase::Stopped(problem) => ends::stopped(&mut pen, problem),
    }
    let said = core::mem::take(&mut pen.said);
    pen.leaf("p.em-spoken role=status", &said);
}

/// The site owner's colours and corners.
#[cfg(not(test))]
pub fn dress(page: &crate::page::Page, looks: &Looks) {
    if let (Some(accent), Some(ink)) = (&looks.accent, looks.ink()) {
        page.style("--embark-accent", accent);
        page.style("--embark-ink", ink);
    }
    if let Some(radius) = &looks.radius {
        page.style("--embark-radius", &crate::json::join(&[radius, "px"]));
    }
}
