//! The number is registered with the Cloud API, through the one object that may call register for it.
//! Not for a number that is already connected, nor for one that stays in the WhatsApp Business app
//! ("Onboarding business app users"). An unverified number is verified first; a PIN that Meta wants and
//! we do not hold is asked for. Nothing is guessed.

use super::verify::{self, Verify};
use super::{Acts, End, Flow, Signup, again};
use crate::fault;
use crate::graph::error;
use crate::phone::{self, Answer as Said, Owner};
use crate::run::{Act, Answer, Ask, Ctx, Key, Ms, Pace, Told};
use crate::seal::Sealed;
use embark_protocol::{Code, Problem, Step};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Register {
    pub at: At,
    pub pace: Pace,
    /// A PIN a person typed, until Meta has judged it.
    pub typed: Option<Sealed>,
    pub pins_typed: u8,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum At {
    #[default]
    Todo,
    Wait {
        until: Ms,
        problem: Problem,
    },
    Pin {
        wrong: bool,
    },
    Verify(Verify),
    Done,
    /// Nothing to register: connected already, coexistence, or no number.
    Skipped,
}

const ASK: u8 = 0;

pub(super) fn next(run: &mut Signup, busy: &[Key], ctx: &Ctx<'_>, acts: &mut Acts) -> Flow {
    let Some(found) = run.inspect.found.clone() else {
        return Flow::Pending;
    };
    let Some(seen) = found.phone else {
        run.register.at = At::Skipped;
        return Flow::Done;
    };
    match &run.register.at {
        At::Done | At::Skipped => return Flow::Done,
        At::Pin { .. } => return Flow::Pending,
        At::Verify(_) => return verify::next(run, busy, ctx, acts),
        At::Wait { until, .. } if ctx.now < *until => {
            let until = *until;
            run.wake_by(until);
            return Flow::Pending;
        }
        At::Wait { .. } => {
            // The wait was Meta's: what follows it is a first try.
            run.register.at = At::Todo;
            run.register.pace = Pace::default();
        }
        At::Todo => {}
    }
    if seen.is_coexistence() || seen.is_connected() {
        run.register.at = At::Skipped;
        return Flow::Done;
    }
    if seen.is_unverified() {
        run.register.at = At::Verify(Verify::Method { error: None });
        return Flow::Pending;
    }
    let key = Key::Step(Step::Register, ASK);
    if busy.contains(&key) {
        return Flow::Pending;
    }
    if !run.register.pace.is_due(ctx.now) {
        run.wake_by(run.register.pace.not_before);
        return Flow::Pending;
    }
    let Some(token) = run.claim.token.clone() else {
        return Flow::Pending;
    };
    run.register.pace = run.register.pace.begin(ctx.now);
    let owner = Owner {
        site: run.site.clone(),
        waba: found.waba.id,
        run: run.id.clone(),
    };
    let id = seen.id.clone();
    let typed_pin = run.register.typed.clone();
    let ask = phone::Register {
        owner,
        app: run.app.clone(),
        token,
        seen,
        typed_pin,
    };
    acts.push((
        key,
        Act::Ask(Ask::Phone(
            id,
            Box::new(phone::Ask::Register(Box::new(ask))),
        )),
    ));
    Flow::Pending
}

pub(super) fn take(run: &mut Signup, slot: u8, told: Told, ctx: &Ctx<'_>) {
    if slot != ASK {
        return verify::take(run, slot, told, ctx);
    }
    let said = match told {
        Told::Peer(Some(Answer::Phone(said))) => said,
        _ => Said::Again,
    };
    match said {
        Said::Registered | Said::Claimed { .. } => {
            run.register.typed = None;
            run.register.at = At::Done;
        }
        Said::Busy { until } => run.register.pace.not_before = until.max(ctx.now + BUSY_MS),
        Said::Again => unheard(run, ctx),
        Said::NeedsPin { wrong } => {
            run.register.typed = None;
            if run.register.pins_typed >= MOST_PINS {
                let problem = fault::in_step(Code::TooManyTries, Step::Register);
                return run.end(End::Failed(problem), ctx.now);
            }
            run.register.at = At::Pin { wrong };
        }
        Said::NeedsVerification => run.register.at = At::Verify(Verify::Method { error: None }),
        Said::Wait {
            until,
            code,
            meta_code,
            fbtrace_id,
        } => {
            let problem = Problem {
                meta_code,
                fbtrace_id,
                ..fault::in_step(code, Step::Register)
            };
            run.register.at = At::Wait { until, problem };
        }
        Said::Owner { .. } | Said::OwnedElsewhere => {
            let problem = fault::in_step(Code::OwnedElsewhere, Step::Register);
            run.end(End::Failed(problem), ctx.now);
        }
        Said::Failed {
            code,
            meta_code,
            fbtrace_id,
        } => {
            let problem = Problem {
                meta_code,
                fbtrace_id,
                ..fault::in_step(code, Step::Register)
            };
            let end = match code {
                Code::TokenInvalid | Code::PhoneNotInWaba => End::Relaunch(problem),
                _ => End::Failed(problem),
            };
            run.end(end, ctx.now);
        }
    }
}

/// The object was not heard, or did not hear Meta: asked again, it looks before it calls.
fn unheard(run: &mut Signup, ctx: &Ctx<'_>) {
    let failure = error::unreadable();
    if let Some(pace) = again(run, &failure, run.register.pace, Step::Register, ctx) {
        run.register.pace = pace;
    }
}

const BUSY_MS: Ms = 700;
/// Meta locks the number for guessing (133008); we stop well before.
const MOST_PINS: u8 = 3;
