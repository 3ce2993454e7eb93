//! Exchanges the authorization code for a business token
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-customers-as-a-tech-provider>,
//! step 1). A code lives for 30 s and works once. A request whose outcome is unknown is repeated once, at
//! once; after that the customer goes through the popup again, under the same signup.
//!
//! Meta does not document which `redirect_uri` it wants for a code of the JavaScript SDK. The candidates are
//! tried in turn: only error 36008 moves on to the next one, because it does not spend the code.

use super::transition::Transition;
use crate::crypto::Secret;
use crate::meta::response::{IssuedToken, decode};
use crate::meta::{ApiError, ErrorClass, RedirectUriVariant, request};
use crate::problem::from_api_error;
use crate::signup::effects::{Effect, EffectId, Outcome};
use crate::signup::record::{End, code_record_name, token_record_name};
use crate::signup::state::{AuthorizationCode, ExchangeState};
use crate::time::UnixMillis;
use crate::workflow::AppContext;
use core::time::Duration;
use embark_protocol::requests::CodeSource;
use embark_protocol::{Problem, ProblemCode, SignupId, Step};

impl ExchangeState {
    /// The app's credentials were read again.
    pub(in crate::signup) fn on_credentials_read(&mut self) {
        if let Self::Scheduled {
            awaits_credentials, ..
        } = self
        {
            *awaits_credentials = false;
        }
    }

    /// Sends the code when it is due. `code`: the current launch's. `None`: none was posted.
    pub(in crate::signup) fn poll(
        &mut self,
        signup: &SignupId,
        code: Option<&mut AuthorizationCode>,
        page_origin: &str,
        in_flight: &[EffectId],
        cx: &AppContext<'_>,
    ) -> Transition {
        if let Self::Done { .. } = self {
            return Transition::done();
        }
        let Some(code) = code else {
            return Transition::pending();
        };
        if *self == Self::Unsent {
            code.preferred_variant = cx.credentials.redirect_uri_variant;
        }
        if in_flight.contains(&EffectId::Exchange) {
            return Transition::pending();
        }
        let (candidate, may_repeat, refusals) = match *self {
            Self::Unsent => (0, true, 0),
            // Once this run of the workflow is idle, the next one begins with other credentials.
            Self::Scheduled {
                not_before,
                awaits_credentials,
                ..
            } if awaits_credentials || cx.now < not_before => {
                return Transition::wake_at(not_before);
            }
            Self::Scheduled {
                candidate,
                may_repeat,
                refusals,
                ..
            } => (candidate, may_repeat, refusals),
            // Begun by an earlier incarnation: this is the one repetition.
            Self::InFlight {
                candidate,
                may_repeat: true,
                refusals,
            } => (candidate, false, refusals),
            Self::InFlight {
                may_repeat: false, ..
            }
            | Self::Done { .. } => return relaunch(code, ProblemCode::AnswerLost, None),
        };
        if cx.now.since(code.received_at) > CODE_LIFETIME {
            let reason = if may_repeat {
                ProblemCode::CodeExpired
            } else {
                ProblemCode::AnswerLost
            };
            return relaunch(code, reason, None);
        }
        let Some(plain) = open_code(signup, code, cx) else {
            return relaunch(code, ProblemCode::AnswerLost, None);
        };
        let candidates = redirect_uri_candidates(code, page_origin);
        let redirect_uri = candidates
            .into_iter()
            .nth(candidate)
            .and_then(|(_, uri)| uri);
        *self = Self::InFlight {
            candidate,
            may_repeat,
            refusals,
        };
        let call = request::exchange(cx.credentials, &plain, redirect_uri.as_deref());
        Transition::effect(EffectId::Exchange, Effect::Meta(call.sign(cx.credentials)))
    }

