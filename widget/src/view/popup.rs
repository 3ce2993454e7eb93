//! While Meta's window is open, and after it was closed, cancelled, blocked or went silent.

use super::{icon::Icon, pen::Pen};
use crate::{
    flow::{Attempt, Note},
    json::join,
    listen::Cancel,
};
use alloc::string::String;
use embark_protocol::launch::Mode;

pub fn panel(pen: &mut Pen, attempt: &Attempt) {
    match attempt.note {
        Note::Open => open(pen, attempt),
        Note::Closed => closed(pen),
        Note::Silent => silent(pen),
        Note::Blocked => blocked(pen),
        Note::Cancelled => return cancelled(pen, &attempt.cancel.clone().unwrap_or_default()),
    }
    pen.close();
    pen.trouble();
    pen.close();
}

fn open(pen: &mut Pen, attempt: &Attempt) {
    pen.card("popup", Icon::Window, "busy");
    pen.acts();
    pen.press(
        "button.em-quiet data-act=show data-testid=embark-show",
        "popup.show",
        true,
    );
    if attempt.slow {
        pen.restart_link("start_again");
    }
}

fn closed(pen: &mut Pen) {
    pen.card("popup_closed", Icon::Pause, "calm");
    pen.acts();
    pen.restart("popup_closed.again");
    if pen.state.launch.mode != Mode::Inline {
        go_on(pen, "link");
    }
}

fn silent(pen: &mut Pen) {
    pen.card("popup_silent", Icon::Alert, "warn");
    pen.alert();
    pen.acts();
    pen.restart("continue");
}

fn blocked(pen: &mut Pen) {
    let page = pen.state.launch.dialog_url().is_some();
    let text = pen.word(if page {
        "popup_blocked.page"
    } else {
        "popup_blocked.text"
    });
    pen.card_saying("popup_blocked", Icon::Window, "warn", &text);
    pen.alert();
    pen.acts();
    go_on(pen, "button");
    pen.restart_link("popup_blocked.again");
}

/// Where the person left says what to do next; an error of Meta's is quoted as it is.
pub fn cancelled(pen: &mut Pen, cancel: &Cancel) {
    let error = Some(cancel).filter(|cancel| cancel.is_error());
    let text = match error {
        Some(error) => {
            let message = error
                .error_message
                .as_deref()
                .or(error.error_code.as_deref());
            pen.words
                .fill("cancelled.error", message.unwrap_or_default())
        }
        None => {
            let step = cancel.current_step.as_deref();
            pen.words.of("cancelled.step", step.unwrap_or_default())
        }
    };
    let (icon, tone) = if error.is_some() {
        (Icon::Alert, "warn")
    } else {
        (Icon::Pause, "calm")
    };
    pen.card_saying("cancelled", icon, tone, &text);
    pen.acts();
    pen.restart("continue");
    pen.close();
    if let Some(error) = error {
        // What Meta's support asks for, labelled as the trace id of a failed step is.
        let of = |id: &Option<String>| id.clone().unwrap_or_default();
        let ids = join(&[&of(&error.error_code), " ", &of(&error.session_id)]);
        if ids.len() > 1 {
            let text = pen.words.fill("failed.trace", &ids);
            pen.leaf("p.em-trace", &text);
        }
    }
    pen.close();
}

/// The way on without a popup: the hosted page in a tab of its own, and from there Meta's page in its place.
pub fn go_on(pen: &mut Pen, look: &str) {
    if pen.state.launch.dialog_url().is_some() {
        let sign = join(&["button.em-", look, " data-act=here data-testid=embark-here"]);
        return pen.press(&sign, "popup_blocked.here", true);
    }
    let sign = join(&[look, " data-testid=embark-continue-link"]);
    let href = pen.state.launch.handover_url();
    pen.link(&sign, &href, "popup_blocked.link");
}
