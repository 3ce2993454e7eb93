//! When a step that did not succeed is tried again, and when it is given up: exponential backoff with
//! jitter, Meta's own wait where it names one, and a last moment for every step.

use super::{Ctx, Ms};
use crate::fault;
use crate::graph::{Class, Failure};
use embark_protocol::{Code, Problem, Step};
use serde::{Deserialize, Serialize};

/// How often a step was tried, since when, and when it may be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Pace {
    pub tries: u16,
    pub since: Ms,
    pub not_before: Ms,
}

impl Pace {
    /// Notes a try that begins now.
    pub fn begin(self, now: Ms) -> Self {
        let since = if self.tries == 0 { now } else { self.since };
        Self {
            tries: self.tries.saturating_add(1),
            since,
            ..self
        }
    }

    pub fn is_due(self, now: Ms) -> bool {
        now >= self.not_before
    }

    /// After another object was not heard: again, ever more slowly.
    pub fn unheard(self, ctx: &Ctx<'_>) -> Self {
        Self {
            not_before: ctx.now + backoff(self, ctx).min(SLOWEST_PEER_MS),
            ..self
        }
    }
}

/// What to do after a failure that the step itself has no special word for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The same again, not before the pace says. Look first if the call may have landed.
    Again(Pace),
    /// The customer goes through the popup again.
    Relaunch(Problem),
    Failed(Problem),
}

/// Reads a failure by its class ("our reading" of Meta's error codes).
pub fn judge(failure: &Failure, pace: Pace, step: Step, ctx: &Ctx<'_>) -> Verdict {
    let code = match failure.class {
        Class::Unheard | Class::Transient | Class::Rate => {
            let given_up = ctx.now.saturating_sub(pace.since) > LAST_MS;
            if !given_up {
                return Verdict::Again(Pace {
                    not_before: ctx.now + delay(failure, pace, ctx),
                    ..pace
                });
            }
            Code::MetaUnavailable
        }
        Class::Token => {
            return Verdict::Relaunch(fault::from_meta(Code::TokenInvalid, step, failure));
        }
        Class::Config => Code::AppMisconfigured,
        Class::Unreachable => {
            return Verdict::Relaunch(fault::from_meta(Code::WabaUnreachable, step, failure));
        }
        Class::Refused => Code::MetaRefused,
    };
    Verdict::Failed(fault::from_meta(code, step, failure))
}

/// Milliseconds until the next try.
fn delay(failure: &Failure, pace: Pace, ctx: &Ctx<'_>) -> u64 {
    let floor = match failure.class {
        Class::Rate => failure.wait_ms.unwrap_or(60_000).min(LONGEST_WAIT_MS),
        _ => failure.wait_ms.unwrap_or(0).min(LONGEST_WAIT_MS),
    };
    floor + backoff(pace, ctx)
}

fn backoff(pace: Pace, ctx: &Ctx<'_>) -> u64 {
    let doublings = u32::from(pace.tries.saturating_sub(1).min(9));
    let most = (FIRST_MS << doublings).min(SLOWEST_MS);
    most / 2 + ctx.below(most / 2 + 1)
}

const FIRST_MS: u64 = 400;
const SLOWEST_MS: u64 = 120_000;
/// Our own objects are back within seconds.
const SLOWEST_PEER_MS: u64 = 20_000;
/// Meta's longest documented wait is 72 h, for registering; anything longer is not waited for blindly.
const LONGEST_WAIT_MS: u64 = 72 * 3_600_000;
/// A step that Meta did not let through for this long is given up.
const LAST_MS: u64 = 24 * 3_600_000;
