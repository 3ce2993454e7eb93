//! A number that Meta has not verified: a code is sent by SMS or call, a person types it, and the number
//! is read again. Codes are asked for and never guessed; both have a bound.

use super::register::At;
use super::{Acts, End, Flow, Signup};
use crate::fault;
use crate::graph::{Class, answer, call, check, error};
use crate::run::{Act, Ctx, Key, Pace, Told, Verdict, judge};
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
    /// Verified; reading how the number stands now.
    Rereading {
        pace: Pace,
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
        Verify::Rereading { pace } => (REREAD, *pace),
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
        _ => (Verify::Rereading { pace }, call::phone(&id)),
    };
    let Some(token) = run.token(ctx) else {
        return Flow::Pending;
    };
    run.register.at = At::Verify(at);
    acts.push((key, Act::Graph(call.sign(ctx.access, &token))));
    Flow::Pending
}

pub(super) fn take(run: &mut Signup, slot: u8, told: Told, ctx: &Ctx<'_>) {
    let (Told::Graph(heard), At::Verify(at)) = (told, run.register.at.clone()) else {
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
            run.register.at = At::Verify(Verify::Rereading {
                pace: Pace::default(),
            });
            return;
        }
        (Ok(seen), _) => {
            if let Some(found) = &mut run.inspect.found {
                found.phone = seen;
            }
            run.register.at = At::Todo;
            return;
        }
        (Err(failure), _) => failure,
    };
    match (&at, failure.class) {
        (Verify::Requesting { .. }, Class::Refused) => {
            let error = Some(Code::NumberRefused);
            run.register.at = At::Verify(Verify::Method { error });
            return;
        }
        (Verify::Checking { tries, .. }, Class::Refused) if *tries + 1 < MOST_CODES => {
            let (error, tries) = (Some(Code::InputInvalid), tries + 1);
            run.register.at = At::Verify(Verify::Code { error, tries });
            return;
        }
        (Verify::Checking { .. }, Class::Refused) => {
            let error = Some(Code::TooManyTries);
            run.register.at = At::Verify(Verify::Method { error });
            return;
        }
        _ => {}
    }
    let pace = match &at {
        Verify::Requesting { pace, .. }
        | Verify::Checking { pace, .. }
        | Verify::Rereading { pace } => *pace,
        _ => return,
    };
    match judge(&failure, pace, Step::Register, ctx) {
        Verdict::Again(pace) => {
            run.register.at = At::Verify(match at {
                Verify::Requesting { voice, .. } => Verify::Requesting { voice, pace },
                Verify::Checking { code, tries, .. } => Verify::Checking { code, tries, pace },
                _ => Verify::Rereading { pace },
            });
        }
        Verdict::Relaunch(problem) => run.end(End::Relaunch(problem), ctx.now),
        Verdict::Failed(problem) => run.end(End::Failed(problem), ctx.now),
    }
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
