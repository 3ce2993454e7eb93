//! Requests contacts and chat history of a number that stays in the WhatsApp Business app
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-business-app-users>):
//! each once, within 24 h of the signup. Where Meta's node never showed that it is such a number, and only the popup or
//! the site said so, the data is requested all the same, and the site is told at once that it may be missed.
//!
//! The data arrives by webhook only, and can be requested once: where the app's webhook lacks the fields, the
//! request waits for the operator. A failure here does not end the signup: it becomes a warning.

use super::transition::{StepEvent, StepInput, StepStatus, Transition, WaitChange};
use crate::meta::response::{PhoneNumber, WebhookSubscriptions, decode};
use crate::meta::{check, request};
use crate::signup::effects::{Effect, EffectId, Outcome};
use crate::signup::record::VisibleWait;
use crate::signup::state::{SyncPhase, SyncState};
use crate::time::UnixMillis;
use crate::workflow::{AppContext, RetryDecision, RetryState, classify};
use core::time::Duration;
use embark_protocol::site_events::SiteEventType;
use embark_protocol::{Problem, ProblemCode, Step};

/// What the sync step needs beyond [`StepInput`].
#[derive(Clone, Copy)]
pub(in crate::signup) struct SyncInput<'a> {
    /// The number, if it stays in the app and we receive its webhooks.
    pub(in crate::signup) phone: Option<&'a PhoneNumber>,
}

impl SyncState {
    /// Begins the next request when it is due.
    pub(in crate::signup) fn poll(
        &mut self,
        input: StepInput<'_>,
        sync: SyncInput<'_>,
        in_flight: &[EffectId],
        cx: &AppContext<'_>,
    ) -> Transition {
        let Some(phone) = sync.phone else {
            return Transition::done();
        };
        if self.phase == SyncPhase::Done {
            return Transition::done();
        }
        let mut transition = Transition::pending();
        if !self.unconfirmed && !phone.is_settled_coexistence() {
            self.unconfirmed = true;
            transition = missed("sync_missed");
        }
        if in_flight.contains(&EffectId::Sync) {
            return Transition::pending();
        }
        let deadline = deadline(input);
        if cx.now >= deadline {
            return self.give_up("sync_missed", transition);
        }
        if !self.retry.is_due(cx.now) {
            return transition.or_wake_at(self.retry.not_before.min(deadline));
        }
        let Some(token) = input.token else {
            return self.give_up("sync_missed", transition);
        };
        let credentials = cx.credentials;
        let request = match self.phase {
            SyncPhase::ReadingWebhookFields => {
                request::subscriptions(credentials).sign(credentials)
            }
            SyncPhase::Contacts => {
                request::sync(&phone.id, "smb_app_state_sync").sign(credentials, token)
            }
            SyncPhase::History | SyncPhase::Done => {
                request::sync(&phone.id, "history").sign(credentials, token)
            }
        };
        self.retry = self.retry.begin_attempt(cx.now);
        transition.effects = vec![(EffectId::Sync, Effect::Meta(request))];
        transition
    }

    /// Goes on to the next request, repeats this one, or gives up.
    pub(in crate::signup) fn on_outcome(
        &mut self,
        input: StepInput<'_>,
        outcome: Outcome,
        cx: &AppContext<'_>,
    ) -> Transition {
        let Outcome::Api(result) = outcome else {
            return Transition::pending();
        };
        let error = match self.phase {
            SyncPhase::ReadingWebhookFields => match decode::<WebhookSubscriptions>(result) {
                Ok(subscriptions) if subscriptions.have_fields(FIELDS) => return self.advance(),
                // Nobody is kept waiting for data that may not exist.
                Ok(_) if self.unconfirmed => {
                    return self.give_up("sync_missed", Transition::pending());
                }
                Ok(_) => return self.wait_for_operator(input, cx),
                Err(error) => error,
            },
            // Any response without an error: it was requested.
            _ => match check(result) {
                Ok(_) => return self.advance(),
                Err(error) => error,
            },
        };
        match error.code {
            Some(ALREADY_REQUESTED) => return self.advance(),
            Some(WINDOW_CLOSED) => {
                return self.give_up("sync_missed", Transition::pending());
            }
            _ => {}
        }
        match classify(&error, self.retry, Step::Sync, cx) {
            RetryDecision::Retry(retry) => {
                self.retry = retry;
                Transition::pending()
            }
            RetryDecision::Relaunch(_) | RetryDecision::Fail(_) => {
                self.give_up("sync_refused", Transition::pending())
            }
        }
    }

    fn advance(&mut self) -> Transition {
        self.retry = RetryState::default();
        self.phase = match self.phase {
            SyncPhase::ReadingWebhookFields => SyncPhase::Contacts,
            SyncPhase::Contacts => SyncPhase::History,
            SyncPhase::History | SyncPhase::Done => SyncPhase::Done,
        };
        Transition {
            wait: WaitChange::Clear,
            ..Transition::default()
        }
    }

    /// Shows the wait, which ends with Meta's window, and reads the fields again until then.
    fn wait_for_operator(&mut self, input: StepInput<'_>, cx: &AppContext<'_>) -> Transition {
        self.retry = RetryState {
            not_before: cx.now + READ_FIELDS_AGAIN,
            ..RetryState::default()
        };
        let detail = "the app's webhook must have the fields history, smb_app_state_sync and smb_message_echoes";
        let problem = Problem::new(ProblemCode::AppMisconfigured)
            .at_step(Step::Sync)
            .with_detail(detail);
        Transition {
            wait: WaitChange::Show(VisibleWait {
                until: deadline(input),
                problem,
            }),
            ..Transition::default()
        }
    }

    /// The step ends without the data. `transition`: what the poll has found before.
    fn give_up(&mut self, warning: &'static str, transition: Transition) -> Transition {
        self.phase = SyncPhase::Done;
        let reported = if self.unconfirmed {
            transition
        } else {
            missed(warning)
        };
        Transition {
            wait: WaitChange::Clear,
            status: StepStatus::Done,
            ..reported
        }
    }
}

/// The customer and the site's owner are told that chats may be missing.
fn missed(warning: &'static str) -> Transition {
    Transition {
        warnings: vec![warning],
        event: Some(StepEvent {
            event_type: SiteEventType::SyncMissed,
            problem: None,
        }),
        ..Transition::pending()
    }
}

/// Meta's window after the signup, less the time that the last request needs.
fn deadline(input: StepInput<'_>) -> UnixMillis {
    input.token_received_at + WINDOW
}

/// The webhook fields that the data arrives by.
const FIELDS: &[&str] = &["history", "smb_app_state_sync", "smb_message_echoes"];
/// Meta's code: it was requested before.
const ALREADY_REQUESTED: i64 = 2_593_107;
/// Meta's code: the 24 h are over.
const WINDOW_CLOSED: i64 = 2_593_108;
const WINDOW: Duration = Duration::from_secs(24 * 3_600 - 60);
const READ_FIELDS_AGAIN: Duration = Duration::from_mins(5);
