//! Reads the number again where Meta's fields contradict each other, or what the site or Meta's popup said: just after a
//! number was taken over from the WhatsApp Business app, its node shows it late
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-business-app-users>).
//! Meanwhile, and afterwards if they still do, the number is not registered: it may be in use.
//!
//! And reads it once where an operator has the signup tried again: what is known of it may be old.

use super::transition::{RetryOrEnd, StepInput, Transition, retry_or_end};
use crate::meta::request;
use crate::meta::response::{PhoneNumber, decode};
use crate::signup::effects::{Effect, EffectId, Outcome};
use crate::signup::record::End;
use crate::signup::state::{RegisterPhase, RegisterState, VerifiedAssets};
use crate::time::UnixMillis;
use crate::workflow::{AppContext, RetryState};
use core::time::Duration;
use embark_protocol::{PhoneNumberId, ProblemCode, Step};

impl RegisterState {
    /// Schedules the next read. Once the last one was made, the number is left as it is.
    pub(super) fn reread_or_skip(&mut self, cx: &AppContext<'_>) -> Transition {
        match PAUSES_S.get(usize::from(self.rereads)) {
            Some(pause) => {
                let at = cx.now + Duration::from_secs(*pause);
                self.phase = RegisterPhase::Rereading { at };
                Transition::wake_at(at)
            }
            None => {
                self.phase = RegisterPhase::Skipped;
                Transition::done()
            }
        }
    }

    /// Reads the number when that is due.
    pub(super) fn poll_reread(
        &mut self,
        at: UnixMillis,
        input: StepInput<'_>,
        phone: &PhoneNumberId,
        in_flight: &[EffectId],
        cx: &AppContext<'_>,
    ) -> Transition {
        if in_flight.contains(&EffectId::Verify) {
            return Transition::pending();
        }
        // The clock may have been put back.
        if cx.now < at && at <= cx.now + LONGEST_PAUSE {
            return Transition::wake_at(at);
        }
        let Some(token) = input.token else {
            return self.reread_or_skip(cx);
        };
        self.rereads = self.rereads.saturating_add(1);
        let request = request::phone(phone).sign(cx.credentials, token);
        Transition::effect(EffectId::Verify, Effect::Meta(request))
    }

    /// Takes in the number as it is now. A read that failed is one of the few.
    pub(super) fn on_reread(
        &mut self,
        verified: Option<&mut VerifiedAssets>,
        outcome: Outcome,
    ) -> Transition {
        if let (Outcome::Api(result), Some(verified)) = (outcome, verified)
            && let Ok(phone) = decode::<PhoneNumber>(result)
        {
            verified.phone = Some(phone);
        }
        self.phase = RegisterPhase::Todo;
        Transition::pending()
    }
}

impl RegisterState {
    /// Reads the number before anything else is done with it.
    pub(super) fn poll_first_reread(
        &mut self,
        input: StepInput<'_>,
        phone: &PhoneNumberId,
        in_flight: &[EffectId],
        cx: &AppContext<'_>,
    ) -> Transition {
        let is_own = |id: &EffectId| matches!(id, EffectId::Verify | EffectId::Register);
        if in_flight.iter().any(is_own) {
            return Transition::pending();
        }
        if !self.retry.is_due(cx.now) {
            return Transition::wake_at(self.retry.not_before);
        }
        let Some(token) = input.token else {
            return Transition::relaunch(ProblemCode::TokenInvalid, Step::Register);
        };
        self.retry = self.retry.begin_attempt(cx.now);
        let request = request::phone(phone).sign(cx.credentials, token);
        Transition::effect(EffectId::Verify, Effect::Meta(request))
    }

    /// Takes in the number as it is now. A read that fails for good ends no question and no wait of Meta's: the signup is where
    /// it was before.
    pub(super) fn on_first_reread(
        &mut self,
        verified: Option<&mut VerifiedAssets>,
        outcome: Outcome,
        cx: &AppContext<'_>,
    ) -> Transition {
        let (Outcome::Api(result), Some(verified)) = (outcome, verified) else {
            return Transition::pending();
        };
        let error = match decode::<PhoneNumber>(result) {
            Ok(phone) => {
                self.rereads_first = false;
                self.retry = RetryState::default();
                if !self.still_waits(verified.phone.as_ref(), &phone) {
                    self.phase = RegisterPhase::Todo;
                }
                verified.phone = Some(phone);
                return Transition::pending();
            }
            Err(error) => error,
        };
        let goes_on_without = !matches!(self.phase, RegisterPhase::Todo);
        match retry_or_end(&error, self.retry, Step::Register, cx) {
            RetryOrEnd::Retry(retry, transition) => {
                self.retry = retry;
                match goes_on_without {
                    true => Transition::pending(),
                    false => transition,
                }
            }
            RetryOrEnd::End(transition) => {
                let token_is_refused = transition.end.as_ref().is_some_and(End::is_token_refused);
                if !goes_on_without || token_is_refused {
                    return transition;
                }
                self.rereads_first = false;
                self.retry = RetryState::default();
                Transition::pending()
            }
        }
    }

    /// Whether a question or a wait is still there with the number as it is now. `before`: as it was.
    fn still_waits(&self, before: Option<&PhoneNumber>, now: &PhoneNumber) -> bool {
        let had_pin = before.and_then(|phone| phone.is_pin_enabled) == Some(true);
        let was_unverified = before.is_some_and(PhoneNumber::is_unverified);
        if now.is_live() {
            return false;
        }
        match &self.phase {
            // Where Meta did not show what is missing, that it does not show it now says nothing: a call would be lost.
            RegisterPhase::AwaitingPin { .. } => !had_pin || now.is_pin_enabled != Some(false),
            RegisterPhase::Verifying(_) => !was_unverified || now.is_unverified(),
            RegisterPhase::Waiting { .. } => true,
            RegisterPhase::Todo
            | RegisterPhase::Rereading { .. }
            | RegisterPhase::Done
            | RegisterPhase::Skipped => false,
        }
    }
}

/// The pauses before the reads, in seconds: four minutes in all.
const PAUSES_S: [u64; 7] = [5, 10, 15, 30, 60, 60, 60];
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
