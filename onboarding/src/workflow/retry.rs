//! When a failed call is repeated, and when it is given up: exponential backoff with jitter, Meta's own wait
//! where it names one, and a limit for every step.

use super::host::{AppContext, Context};
use crate::meta::{ApiError, ErrorClass};
use crate::problem::from_api_error;
use crate::time::{UnixMillis, millis};
use core::time::Duration;
use embark_protocol::{Problem, ProblemCode, Step};
use serde::{Deserialize, Serialize};

/// The attempts of a call, and when the next one may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RetryState {
    /// How many attempts were begun.
    #[serde(rename = "tries")]
    pub attempts: u16,
    /// When the first attempt was begun.
    #[serde(rename = "since")]
    pub first_attempt_at: UnixMillis,
    /// No attempt is made earlier.
    pub not_before: UnixMillis,
    /// Until when Meta, or a provider, wants to be left alone, by the last reply that named a time: not even an operator may
    /// have an attempt made earlier. 0: it named none.
    #[serde(
        rename = "named",
        default,
        skip_serializing_if = "embark_protocol::serialization::is_default"
    )]
    pub named_until: UnixMillis,
}

impl RetryState {
    /// Counts an attempt that begins now.
    #[must_use]
    pub fn begin_attempt(self, now: UnixMillis) -> Self {
        let first_attempt_at = if self.attempts == 0 {
            now
        } else {
            self.first_attempt_at
        };
        Self {
            attempts: self.attempts.saturating_add(1),
            first_attempt_at,
            ..self
        }
    }

    /// Whether an attempt may be made now.
    pub fn is_due(self, now: UnixMillis) -> bool {
        now >= self.not_before
    }

    /// As before the first attempt, but for a wait that the last reply named.
    #[must_use]
    pub fn forgotten(self) -> Self {
        Self {
            not_before: self.named_until,
            named_until: self.named_until,
            ..Self::default()
        }
    }

    /// Has the next attempt made now, or when the wait ends that the last reply named.
    #[must_use]
    pub fn brought_forward(self, now: UnixMillis) -> Self {
        Self {
            not_before: self.not_before.min(self.named_until.max(now)),
            ..self
        }
    }

    /// Schedules the next attempt after another Durable Object did not reply. They are back within seconds.
    #[must_use]
    pub fn after_no_reply(self, cx: &Context<'_>) -> Self {
        Self {
            not_before: cx.now + backoff(self, cx).min(LONGEST_PEER_BACKOFF),
            ..self
        }
    }
}

/// What to do after a failed call that the step has no rule of its own for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RetryDecision {
    /// Make the same call again, no earlier than this says. If the error is indeterminate the call may have
    /// taken effect: read first.
    Retry(RetryState),
    /// The customer must go through Meta's popup again.
    Relaunch(Problem),
    /// The signup fails.
    Fail(Problem),
}

/// Decides by the class of the error.
pub fn classify(
    error: &ApiError,
    retry: RetryState,
    step: Step,
    cx: &AppContext<'_>,
) -> RetryDecision {
    let code = match error.class {
        ErrorClass::Indeterminate | ErrorClass::Transient | ErrorClass::Rate => {
            // The attempts may have been forgotten while the call was under way.
            let is_first = retry.attempts == 0;
            if is_first || cx.now.since(retry.first_attempt_at) <= GIVEN_UP_AFTER {
                return RetryDecision::Retry(RetryState {
                    not_before: cx.now + delay(error, retry, cx),
                    named_until: error
                        .retry_after
                        .map_or(UnixMillis(0), |wait| cx.now + wait),
                    ..retry
                });
            }
            ProblemCode::MetaUnavailable
        }
        ErrorClass::Token => {
            return RetryDecision::Relaunch(from_api_error(ProblemCode::TokenInvalid, step, error));
        }
        ErrorClass::Config => ProblemCode::AppMisconfigured,
        ErrorClass::Unreachable => {
            return RetryDecision::Relaunch(from_api_error(
                ProblemCode::WabaUnreachable,
                step,
                error,
            ));
        }
        ErrorClass::Refused => ProblemCode::MetaRefused,
    };
    RetryDecision::Fail(from_api_error(code, step, error))
}

/// The time until the next attempt: Meta's wait and our backoff.
fn delay(error: &ApiError, retry: RetryState, cx: &Context<'_>) -> Duration {
    let without_named_wait = match error.class {
        ErrorClass::Rate => Duration::from_mins(1),
        _ => Duration::ZERO,
    };
    let wait = error.retry_after.unwrap_or(without_named_wait);
    wait + backoff(retry, cx)
}

/// Half of the doubled delay, and a random part of the other half.
fn backoff(retry: RetryState, cx: &Context<'_>) -> Duration {
    let doublings = u32::from(retry.attempts.saturating_sub(1).min(9));
    let longest = (FIRST_BACKOFF * (1 << doublings)).min(LONGEST_BACKOFF);
    let half = millis(longest) / 2;
    Duration::from_millis(half + cx.random_below(half + 1))
}

const FIRST_BACKOFF: Duration = Duration::from_millis(400);
const LONGEST_BACKOFF: Duration = Duration::from_mins(2);
const LONGEST_PEER_BACKOFF: Duration = Duration::from_secs(20);
/// A call that Meta did not let through for this long is given up.
const GIVEN_UP_AFTER: Duration = Duration::from_hours(24);
