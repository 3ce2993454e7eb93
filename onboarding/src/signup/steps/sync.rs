//! Requests contacts and chat history of a number that stays in the WhatsApp Business app
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-business-app-users>):
//! each once, within 24 h of the signup. Whether it is such a number is decided by what the inspect step read,
//! never by the browser's event.
//!
//! The data arrives by webhook only, and can be requested once: where the app's webhook lacks the fields, the
//! request waits for the operator. A failure here does not end the signup: it becomes a warning.

use super::transition::{StepInput, Transition, WaitChange};
use crate::meta::response::{WebhookSubscriptions, decode};
use crate::meta::{check, request};
use crate::signup::effects::{Effect, EffectId, Outcome};
use crate::signup::record::VisibleWait;
use crate::signup::state::{SyncPhase, SyncState};
use crate::time::UnixMillis;
use crate::workflow::{AppContext, RetryDecision, RetryState, classify};
use core::time::Duration;
use embark_protocol::{PhoneNumberId, Problem, ProblemCode, Step};

impl SyncState {
    /// Begins the next request when it is due. `phone`: the number, if it stays in the app and we receive its
    /// webhooks.
    pub(in crate::signup) fn poll(
        &mut self,
        input: StepInput<'_>,
        phone: Option<&PhoneNumberId>,
        in_flight: &[EffectId],
        cx: &AppContext<'_>,
    ) -> Transition {
        let Some(phone) = phone else {
            return Transition::done();
        };
        if self.phase == SyncPhase::Done {
            return Transition::done();
        }
        if in_flight.contains(&EffectId::Sync) {
            return Transition::pending();
        }
        let deadline = deadline(input);
        if cx.now >= deadline {
            return self.give_up("sync_missed");
        }
        if !self.retry.is_due(cx.now) {
            return Transition::wake_at(self.retry.not_before.min(deadline));
        }
        let Some(token) = input.token else {
            return self.give_up("sync_missed");
        };
        let credentials = cx.credentials;
        let request = match self.phase {
            SyncPhase::ReadingWebhookFields => {
                request::subscriptions(credentials).sign(credentials)
            }
            SyncPhase::Contacts => {
                request::sync(phone, "smb_app_state_sync").sign(credentials, token)
            }
            SyncPhase::History | SyncPhase::Done => {
                request::sync(phone, "history").sign(credentials, token)
            }
        };
        self.retry = self.retry.begin_attempt(cx.now);
        Transition::effect(EffectId::Sync, Effect::Meta(request))
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
            Some(WINDOW_CLOSED) => return self.give_up("sync_missed"),
            _ => {}
        }
        match classify(&error, self.retry, Step::Sync, cx) {
            RetryDecision::Retry(retry) => {
                self.retry = retry;
                Transition::pending()
            }
            RetryDecision::Relaunch(_) | RetryDecision::Fail(_) => self.give_up("sync_refused"),
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
        let detail =
            "the app's webhook must hear history, smb_app_state_sync and smb_message_echoes";
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

    /// The step ends without the data.
    fn give_up(&mut self, warning: &'static str) -> Transition {
        self.phase = SyncPhase::Done;
        Transition {
            wait: WaitChange::Clear,
            warnings: vec![warning],
            ..Transition::done()
        }
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
