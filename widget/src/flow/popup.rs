//! The results of one popup, in any order: the code (callback), the ids (message event), a cancellation
//! (either or both), or nothing. A code that comes late is still used, whatever is on the screen.
//!
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/implementation>

use super::{
    effect::{Effect, Effects, Timer},
    post_request::PostRequest,
    state::{Phase, State},
};
use crate::{
    error::local_problem,
    host_events::HostEvent,
    meta_message::{Finish, MetaMessage},
};
use embark_protocol::{
    Remedy,
    requests::{AssetsRequest, CodeSource, EndReason, EndedRequest, OutcomeRequest},
};
use embark_view::model::{Cancellation, PopupStatus};

/// Longest time between callback and message event of a cancelled launch.
const CANCEL_DETAILS_MS: u32 = 1_500;
/// A code may arrive so long after the popup was closed.
const LATE_CODE_MS: u32 = 1_000;
/// A page that loses the focus within this time after `FB.login` returned has lost it to the window that `FB.login` opened.
const OPENING_MS: u64 = 2_000;
/// The code is due so long after a FINISH message.
const MISSING_CODE_MS: u32 = 10_000;
/// Lifetime of Meta's authorization code.
const CODE_LIFETIME_MS: u64 = 30_000;
/// For how long the `ended` and `assets` posts are retried.
const ENDED_RETRY_MS: u64 = 20_000;
const ASSETS_RETRY_MS: u64 = 30_000;
/// Longest code that is passed on, in bytes.
const MAX_CODE: usize = 4_096;

impl State {
    /// Posts the code at once, with the ids if they are known.
    pub(super) fn on_code(&mut self, effects: &mut Effects, code: &str) {
        let Phase::Popup(attempt) = &mut self.phase else {
            return;
        };
        if code.is_empty() || code.len() > MAX_CODE {
            return self.fail(effects, local_problem("code_missing", Remedy::Relaunch));
        }
        let redirect_uri = attempt.redirect_uri.take();
        let (event, ids, granted) = match attempt.finish.take() {
            Some(finish) => (Some(finish.event), finish.ids, finish.granted),
            None => Default::default(),
        };
        self.awaits_ids = ids.is_none();
        let request = PostRequest::Outcome(OutcomeRequest {
            code: code.to_owned(),
            code_source: CodeSource::Sdk,
            redirect_uri,
            event,
            ids,
            granted,
            attempt: self.launch_number(),
        });
        self.stop_waiting_for_popup(effects);
        self.phase = Phase::Sending;
        self.enqueue_post(effects, request, CODE_LIFETIME_MS);
    }

