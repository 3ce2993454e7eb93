//! A number that Meta has not verified: a code is sent by SMS or call, a person types it, and the number
//! is read again. Codes are asked for and never guessed; both have a bound.

use super::register::At;
use super::{Acts, End, Flow, Signup, again};
use crate::fault;
use crate::graph::{Class, answer, call, check, error};
use crate::run::{Act, Ctx, Key, Pace, Told};
use crate::seal::Sealed;
use embark_protocol::{Code, Step};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verify {
    /// Asking: by SMS or by a call?
    Method {
        error: Option<Code>,
    },
    Requesting {
        voice: bool,
        pace: Pace,
    },
    /// Asking for the code.
    Code {
        error: Option<Code>,
        tries: u8,
    },
    /// The code sealed under `code_name`.
    Checking {
        code: Sealed,
        tries: u8,
        pace: Pace,
    },
    /// Reading how the number stands now: verified, or verified before by a call that was not heard.
    Rereading {
        pace: Pace,
        /// What a person is asked if it is not.
        #[serde(default)]
        or: Option<Box<Verify>>,
    },
}

const REQUEST: u8 = 1;
const CHECK: u8 = 2;
const REREAD: u8 = 3;

pub(super) fn next(run: &mut Signup, busy: &[Key], ctx: &Ctx<'_>, acts: &mut Acts) -> Flow {
    let At::Verify(at) = run.register.at.clone() else {
        return Flow::Pending;
    };
    let Some(id) = run
        .inspect
        .found
        .as_ref()
        .and_then(|found| Some(found.phone.as_ref()?.id.clone()))
    else {
        return Flow::Pending;
    };
    let (slot, pace) = match &at {
        Verify::Method { .. } | Verify::Code { .. } => return Flow::Pending,
        Verify::Requesting { pace, .. } => (REQUEST, *pace),
        Verify::Checking { pace, .. } => (CHECK, *pace),
        Verify::Rereading { pace, .. } => (REREAD, *pace),
    };
    let key = Key::Step(Step::Register, slot);
    if busy.contains(&key) {
        return Flow::Pending;
    }
    if !pace.is_due(ctx.now) {
        run.wake_by(pace.not_before);
        return Flow::Pending;
    }
    let pace = pace.begin(ctx.now);
    let (at, call) = match at {
        Verify::Requesting { voice, .. } => {
            let method = if voice { "VOICE" } else { "SMS" };
            (
                Verify::Requesting { voice, pace },
                call::request_code(&id, method, "en_US"),
            )
        }
        Verify::Checking { code, tries, .. } => {
            let Ok(plain) = ctx.vault.open(&verify_name(run), &code) else {
                return Flow::Pending;
            };
            (
                Verify::Checking { code, tries, pace },
                call::verify_code(&id, &plain),
            )
        }
        Verify::Rereading { or, .. } => (Verify::Rereading { pace, or }, call::phone(&id)),
        Verify::Method { .. } | Verify::Code { .. } => return Flow::Pending,
    };
    let Some(token) = run.token(ctx) else {
        return Flow::Pending;
    };
    run.register.at = At::Verify(at);
    acts.push((key, Act::Graph(call.sign(ctx.access, &token))));
    Flow::Pending
}

pub(super) fn take(run: &mut Signup, slot: u8, told: Told, ctx: &Ctx<'_>) {
    let (Told::Heard(heard), At::Verify(at)) = (told, run.register.at.clone()) else {
        return;
    };
    let answer = check(heard).and_then(|body| match slot {
        REREAD => answer::phone(&body).map(Some).ok_or_else(error::unreadable),
        _ => answer::success(&body)
            .map(|()| None)
            .ok_or_else(error::unreadable),
    });
    let failure = match (answer, &at) {
        (Ok(_), Verify::Requesting { .. }) => {
            run.register.at = At::Verify(Verify::Code {
                error: None,
                tries: 0,
            });
            return;
        }
        (Ok(_), Verify::Checking { .. }) => {
            run.register.at = reread(None);
            return;
        }
        (Ok(seen), at) => {
            let unverified = seen.as_ref().is_some_and(answer::Phone::is_unverified);
            if let Some(found) = &mut run.inspect.found {
                found.phone = seen;
            }
            run.register.at = match at {
                Verify::Rereading { or: Some(or), .. } if unverified => At::Verify(*or.clone()),
                _ => At::Todo,
            };
            return;
        }
        (Err(failure), _) => failure,
    };
    // What Meta says of number and code themselves; anything else is read by its class.
    let (pace, refused) = match &at {
        Verify::Requesting { pace, .. } => (*pace, failure.is(100) || failure.is(136024)),
        Verify::Checking { pace, .. } => (*pace, failure.is(100) || failure.is(136025)),
        Verify::Rereading { pace, .. } => (*pace, false),
        Verify::Method { .. } | Verify::Code { .. } => return,
    };
    let refused = refused && failure.class == Class::Refused;
    match (at, refused) {
        // Refused, maybe because the number is verified by now: it is read before a person is asked again.
        (Verify::Requesting { .. }, true) => {
            let error = Some(Code::NumberRefused);
            run.register.at = reread(Some(Verify::Method { error }));
        }
        (Verify::Checking { tries, .. }, true) => {
            let tries = tries + 1;
            run.register.at = reread(Some(if tries < MOST_CODES {
                let error = Some(Code::InputInvalid);
                Verify::Code { error, tries }
            } else {
                let error = Some(Code::TooManyTries);
                Verify::Method { error }
            }));
        }
        (at, _) => {
            if failure.is(131031) || failure.is(368) {
                let problem = fault::from_meta(Code::AccountLocked, Step::Register, &failure);
                return run.end(End::Failed(problem), ctx.now);
            }
            if failure.class == Class::Unreachable {
                let problem = fault::from_meta(Code::PhoneNotInWaba, Step::Register, &failure);
                return run.end(End::Relaunch(problem), ctx.now);
            }
            let Some(pace) = again(run, &failure, pace, Step::Register, ctx) else {
                return;
            };
            run.register.at = At::Verify(match at {
                Verify::Requesting { voice, .. } => Verify::Requesting { voice, pace },
                Verify::Checking { code, tries, .. } => Verify::Checking { code, tries, pace },
                Verify::Rereading { or, .. } => Verify::Rereading { pace, or },
                at => at,
            });
        }
    }
}

fn reread(or: Option<Verify>) -> At {
    At::Verify(Verify::Rereading {
        pace: Pace::default(),
        or: or.map(Box::new),
    })
}

/// The name a typed verification code is sealed under.
pub(super) fn verify_name(run: &Signup) -> String {
    ["run/", run.id.as_str(), "/verification"].concat()
}

/// The words a person may answer with; `None`: neither.
pub(super) fn method(text: &str) -> Option<bool> {
    match text {
        "sms" => Some(false),
        "voice" => Some(true),
        _ => None,
    }
}

/// A problem for a person who answers what was not asked.
pub(super) fn not_asked() -> embark_protocol::Problem {
    fault::in_step(Code::InputNotAsked, Step::Register)
}

pub(super) const MOST_CODES: u8 = 5;
