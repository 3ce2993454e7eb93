//! While Meta's window is open, and after it was closed, cancelled, blocked or went silent.

use super::{
    Sight,
    icon::{self, mark},
    tree::{Node, el},
};
use crate::{
    flow::{Attempt, Note},
    listen::Cancel,
};
use embark_protocol::launch::Mode;

pub fn panel(sight: &Sight, attempt: &Attempt) -> Node {
    match attempt.note {
        Note::Open => open(sight, attempt),
        Note::Closed => closed(sight),
        Note::Silent => silent(sight),
        Note::Blocked => blocked(sight),
        Note::Cancelled => cancelled(sight, &attempt.cancel.clone().unwrap_or_default()),
    }
    .kids(sight.trouble())
}

fn open(sight: &Sight, attempt: &Attempt) -> Node {
    let mut acts = el("div", "em-acts").kid(sight.press("em-button em-quiet", "show", "popup.show"));
    if attempt.slow {
        acts = acts.kid(sight.restart("em-link", "start_again"));
    }
    sight
        .card("popup", mark(icon::WINDOW, "busy"), sight.word("popup.title"), sight.word("popup.text"))
        .kid(acts)
}

fn closed(sight: &Sight) -> Node {
    let mut acts = el("div", "em-acts").kid(sight.restart("em-button", "popup_closed.again"));
    if sight.state.launch.mode == Mode::Frame {
        acts = acts.kid(continue_link(sight, "em-link"));
    }
    sight
        .card("closed", mark(icon::PAUSE, "calm"), sight.word("popup_closed.title"), sight.word("popup_closed.text"))
        .kid(acts)
}

fn silent(sight: &Sight) -> Node {
    sight
        .card("silent", mark(icon::ALERT, "warn"), sight.word("popup_silent.title"), sight.word("popup_silent.text"))
        .attr("role", "alert")
        .kid(el("div", "em-acts").kid(sight.restart("em-button", "continue")))
}

fn blocked(sight: &Sight) -> Node {
    sight
        .card("blocked", mark(icon::WINDOW, "warn"), sight.word("popup_blocked.title"), sight.word("popup_blocked.text"))
        .attr("role", "alert")
        .kid(
            el("div", "em-acts")
                .kid(continue_link(sight, "em-button"))
                .kid(sight.restart("em-link", "popup_blocked.again")),
        )
}

/// Where the person left says what to do next; an error of Meta's is quoted as it is.
pub fn cancelled(sight: &Sight, cancel: &Cancel) -> Node {
    let text = match (&cancel.error_message, &cancel.error_code) {
        (Some(message), _) => sight.words.fill("cancelled.error", "{message}", message),
        (None, Some(code)) => sight.words.fill("cancelled.error", "{message}", code),
        (None, None) => sight.words.of("cancelled.step", cancel.current_step.as_deref().unwrap_or_default()),
    };
    let tone = if cancel.is_error() { mark(icon::ALERT, "warn") } else { mark(icon::PAUSE, "calm") };
    let mut card = sight.card("cancelled", tone, sight.word("cancelled.title"), text);
    if cancel.is_error() {
        let code = cancel.error_code.iter().chain(&cancel.session_id);
        card = card.attr("role", "alert").kids(code.map(|id| el("p", "em-trace").text(id.clone())));
    }
    card.kid(el("div", "em-acts").kid(sight.restart("em-button", "continue")))
}

fn continue_link(sight: &Sight, class: &'static str) -> Node {
    el("a", class)
        .attr("href", sight.state.launch.handover_url())
        .attr("target", "_blank")
        .attr("rel", "noopener")
        .test_id("embark-continue-link")
        .text(sight.word("popup_blocked.link"))
}
