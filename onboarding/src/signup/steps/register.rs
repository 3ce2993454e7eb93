//! Registers the number with the Cloud API
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/registration>),
//! through the number's Phone object, which alone may do so. A number that is registered already, that stays in the
//! WhatsApp Business app, or that is still registered with the On-Premises API is never registered, and its owner is
//! asked for nothing. An unverified number is verified first. A two-step verification PIN that Meta wants and we do not
//! have is asked of the customer; none is guessed.

use super::transition::{RetryOrEnd, StepInput, Transition, retry_or_end};
use crate::crypto::Secret;
use crate::meta::ApiError;
use crate::resources::phone_number::{
    PhoneOwner, PhoneReply, PhoneRequest, RegisterRequest, typed_pin_name,
};
use crate::signup::effects::{Effect, EffectId, Outcome, PeerReply, PeerRequest};
use crate::signup::record::End;
use crate::signup::state::{
    ClaimState, RegisterPhase, RegisterState, Verification, VerifiedAssets,
};
use crate::workflow::{AppContext, Context, RetryState};
use core::time::Duration;
use embark_protocol::{PhoneNumberId, Problem, ProblemCode, Step};

/// What the register step needs beyond [`StepInput`].
#[derive(Clone, Copy)]
pub(in crate::signup) struct RegisterInput<'a> {
    /// The account and number.
    pub(in crate::signup) verified: &'a VerifiedAssets,
    /// The claim, which has the token for the Phone object.
    pub(in crate::signup) claim: &'a ClaimState,
    /// The number stays in the WhatsApp Business app by what Meta's popup or the site said.
    pub(in crate::signup) expects_coexistence: bool,
}

impl RegisterState {
    /// Asks the Phone object to register the number, or goes on with its verification.
    pub(in crate::signup) fn poll(
        &mut self,
        input: StepInput<'_>,
        register: RegisterInput<'_>,
        in_flight: &[EffectId],
        cx: &AppContext<'_>,
    ) -> Transition {
        let RegisterInput {
            verified, claim, ..
        } = register;
        let Some(phone) = &verified.phone else {
            self.phase = RegisterPhase::Skipped;
            return Transition::done();
        };
        if matches!(self.phase, RegisterPhase::Done | RegisterPhase::Skipped) {
            return Transition::done();
        }
        if self.rereads_first {
            return self.poll_first_reread(input, &phone.id, in_flight, cx);
        }
        let coexists = register.expects_coexistence || phone.is_coexistence();
        // Also where an earlier release asked the customer something: nothing is needed.
        if phone.is_settled_coexistence() || (phone.is_registered() && !coexists) {
            self.phase = RegisterPhase::Skipped;
            return Transition::done();
        }
        match &mut self.phase {
            RegisterPhase::Rereading { at } => {
                let at = *at;
                return self.poll_reread(at, input, &phone.id, in_flight, cx);
            }
            _ if coexists || phone.is_contradictory() => return self.reread_or_skip(cx),
            _ if phone.is_on_premise() => {
                return Transition::fail(ProblemCode::NumberOnPremise, Step::Register);
            }
            RegisterPhase::Done | RegisterPhase::Skipped => return Transition::done(),
            RegisterPhase::AwaitingPin { .. } => return Transition::pending(),
            RegisterPhase::Verifying(verification) => {
                return verification.poll(input, &phone.id, in_flight, cx);
            }
            RegisterPhase::Waiting { until, .. } if cx.now < *until => {
                return Transition::wake_at(*until);
            }
            RegisterPhase::Waiting { .. } => {
                // The wait was Meta's: what follows counts as a first attempt.
                self.phase = RegisterPhase::Todo;
                self.retry = RetryState::default();
            }
            RegisterPhase::Todo => {}
        }
        if phone.is_unverified() {
            self.phase = RegisterPhase::Verifying(Verification::AwaitingMethod { error: None });
            return Transition::pending();
        }
        if in_flight.contains(&EffectId::Register) {
            return Transition::pending();
        }
        if !self.retry.is_due(cx.now) {
            return Transition::wake_at(self.retry.not_before);
        }
        let Some(token) = claim.token.clone() else {
            return Transition::pending();
        };
        self.retry = self.retry.begin_attempt(cx.now);
        let request = RegisterRequest {
            owner: PhoneOwner {
                site: input.site.clone(),
                waba: verified.waba.id.clone(),
                signup: input.signup.clone(),
            },
            app: input.app.clone(),
            token,
            seen: phone.clone(),
            typed_pin: self.entered_pin.clone(),
        };
        let request = PhoneRequest::Register(Box::new(request));
        let request = PeerRequest::Phone(phone.id.clone(), Box::new(request));
        Transition::effect(EffectId::Register, Effect::Peer(Box::new(request)))
    }

