//! Verifies a number by a code
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/phone-numbers>):
//! Meta sends a code by SMS or voice call, the customer enters it, and the number is read again. The number of
//! codes that may be entered is limited.

use super::transition::{RetryOrEnd, StepInput, Transition, retry_or_end};
use crate::crypto::Secret;
use crate::meta::response::{PhoneNumber, Success, decode};
use crate::meta::{ApiError, ErrorClass, request};
use crate::problem::from_api_error;
use crate::signup::effects::{Effect, EffectId, Outcome};
use crate::signup::record::{End, verification_record_name};
use crate::signup::state::{RegisterPhase, Verification};
use crate::web::locale;
use crate::workflow::{AppContext, Context, RetryState};
use embark_protocol::{PhoneNumberId, Problem, ProblemCode, SignupId, Step};

/// What an outcome of the verification leads to.
pub(in crate::signup) struct VerificationResult {
    /// Where the registration goes on.
    pub(in crate::signup) phase: RegisterPhase,
    /// The number, where it was read again.
    pub(in crate::signup) phone: Option<PhoneNumber>,
    /// What else the signup does.
    pub(in crate::signup) transition: Transition,
}

impl Verification {
    /// Begins the request of this state when it is due.
    pub(in crate::signup) fn poll(
        &mut self,
        input: StepInput<'_>,
        phone: &PhoneNumberId,
        in_flight: &[EffectId],
        cx: &AppContext<'_>,
    ) -> Transition {
        let code = self.open_code(input.signup, cx);
        let (retry, call) = match self {
            Self::AwaitingMethod { .. } | Self::AwaitingCode { .. } => {
                return Transition::pending();
            }
            Self::RequestingCode {
                voice,
                language,
                retry,
            } => {
                let method = if *voice { "VOICE" } else { "SMS" };
                let language = locale::negotiate(language.as_deref(), None).sdk_locale;
                (retry, request::request_code(phone, method, language))
            }
            Self::SubmittingCode { retry, .. } => match code {
                Some(code) => (retry, request::verify_code(phone, &code)),
                None => return Transition::pending(),
            },
            Self::ReadingNumber { retry, .. } => (retry, request::phone(phone)),
        };
        if in_flight.contains(&EffectId::Verify) {
            return Transition::pending();
        }
        if !retry.is_due(cx.now) {
            return Transition::wake_at(retry.not_before);
        }
        let Some(token) = input.token else {
            return Transition::pending();
        };
        *retry = retry.begin_attempt(cx.now);
        let request = call.sign(cx.credentials, token);
        Transition::effect(EffectId::Verify, Effect::Meta(request))
    }

    /// Reads the outcome of this state's request.
    pub(in crate::signup) fn on_outcome(
        self,
        outcome: Outcome,
        cx: &AppContext<'_>,
    ) -> VerificationResult {
        let Outcome::Api(result) = outcome else {
            return self.into_result(Transition::pending());
        };
        let (error, retry) = match &self {
            Self::AwaitingMethod { .. } | Self::AwaitingCode { .. } => {
                return self.into_result(Transition::pending());
            }
            Self::RequestingCode { retry, .. } => match decode::<Success>(result) {
                Ok(_) => {
                    let next = Self::AwaitingCode {
                        error: None,
                        attempts: 0,
                    };
                    return next.into_result(Transition::pending());
                }
                // The number may have been verified meanwhile: it is read before the customer is asked again.
                Err(error) if is_refusal(&error, NUMBER_REFUSED) => {
                    return Self::read_number(Some(Self::AwaitingMethod {
                        error: Some(ProblemCode::NumberRefused),
                    }));
                }
                Err(error) => (error, *retry),
            },
            Self::SubmittingCode {
                attempts, retry, ..
            } => match decode::<Success>(result) {
                Ok(_) => return Self::read_number(None),
                Err(error) if is_refusal(&error, CODE_REFUSED) => {
                    return Self::read_number(Some(Self::after_wrong_code(*attempts + 1)));
                }
                Err(error) => (error, *retry),
            },
            Self::ReadingNumber {
                retry,
                if_unverified,
            } => match decode::<PhoneNumber>(result) {
                Ok(phone) => return Self::after_reading(phone, if_unverified.as_deref()),
                Err(error) => (error, *retry),
            },
        };
        self.after_error(&error, retry, cx)
    }

    /// The customer chose how to receive the code: `sms` or `voice`, in any case. `language`: the page's.
    ///
    /// # Errors
    /// `input_not_asked` if there is no such choice, `input_invalid` for any other method.
    pub(in crate::signup) fn submit_method(
        &self,
        method: &str,
        language: Option<String>,
    ) -> Result<Self, Problem> {
        if !matches!(
            self,
            Self::AwaitingMethod { .. } | Self::AwaitingCode { .. }
        ) {
            return Err(not_asked());
        }
        let voice = match method.to_ascii_lowercase().as_str() {
            "sms" => false,
            "voice" => true,
            _ => {
                let detail = "method: sms or voice";
                return Err(Problem::new(ProblemCode::InputInvalid).with_detail(detail));
            }
        };
        Ok(Self::RequestingCode {
            voice,
            language: language.map(|tag| tag.chars().take(MAX_TAG_LENGTH).collect()),
            retry: RetryState::default(),
        })
    }

