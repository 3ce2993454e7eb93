//! Subscribes our app to the account's webhooks
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/override>). A plain
//! `POST /{waba}/subscribed_apps` clears an override of the callback URL, which would divert live messages: it
//! is sent only where our app is not listed, and after an unknown outcome the list is read first.

use super::transition::{RetryOrEnd, StepInput, Transition, retry_or_end};
use crate::meta::response::{SubscribedApps, Success, decode};
use crate::meta::{ErrorClass, request};
use crate::signup::effects::{Effect, EffectId, Outcome};
use crate::signup::state::{SubscribeState, VerifiedAssets};
use crate::workflow::{AppContext, RetryState};
use embark_protocol::Step;

impl SubscribeState {
    /// Subscribes, or reads whether our app is subscribed. `left_to_provider`: another provider receives the
    /// webhooks instead.
    pub(in crate::signup) fn poll(
        &mut self,
        input: StepInput<'_>,
        verified: &VerifiedAssets,
        left_to_provider: bool,
        in_flight: &[EffectId],
        cx: &AppContext<'_>,
    ) -> Transition {
        let (retry, read_first) = match *self {
            Self::Done | Self::Skipped => return Transition::done(),
            Self::Todo if left_to_provider => {
                *self = Self::Skipped;
                return Transition::done();
            }
            Self::Todo if verified.subscribed => {
                *self = Self::Done;
                return Transition::done();
            }
            _ if in_flight.contains(&EffectId::Subscribe) => return Transition::pending(),
            Self::Todo => (RetryState::default(), false),
            Self::Retry { retry, .. } if !retry.is_due(cx.now) => {
                return Transition::wake_at(retry.not_before);
            }
            Self::Retry { retry, read_first } => (retry, read_first),
            // Begun by an earlier incarnation.
            Self::Posting { retry } | Self::Reading { retry } => (retry, true),
        };
        let Some(token) = input.token else {
            return Transition::pending();
        };
        let retry = retry.begin_attempt(cx.now);
        let waba = &verified.waba.id;
        let call = if read_first {
            *self = Self::Reading { retry };
            request::subscribed_apps(waba)
        } else {
            *self = Self::Posting { retry };
            request::subscribe(waba)
        };
        let request = call.sign(cx.credentials, token);
        Transition::effect(EffectId::Subscribe, Effect::Meta(request))
    }

    /// Stores the result, or schedules the next request.
    pub(in crate::signup) fn on_outcome(
        &mut self,
        outcome: Outcome,
        cx: &AppContext<'_>,
    ) -> Transition {
        let Outcome::Api(result) = outcome else {
            return Transition::pending();
        };
        let (retry, was_reading, subscribed) = match *self {
            Self::Posting { retry } => (retry, false, decode::<Success>(result).map(|_| true)),
            Self::Reading { retry } => {
                let app_id = cx.credentials.app_id.as_str();
                let apps = decode::<SubscribedApps>(result);
                (retry, true, apps.map(|apps| apps.contains(app_id)))
            }
            _ => return Transition::pending(),
        };
        let error = match subscribed {
            Ok(true) => {
                *self = Self::Done;
                return Transition::pending();
            }
            Ok(false) => {
                *self = Self::Retry {
                    retry,
                    read_first: false,
                };
                return Transition::pending();
            }
            Err(error) => error,
        };
        match retry_or_end(&error, retry, Step::Subscribe, cx) {
            RetryOrEnd::Retry(retry, transition) => {
                *self = Self::Retry {
                    retry,
                    read_first: was_reading || error.class == ErrorClass::Indeterminate,
                };
                transition
            }
            RetryOrEnd::End(transition) => transition,
        }
    }
}