    /// Stores the Phone object's answer, or schedules the request again.
    pub(in crate::signup) fn on_outcome(
        &mut self,
        outcome: Outcome,
        cx: &AppContext<'_>,
    ) -> Transition {
        let reply = match outcome {
            Outcome::Peer(Ok(PeerReply::Phone(reply))) => reply,
            // The request is idempotent: the object reads the number before it registers it again.
            _ => PhoneReply::Retry,
        };
        match reply {
            PhoneReply::Registered | PhoneReply::Claimed { .. } => {
                self.entered_pin = None;
                self.phase = RegisterPhase::Done;
            }
            PhoneReply::Busy { until } => {
                self.retry.not_before = until.max(cx.now + BUSY_PAUSE);
            }
            PhoneReply::Retry => return self.retry_later(cx),
            PhoneReply::NeedsPin { wrong } => {
                self.entered_pin = None;
                if self.pins_entered >= MAX_PINS {
                    return Transition::fail(ProblemCode::TooManyTries, Step::Register);
                }
                self.phase = RegisterPhase::AwaitingPin { wrong };
            }
            PhoneReply::NeedsVerification => {
                let verification = Verification::AwaitingMethod { error: None };
                self.phase = RegisterPhase::Verifying(verification);
            }
            PhoneReply::Wait {
                until,
                code,
                meta_code,
                fbtrace_id,
            } => {
                let problem = problem(code, meta_code, fbtrace_id);
                self.phase = RegisterPhase::Waiting { until, problem };
            }
            PhoneReply::Owner { .. }
            | PhoneReply::Erased
            | PhoneReply::Resealed(_)
            | PhoneReply::Calls(_)
            | PhoneReply::OwnedElsewhere => {
                return Transition::fail(ProblemCode::OwnedElsewhere, Step::Register);
            }
            PhoneReply::Failed {
                code,
                meta_code,
                fbtrace_id,
            } => {
                let problem = problem(code, meta_code, fbtrace_id);
                return Transition::end(match code {
                    ProblemCode::TokenInvalid | ProblemCode::PhoneNotInWaba => {
                        End::Relaunch(problem)
                    }
                    _ => End::Failed(problem),
                });
            }
        }
        Transition::pending()
    }

    /// Stores what a request of the verification, or a further read of the number, came to. `verified`: takes in a
    /// number that was read again.
    pub(in crate::signup) fn on_verification_outcome(
        &mut self,
        verified: Option<&mut VerifiedAssets>,
        outcome: Outcome,
        cx: &AppContext<'_>,
    ) -> Transition {
        if self.rereads_first {
            return self.on_first_reread(verified, outcome, cx);
        }
        let verification = match &self.phase {
            RegisterPhase::Rereading { .. } => return self.on_reread(verified, outcome),
            RegisterPhase::Verifying(verification) => verification,
            _ => return Transition::pending(),
        };
        let result = verification.clone().on_outcome(outcome, cx);
        if let (Some(verified), Some(phone)) = (verified, result.phone) {
            verified.phone = Some(phone);
        }
        self.phase = result.phase;
        result.transition
    }

    /// Checks that the customer is asked for a PIN.
    ///
    /// # Errors
    /// `input_not_asked` if not.
    pub(in crate::signup) fn check_awaits_pin(&self) -> Result<(), Problem> {
        match self.phase {
            RegisterPhase::AwaitingPin { .. } => Ok(()),
            _ => Err(Problem::new(ProblemCode::InputNotAsked).at_step(Step::Register)),
        }
    }

    /// The customer entered a PIN.
    ///
    /// # Errors
    /// `input_not_asked` if no PIN is awaited, `internal` if it cannot be sealed.
    pub(in crate::signup) fn submit_pin(
        &mut self,
        phone: &PhoneNumberId,
        pin: &Secret,
        cx: &Context<'_>,
    ) -> Result<(), Problem> {
        self.check_awaits_pin()?;
        let sealed = cx.keyring.seal(&typed_pin_name(phone), pin, cx.nonce());
        self.entered_pin = Some(sealed.map_err(|_| Problem::new(ProblemCode::Internal))?);
        self.pins_entered = self.pins_entered.saturating_add(1);
        self.retry = RetryState::default();
        self.phase = RegisterPhase::Todo;
        Ok(())
    }

    fn retry_later(&mut self, cx: &AppContext<'_>) -> Transition {
        match retry_or_end(&ApiError::unreadable(), self.retry, Step::Register, cx) {
            RetryOrEnd::Retry(retry, transition) => {
                self.retry = retry;
                transition
            }
            RetryOrEnd::End(transition) => transition,
        }
    }
}

fn problem(code: ProblemCode, meta_code: Option<String>, fbtrace_id: Option<String>) -> Problem {
    Problem {
        meta_code,
        fbtrace_id,
        ..Problem::new(code).at_step(Step::Register)
    }
}

/// The pause while another registration of the same number is under way.
const BUSY_PAUSE: Duration = Duration::from_millis(700);
/// How many PINs a customer may enter. Meta locks the number for guessing later than that (133008).
pub(in crate::signup) const MAX_PINS: u8 = 3;
