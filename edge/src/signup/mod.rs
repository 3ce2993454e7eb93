//! One signup, from the code to `connected`. The record is plain values; each step is one file with the
//! same two functions: `next` (what it wants now, noted as begun) and `take` (what came back).
//!
//! Reading order: `record`, `policy` (which steps, in which order), then the steps as they run, then
//! `accept` (what pages post) and `view` (what pages get back).

pub mod accept;
mod admit;
mod claim;
mod credit;
mod exchange;
pub mod handoff;
pub mod handover;
mod inspect;
mod owed;
pub mod policy;
pub mod record;
mod register;
mod report;
mod subscribe;
mod sync;
mod verify;
pub mod view;

pub use record::{End, Signup, Stage};

use crate::fault;
use crate::graph::Failure;
use crate::partner::Business;
use crate::run::{Act, Ctx, Key, Ms, Pace, Procedure, Told, Verdict, judge};
use embark_protocol::{Code, Step};
use owed::Debt;
use record::{Hold, Kind};

/// Effects a step adds to, each with its key.
type Acts = Vec<(Key, Act)>;

/// Whether a step lets the next stage begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Done,
    /// In flight, waiting, asking a person, or ended.
    Pending,
}

impl Procedure for Signup {
    fn next(&mut self, busy: &[Key], ctx: &Ctx<'_>) -> Acts {
        let mut acts = Acts::new();
        self.wake = None;
        self.hold.take_if(|hold| hold.until <= ctx.now);
        match &self.stage {
            Stage::Launched => self.wake_by(self.touched + SILENT_MS),
            Stage::Running => advance(self, busy, ctx, &mut acts),
            Stage::Ended { .. } => {}
        }
        match &self.stage {
            Stage::Ended {
                end: End::Connected { .. },
                ..
            } => {
                credit::next(self, busy, ctx, &mut acts);
                report::next(self, busy, ctx, &mut acts);
            }
            Stage::Launched if ctx.now >= self.touched + SILENT_MS => {
                self.end(End::Abandoned, ctx.now)
            }
            _ => {}
        }
        self.settle(ctx.now);
        owed::next(self, busy, ctx, &mut acts);
        acts
    }

    fn epoch(&self) -> u32 {
        self.rewinds
    }

    fn take(&mut self, key: Key, told: Told, ctx: &Ctx<'_>) {
        match key {
            Key::Admit => admit::take(self, told, ctx),
            Key::Owed(n) => owed::take(self, n, told, ctx),
            Key::Step(Step::Exchange, _) => exchange::take(self, told, ctx),
            Key::Step(Step::Inspect, slot) => inspect::take(self, slot, told, ctx),
            Key::Step(Step::Claim, slot) => claim::take(self, slot, told, ctx),
            Key::Step(Step::Subscribe, _) => subscribe::take(self, told, ctx),
            Key::Step(Step::Register, slot) => register::take(self, slot, told, ctx),
            Key::Step(Step::Sync, _) => sync::take(self, told, ctx),
            Key::Step(Step::Report, slot) => report::take(self, slot, told, ctx),
            Key::Step(Step::Credit, slot) => credit::take(self, slot, told, ctx),
            Key::Step(Step::Handoff, _) => handoff::take(self, told, ctx),
            // Delivered by the site, not by the run.
            Key::Step(Step::Notify, _) => {}
        }
    }
}

/// Exchange first, with the site's admission beside it; then the policy's stages, one after another.
fn advance(run: &mut Signup, busy: &[Key], ctx: &Ctx<'_>, acts: &mut Acts) {
    let admitted = admit::next(run, busy, ctx, acts);
    let exchanged = exchange::next(run, busy, ctx, acts);
    if exchanged == Flow::Pending || admitted == Flow::Pending {
        return;
    }
    let Some(plan) = run.plan() else {
        // The token is sealed and kept; the site does not take this signup.
        let code = run.refusal().unwrap_or(Code::OriginNotAllowed);
        return run.end(End::Failed(fault::problem(code)), ctx.now);
    };
    if ctx.now > run.touched + PATIENCE_MS {
        return run.end(End::Relaunch(fault::problem(Code::DeadlinePassed)), ctx.now);
    }
    run.wake_by(run.touched + PATIENCE_MS + 1);
    // What the claim found out changes the plan: it is looked up anew for each stage.
    for nth in 0.. {
        let plan = run.plan().unwrap_or(plan);
        let Some(stage) = plan.stages.get(nth) else {
            break;
        };
        let mut flow = Flow::Done;
        for step in *stage {
            let one = match step {
                Step::Inspect => inspect::next(run, plan, busy, ctx, acts),
                Step::Claim => claim::next(run, busy, ctx, acts),
                Step::Subscribe => subscribe::next(run, busy, ctx, acts),
                Step::Register => register::next(run, busy, ctx, acts),
                Step::Credit => credit::next(run, busy, ctx, acts),
                Step::Sync => sync::next(run, busy, ctx, acts),
                Step::Handoff => handoff::next(run, busy, ctx, acts),
                Step::Exchange | Step::Report | Step::Notify => Flow::Done,
            };
            if one == Flow::Pending {
                flow = Flow::Pending;
            }
            if !matches!(run.stage, Stage::Running) {
                return;
            }
        }
        if flow == Flow::Pending {
            return;
        }
    }
    // A renewal is not counted.
    if let (Kind::Signup, Some(owner)) = (run.kind, run.inspect.owner().cloned()) {
        let (app, solution, run_id) = (run.app.clone(), run.solution.clone(), run.id.clone());
        run.owe(Debt::Connected(Business {
            app,
            solution,
            business: owner,
            run: run_id,
            at: ctx.now,
        }));
    }
    let without_number = run
        .inspect
        .found
        .as_ref()
        .is_none_or(|found| found.phone.is_none());
    run.end(End::Connected { without_number }, ctx.now);
}

/// What a failure without a word of its own means: the same again at this pace, or the run is over.
/// A pause that a person would notice is shown, with its end.
fn again(
    run: &mut Signup,
    failure: &Failure,
    pace: Pace,
    step: Step,
    ctx: &Ctx<'_>,
) -> Option<Pace> {
    match judge(failure, pace, step, ctx) {
        Verdict::Again(pace) => {
            if pace.not_before > ctx.now + NOTICED_MS {
                run.hold = Some(Hold {
                    until: pace.not_before,
                    problem: fault::from_meta(Code::MetaUnavailable, step, failure),
                });
            }
            return Some(pace);
        }
        Verdict::Relaunch(problem) => run.end(End::Relaunch(problem), ctx.now),
        Verdict::Failed(problem) => run.end(End::Failed(problem), ctx.now),
    }
    None
}

/// Progress that stands still for longer wants a word.
const NOTICED_MS: Ms = 30_000;
/// A signup that never received a code is over after a day.
pub const SILENT_MS: Ms = 24 * 3_600_000;
/// A number must be registered within 14 days of Meta's flow ("Registration"); nobody is waited for longer.
const PATIENCE_MS: Ms = 14 * 24 * 3_600_000;