    /// Checks that the customer is asked for the code.
    ///
    /// # Errors
    /// `input_not_asked` if not.
    pub(in crate::signup) fn check_awaits_code(&self) -> Result<(), Problem> {
        match self {
            Self::AwaitingCode { .. } => Ok(()),
            _ => Err(not_asked()),
        }
    }

    /// The customer entered the code.
    ///
    /// # Errors
    /// `input_not_asked` if no code is awaited, `internal` if it cannot be sealed.
    pub(in crate::signup) fn submit_code(
        &self,
        signup: &SignupId,
        code: &Secret,
        cx: &Context<'_>,
    ) -> Result<Self, Problem> {
        let Self::AwaitingCode { attempts, .. } = self else {
            return Err(not_asked());
        };
        let name = verification_record_name(signup);
        let sealed = cx.keyring.seal(&name, code, cx.nonce());
        Ok(Self::SubmittingCode {
            code: sealed.map_err(|_| Problem::new(ProblemCode::Internal))?,
            attempts: *attempts,
            retry: RetryState::default(),
        })
    }

    fn open_code(&self, signup: &SignupId, cx: &AppContext<'_>) -> Option<Secret> {
        match self {
            Self::SubmittingCode { code, .. } => {
                let name = verification_record_name(signup);
                cx.keyring.open(&name, code).ok()
            }
            _ => None,
        }
    }

    fn read_number(if_unverified: Option<Self>) -> VerificationResult {
        Self::ReadingNumber {
            retry: RetryState::default(),
            if_unverified: if_unverified.map(Box::new),
        }
        .into_result(Transition::pending())
    }

    fn after_wrong_code(attempts: u8) -> Self {
        if attempts < MAX_CODES {
            Self::AwaitingCode {
                error: Some(ProblemCode::InputInvalid),
                attempts,
            }
        } else {
            Self::AwaitingMethod {
                error: Some(ProblemCode::TooManyTries),
            }
        }
    }

    fn after_reading(phone: PhoneNumber, if_unverified: Option<&Self>) -> VerificationResult {
        let phase = match if_unverified {
            Some(next) if phone.is_unverified() && !phone.is_live() => {
                RegisterPhase::Verifying(next.clone())
            }
            _ => RegisterPhase::Todo,
        };
        VerificationResult {
            phase,
            phone: Some(phone),
            transition: Transition::pending(),
        }
    }

    fn after_error(
        self,
        error: &ApiError,
        retry: RetryState,
        cx: &AppContext<'_>,
    ) -> VerificationResult {
        if error.has_code(131_031) || error.has_code(368) {
            let problem = from_api_error(ProblemCode::AccountLocked, Step::Register, error);
            return self.into_result(Transition::end(End::Failed(problem)));
        }
        if error.class == ErrorClass::Unreachable {
            let problem = from_api_error(ProblemCode::PhoneNotInWaba, Step::Register, error);
            return self.into_result(Transition::end(End::Relaunch(problem)));
        }
        match retry_or_end(error, retry, Step::Register, cx) {
            RetryOrEnd::Retry(retry, transition) => self.at(retry).into_result(transition),
            RetryOrEnd::End(transition) => self.into_result(transition),
        }
    }

    /// The same state, its request to be repeated as `retry` says.
    fn at(mut self, later: RetryState) -> Self {
        match &mut self {
            Self::RequestingCode { retry, .. }
            | Self::SubmittingCode { retry, .. }
            | Self::ReadingNumber { retry, .. } => *retry = later,
            Self::AwaitingMethod { .. } | Self::AwaitingCode { .. } => {}
        }
        self
    }

    fn into_result(self, transition: Transition) -> VerificationResult {
        VerificationResult {
            phase: RegisterPhase::Verifying(self),
            phone: None,
            transition,
        }
    }
}

/// Whether Meta refused the number or the code itself: error 100 or this endpoint's own code.
fn is_refusal(error: &ApiError, own_code: i64) -> bool {
    error.class == ErrorClass::Refused && (error.has_code(100) || error.has_code(own_code))
}

/// The customer answered a question that was not asked.
fn not_asked() -> Problem {
    Problem::new(ProblemCode::InputNotAsked).at_step(Step::Register)
}

/// Meta's code for a number that no code can be sent to.
const NUMBER_REFUSED: i64 = 136_024;
/// Meta's code for a wrong verification code.
const CODE_REFUSED: i64 = 136_025;
/// How many characters of a language tag are kept.
const MAX_TAG_LENGTH: usize = 35;
/// How many codes may be entered before another one must be requested.
pub(in crate::signup) const MAX_CODES: u8 = 5;