    /// The callback without a code: closed, cancelled or not authorised. The message event names the
    /// screen, and may come before or after.
    pub(super) fn on_callback_without_code(&mut self, effects: &mut Effects, number: u32) {
        match &mut self.phase {
            Phase::Popup(attempt) if attempt.number == number => {
                attempt.called_back = true;
                match attempt.popup {
                    PopupStatus::Open if attempt.cancel.is_some() => self.on_cancelled(effects),
                    PopupStatus::Open if attempt.no_window => self.on_no_window(effects),
                    PopupStatus::Open => {
                        effects.start_timer(Timer::CancelDetails, CANCEL_DETAILS_MS);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    pub(super) fn on_meta_message(&mut self, effects: &mut Effects, message: MetaMessage) {
        match (&mut self.phase, message) {
            (Phase::Popup(attempt), MetaMessage::Finish(finish)) => {
                attempt.finish = Some(finish);
                effects.start_timer(Timer::MissingCode, MISSING_CODE_MS);
            }
            (Phase::Popup(attempt), MetaMessage::Cancel(cancel)) => {
                attempt.cancel = Some(cancel);
                match attempt.popup {
                    PopupStatus::Closed | PopupStatus::Cancelled => self.on_cancelled(effects),
                    _ => effects.start_timer(Timer::CancelDetails, CANCEL_DETAILS_MS),
                }
            }
            (
                Phase::Sending | Phase::Following(_),
                MetaMessage::Finish(Finish {
                    event,
                    ids: Some(ids),
                    granted,
                }),
            ) if self.awaits_ids => {
                self.awaits_ids = false;
                let request = PostRequest::Assets(AssetsRequest {
                    event: Some(event),
                    ids,
                    granted,
                    attempt: self.launch_number(),
                });
                self.enqueue_post(effects, request, ASSETS_RETRY_MS);
            }
            _ => {}
        }
    }

    pub(super) fn on_popup_closed(&mut self, effects: &mut Effects) {
        if self.is_popup_open() {
            effects.push(Effect::UnwatchPopup);
            effects.start_timer(Timer::LateCode, LATE_CODE_MS);
        }
    }

    /// The popup was closed, and no code came in time.
    pub(super) fn on_late_code_timeout(&mut self, effects: &mut Effects) {
        let Phase::Popup(attempt) = &mut self.phase else {
            return;
        };
        if attempt.cancel.is_some() {
            return self.on_cancelled(effects);
        }
        if attempt.finish.is_some() {
            attempt.popup = PopupStatus::CodeMissing;
        } else if attempt.popup == PopupStatus::Open && attempt.no_window {
            attempt.popup = PopupStatus::NotOpened;
            self.post_ended(effects, EndReason::NoWindow);
        } else if attempt.popup == PopupStatus::Open {
            attempt.popup = PopupStatus::Closed;
            effects.announce(HostEvent::cancelled(
                self.subject(),
                EndReason::Closed.as_str(),
                &Cancellation::default(),
            ));
            self.post_ended(effects, EndReason::Closed);
        }
        // A popup that is severed from this page also reads as closed, and the person may continue in
        // it: follow the signup.
        self.poll(effects);
    }

    /// Callback, message event or both said that the person left. An earlier FINISH wins: Meta counts
    /// the last screen as success however it is left.
    pub(super) fn on_cancelled(&mut self, effects: &mut Effects) {
        let Phase::Popup(attempt) = &mut self.phase else {
            return;
        };
        effects.stop_timer(Timer::CancelDetails);
        effects.stop_timer(Timer::LateCode);
        if attempt.finish.is_some() {
            attempt.popup = PopupStatus::CodeMissing;
            return;
        }
        let before = std::mem::replace(&mut attempt.popup, PopupStatus::Cancelled);
        let cancel = attempt.cancel.clone().unwrap_or_default();
        let reason = if cancel.is_error() {
            EndReason::Error
        } else {
            EndReason::Cancelled
        };
        if !matches!(before, PopupStatus::Closed | PopupStatus::Cancelled) {
            effects.announce(HostEvent::cancelled(
                self.subject(),
                reason.as_str(),
                &cancel,
            ));
        }
        self.post_ended(effects, reason);
    }

    /// `FB.login` opened no window. An answer without a code shows that there is none; without an answer there may be
    /// one that this page does not know of.
    pub(super) fn on_no_window(&mut self, effects: &mut Effects) {
        let Phase::Popup(attempt) = &mut self.phase else {
            return;
        };
        attempt.no_window = true;
        if !attempt.called_back {
            return self.on_popup_closed(effects);
        }
        effects.stop_timer(Timer::CancelDetails);
        effects.stop_timer(Timer::LateCode);
        attempt.popup = PopupStatus::NotOpened;
        self.post_ended(effects, EndReason::NoWindow);
        self.poll(effects);
    }

    /// A window came to the front of a page that was given no handle of one: right after the launch it is Meta's.
    pub(super) fn on_page_blurred(&mut self) {
        let now = self.now;
        if let Phase::Popup(attempt) = &mut self.phase {
            let is_recent = attempt
                .returned_at
                .is_some_and(|returned_at| now.saturating_sub(returned_at) < OPENING_MS);
            attempt.severed |= is_recent && attempt.popup == PopupStatus::Blocked;
        }
    }

    pub(super) fn on_code_missing(&mut self) {
        if let Phase::Popup(attempt) = &mut self.phase {
            attempt.popup = PopupStatus::CodeMissing;
        }
    }

    pub(super) fn on_popup_open_long(&mut self) {
        if let Phase::Popup(attempt) = &mut self.phase {
            attempt.open_long = true;
        }
    }

    pub(super) fn on_page_hidden(&mut self, effects: &mut Effects) {
        if self.is_popup_open() {
            self.post_ended(effects, EndReason::Closed);
        }
    }

    /// Posts why the launch ended, with what Meta said about the cancellation.
    pub(super) fn post_ended(&mut self, effects: &mut Effects, reason: EndReason) {
        let Phase::Popup(attempt) = &self.phase else {
            return;
        };
        let cancel = attempt.cancel.clone().unwrap_or_default();
        self.enqueue_ended(effects, reason, cancel);
    }

    pub(super) fn enqueue_ended(
        &mut self,
        effects: &mut Effects,
        reason: EndReason,
        cancel: Cancellation,
    ) {
        let request = PostRequest::Ended(EndedRequest {
            reason,
            current_step: cancel.current_step,
            error_code: cancel.error_code,
            error_message: cancel.error_message,
            session_id: cancel.session_id,
            attempt: self.launch_number(),
        });
        self.enqueue_post(effects, request, ENDED_RETRY_MS);
    }

    fn is_popup_open(&self) -> bool {
        matches!(&self.phase, Phase::Popup(attempt) if attempt.popup == PopupStatus::Open)
    }
}