    /// Seals the token before anything else, or decides how to go on after an error.
    pub(in crate::signup) fn on_outcome(
        &mut self,
        signup: &SignupId,
        code: Option<&mut AuthorizationCode>,
        page_origin: &str,
        outcome: Outcome,
        cx: &AppContext<'_>,
    ) -> Transition {
        let Outcome::Api(result) = outcome else {
            return Transition::pending();
        };
        let (
            Self::InFlight {
                candidate,
                may_repeat,
                refusals,
            },
            Some(code),
        ) = (self.clone(), code)
        else {
            return Transition::pending();
        };
        match decode::<IssuedToken>(result) {
            Ok(token) => self.store_token(signup, code, page_origin, &token, candidate, cx),
            Err(error) => {
                let last = candidate + 1 >= redirect_uri_candidates(code, page_origin).len();
                let next = match decide(&error, may_repeat, last, refusals) {
                    AfterFailure::NextCandidate => Self::Scheduled {
                        candidate: candidate + 1,
                        may_repeat,
                        not_before: cx.now,
                        refusals,
                        awaits_credentials: false,
                    },
                    AfterFailure::Repeat => Self::Scheduled {
                        candidate,
                        may_repeat: false,
                        not_before: cx.now + FIRST_PAUSE,
                        refusals,
                        awaits_credentials: false,
                    },
                    AfterFailure::RetryLater => {
                        let not_before = cx.now + pause(&error, refusals);
                        if not_before > code.received_at + CODE_LIFETIME {
                            return relaunch(code, ProblemCode::MetaUnavailable, Some(&error));
                        }
                        Self::Scheduled {
                            candidate,
                            may_repeat,
                            not_before,
                            refusals: refusals.saturating_add(1),
                            awaits_credentials: error.code == Some(WRONG_SECRET),
                        }
                    }
                    AfterFailure::Relaunch(reason) => return relaunch(code, reason, Some(&error)),
                    AfterFailure::Fail(reason) => {
                        code.code = None;
                        let problem = from_api_error(reason, Step::Exchange, &error);
                        return Transition::end(End::Failed(problem));
                    }
                };
                *self = next;
                Transition::pending()
            }
        }
    }

    fn store_token(
        &mut self,
        signup: &SignupId,
        code: &mut AuthorizationCode,
        page_origin: &str,
        issued: &IssuedToken,
        candidate: usize,
        cx: &AppContext<'_>,
    ) -> Transition {
        let name = token_record_name(signup);
        let Ok(token) = cx.keyring.seal(&name, &issued.token, cx.nonce()) else {
            // The keyring has just opened the code: it has a key to seal with.
            return relaunch(code, ProblemCode::Internal, None);
        };
        *self = Self::Done {
            token,
            expires_at: issued
                .expires_in
                .map(|seconds| cx.now.as_secs().saturating_add(seconds)),
            received_at: cx.now,
        };
        code.code = None;
        if code.source == CodeSource::Sdk {
            code.accepted_variant = redirect_uri_candidates(code, page_origin)
                .get(candidate)
                .map(|(variant, _)| *variant);
        }
        Transition::pending()
    }

    /// The business token, opened. `None`: there is none, or the key it was sealed with is gone.
    pub(in crate::signup) fn token(
        &self,
        signup: &SignupId,
        cx: &AppContext<'_>,
    ) -> Option<Secret> {
        match self {
            Self::Done { token, .. } => cx.keyring.open(&token_record_name(signup), token).ok(),
            _ => None,
        }
    }

    /// When the token was received. `None`: there is none.
    pub(in crate::signup) fn token_received_at(&self) -> Option<UnixMillis> {
        match self {
            Self::Done { received_at, .. } => Some(*received_at),
            _ => None,
        }
    }

    /// When the token expires, in Unix seconds. `None`: there is none, or Meta named no expiry.
    pub(in crate::signup) fn token_expires_at(&self) -> Option<u64> {
        match self {
            Self::Done { expires_at, .. } => *expires_at,
            _ => None,
        }
    }
}

/// How the exchange goes on after an error.
enum AfterFailure {
    NextCandidate,
    /// The same request once more: the outcome of the last one is unknown.
    Repeat,
    /// The same request later: Meta did not act on this one.
    RetryLater,
    Relaunch(ProblemCode),
    Fail(ProblemCode),
}

