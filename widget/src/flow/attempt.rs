//! What one opened popup brings, in whatever order: the code (callback), the ids (message event), a
//! cancellation (either or both), or nothing. Whatever was shown meanwhile, a late code still wins.

use super::{Effect, Effects, Kind, Phase, State, Timer};
use crate::{
    announce,
    error::Problem,
    json::{Object, object},
    listen::{Cancel, Finish, Message},
};
use alloc::string::String;

/// Callback and message event of a cancelled launch come apart by so much at most.
const SETTLE_MS: u32 = 1_500;
/// A code may land just after the popup closed.
const GRACE_MS: u32 = 3_000;
/// After a FINISH the code is due.
const SILENT_MS: u32 = 10_000;
/// How long Meta's code lives ("Step 1: Exchange the token code").
const CODE_LIVES_MS: u64 = 30_000;
const ENDED_MS: u64 = 20_000;
const ASSETS_MS: u64 = 30_000;
const LONGEST_CODE: usize = 4_096;

pub struct Attempt {
    pub number: u32,
    pub note: Note,
    pub redirect_uri: Option<String>,
    pub finish: Option<Finish>,
    pub cancel: Option<Cancel>,
    /// Open for long.
    pub slow: bool,
}

/// What is known of the popup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    Open,
    /// Closed, and nothing came.
    Closed,
    /// Meta said it is done; the code is missing.
    Silent,
    /// No handle came back: blocked, or open and severed from us.
    Blocked,
    /// The person left it.
    Cancelled,
}

impl Attempt {
    pub fn new(number: u32) -> Self {
        Self {
            number,
            note: Note::Open,
            redirect_uri: None,
            finish: None,
            cancel: None,
            slow: false,
        }
    }

    pub fn offers_restart(&self) -> bool {
        self.note != Note::Open || self.slow
    }
}

impl State {
    /// The code, posted in the tick it came with whatever ids are there.
    pub(super) fn code(&mut self, out: &mut Effects, code: &str) {
        let Phase::Popup(attempt) = &mut self.phase else {
            return;
        };
        if code.is_empty() || code.len() > LONGEST_CODE {
            return self.stop(out, Problem::ours("code_missing", "relaunch"));
        }
        let finish = attempt.finish.take();
        let body = outcome_body(code, attempt.redirect_uri.as_ref(), finish.as_ref());
        self.ids_wanted = finish.is_none_or(|finish| finish.ids.is_none());
        self.stop_waiting(out);
        self.phase = Phase::Sending;
        self.post(out, Kind::Outcome, body, CODE_LIVES_MS);
    }

    /// The callback without a code: closed, cancelled, not authorised. Meta's message says which step.
    pub(super) fn no_code(&mut self, out: &mut Effects, number: u32) {
        match &self.phase {
            Phase::Popup(attempt) if attempt.number == number => match attempt.note {
                Note::Open if attempt.cancel.is_some() => self.settled(out),
                Note::Open => out.after(Timer::Settle, SETTLE_MS),
                _ => {}
            },
            _ => {}
        }
    }

    pub(super) fn message(&mut self, out: &mut Effects, message: Message) {
        match (&mut self.phase, message) {
            (Phase::Popup(attempt), Message::Finish(finish)) => {
                attempt.finish = Some(finish);
                out.after(Timer::Silent, SILENT_MS);
            }
            (Phase::Popup(attempt), Message::Cancel(cancel)) => {
                attempt.cancel = Some(cancel);
                match attempt.note {
                    Note::Closed | Note::Cancelled => self.settled(out),
                    _ => out.after(Timer::Settle, SETTLE_MS),
                }
            }
            (
                Phase::Sending | Phase::Following(_),
                Message::Finish(Finish {
                    event,
                    ids: Some(ids),
                }),
            ) if self.ids_wanted => {
                self.ids_wanted = false;
                let mut body = object("event", &event);
                body.raw("ids", &ids);
                self.post(out, Kind::Assets, body, ASSETS_MS);
            }
            _ => {}
        }
    }

    pub(super) fn window_closed(&mut self, out: &mut Effects) {
        if matches!(&self.phase, Phase::Popup(attempt) if attempt.note == Note::Open) {
            out.push(Effect::Unwatch);
            out.after(Timer::Grace, GRACE_MS);
        }
    }

    /// The popup is gone and no code came.
    pub(super) fn grace_over(&mut self, out: &mut Effects) {
        let Phase::Popup(attempt) = &mut self.phase else {
            return;
        };
        if attempt.cancel.is_some() {
            return self.settled(out);
        }
        if attempt.finish.is_some() {
            attempt.note = Note::Silent;
        } else if attempt.note == Note::Open {
            attempt.note = Note::Closed;
            out.announce(announce::cancelled(
                &self.launch,
                "closed",
                &Cancel::default(),
            ));
            self.post_ended(out, "closed");
        }
        // A popup that reads as closed may be one that was severed from us: somebody may go on in it.
        self.ask(out);
    }

    /// Callback, message or both said that the person left. A FINISH outweighs them: the last screen
    /// counts as success however it is left ("Session info").
    pub(super) fn settled(&mut self, out: &mut Effects) {
        let Phase::Popup(attempt) = &mut self.phase else {
            return;
        };
        out.stop(Timer::Settle);
        out.stop(Timer::Grace);
        if attempt.finish.is_some() {
            attempt.note = Note::Silent;
            return;
        }
        let before = core::mem::replace(&mut attempt.note, Note::Cancelled);
        let cancel = attempt.cancel.clone().unwrap_or_default();
        let reason = if cancel.is_error() {
            "error"
        } else {
            "cancelled"
        };
        if !matches!(before, Note::Closed | Note::Cancelled) {
            out.announce(announce::cancelled(&self.launch, reason, &cancel));
        }
        self.post_ended(out, reason);
    }

    pub(super) fn silent(&mut self) {
        if let Phase::Popup(attempt) = &mut self.phase {
            attempt.note = Note::Silent;
        }
    }

    pub(super) fn slow(&mut self) {
        if let Phase::Popup(attempt) = &mut self.phase {
            attempt.slow = true;
        }
    }

    pub(super) fn page_hidden(&mut self, out: &mut Effects) {
        if matches!(&self.phase, Phase::Popup(attempt) if attempt.note == Note::Open) {
            self.post_ended(out, "closed");
        }
    }

    pub(super) fn post_ended(&mut self, out: &mut Effects, reason: &str) {
        let Phase::Popup(attempt) = &self.phase else {
            return;
        };
        let unsaid = Cancel::default();
        let cancel = attempt.cancel.as_ref().unwrap_or(&unsaid);
        let mut body = object("reason", reason);
        body.maybe("current_step", cancel.current_step.as_ref());
        body.maybe("error_code", cancel.error_code.as_ref());
        body.maybe("error_message", cancel.error_message.as_ref());
        body.maybe("session_id", cancel.session_id.as_ref());
        self.post(out, Kind::Ended, body, ENDED_MS);
    }
}

fn outcome_body(code: &str, redirect_uri: Option<&String>, finish: Option<&Finish>) -> Object {
    let mut body = object("code", code);
    body.text("code_source", "sdk");
    body.maybe("redirect_uri", redirect_uri);
    if let Some(finish) = finish {
        body.text("event", &finish.event);
        if let Some(ids) = &finish.ids {
            body.raw("ids", ids);
        }
    }
    body
}