/// Reads an error of the exchange. Codes 1 and 101 mean something else at this endpoint than anywhere else.
fn decide(error: &ApiError, may_repeat: bool, last_candidate: bool, refusals: u8) -> AfterFailure {
    match (error.code, error.subcode) {
        (Some(100), Some(WRONG_REDIRECT_URI)) if !last_candidate => AfterFailure::NextCandidate,
        (Some(100), Some(WRONG_REDIRECT_URI)) => AfterFailure::Fail(ProblemCode::CodeRefused),
        (Some(100), Some(CODE_SPENT)) if may_repeat => {
            AfterFailure::Relaunch(ProblemCode::CodeSpent)
        }
        (Some(100), Some(CODE_SPENT)) => AfterFailure::Relaunch(ProblemCode::AnswerLost),
        (Some(100), Some(CODE_EXPIRED)) => AfterFailure::Relaunch(ProblemCode::CodeExpired),
        // Wrong client secret, unknown app, app misconfigured; unless Meta itself was in trouble, which passes.
        (Some(1 | 101 | 191), _) if error.is_transient || error.status >= 500 => {
            AfterFailure::RetryLater
        }
        // The secret may have been rotated since the app's credentials were read; they are read again before a retry.
        (Some(WRONG_SECRET), _) if refusals < SECRET_READ_AGAIN => AfterFailure::RetryLater,
        (Some(1 | 101 | 191), _) => AfterFailure::Fail(ProblemCode::AppMisconfigured),
        _ => match error.class {
            ErrorClass::Indeterminate if may_repeat => AfterFailure::Repeat,
            ErrorClass::Indeterminate => AfterFailure::Relaunch(ProblemCode::AnswerLost),
            ErrorClass::Transient | ErrorClass::Rate => AfterFailure::RetryLater,
            ErrorClass::Token => AfterFailure::Relaunch(ProblemCode::TokenInvalid),
            ErrorClass::Config => AfterFailure::Fail(ProblemCode::AppMisconfigured),
            ErrorClass::Unreachable | ErrorClass::Refused => {
                AfterFailure::Fail(ProblemCode::MetaRefused)
            }
        },
    }
}

/// The `redirect_uri` parameters to try, in order; `None` omits the parameter. The variant that the app's
/// last exchange succeeded with comes first.
fn redirect_uri_candidates(
    code: &AuthorizationCode,
    page_origin: &str,
) -> Vec<(RedirectUriVariant, Option<String>)> {
    if code.source == CodeSource::Redirect {
        return vec![(RedirectUriVariant::Captured, code.redirect_uri.clone())];
    }
    let mut candidates = vec![(RedirectUriVariant::Omitted, None)];
    if let Some(uri) = &code.redirect_uri {
        candidates.push((RedirectUriVariant::Captured, Some(uri.clone())));
    }
    candidates.push((RedirectUriVariant::Empty, Some(String::new())));
    candidates.push((RedirectUriVariant::Page, Some([page_origin, "/"].concat())));
    candidates.sort_by_key(|(variant, _)| *variant != code.preferred_variant);
    candidates
}

fn open_code(signup: &SignupId, code: &AuthorizationCode, cx: &AppContext<'_>) -> Option<Secret> {
    let sealed = code.code.as_ref()?;
    cx.keyring.open(&code_record_name(signup), sealed).ok()
}

/// Discards the code: the customer must get another one.
fn relaunch(
    code: &mut AuthorizationCode,
    reason: ProblemCode,
    error: Option<&ApiError>,
) -> Transition {
    code.code = None;
    Transition::end(End::Relaunch(match error {
        Some(error) => from_api_error(reason, Step::Exchange, error),
        None => Problem::new(reason).at_step(Step::Exchange),
    }))
}

/// The pause before the next attempt: Meta's own if it named one, else doubled with each refusal.
fn pause(error: &ApiError, refusals: u8) -> Duration {
    error
        .retry_after
        .unwrap_or_default()
        .max(FIRST_PAUSE * (1 << refusals.min(7)))
}

/// Meta's code for a wrong client secret at this endpoint. It does not spend the code.
const WRONG_SECRET: i64 = 1;
/// How often the exchange is repeated with credentials that were read again.
const SECRET_READ_AGAIN: u8 = 3;
/// Meta's subcodes of error 100 at this endpoint.
const WRONG_REDIRECT_URI: i64 = 36_008;
const CODE_SPENT: i64 = 36_009;
const CODE_EXPIRED: i64 = 36_007;

/// Meta's 30 s, less the time that a request needs.
const CODE_LIFETIME: Duration = Duration::from_secs(28);
const FIRST_PAUSE: Duration = Duration::from_millis(250);
