//! The rules of a signup, by tables: what Meta may say at each step, and where the signup goes.

mod code;
mod credit;
#[path = "../fake/mod.rs"]
mod fake;
mod handoff;
mod handover;
mod late;
mod options;
mod person;
mod proof;
mod readiness;
mod sync;
mod template;
mod terms;
mod time;

use embark_edge::signup::{End, Signup, Stage, accept, view};
use embark_protocol::post::Input;
use embark_protocol::{Code, Status};
use fake::World;

fn end_code(run: &Signup) -> Option<Code> {
    match &run.stage {
        Stage::Ended {
            end: End::Relaunch(problem) | End::Failed(problem),
            ..
        } => Some(problem.code),
        _ => None,
    }
}

fn status(world: &World, run: &Signup) -> Status {
    view::render(run, world.now.get()).status
}

fn answer(world: &World, run: &mut Signup, input: Input) -> Result<(), Code> {
    let taken = world
        .with_desk(|desk| accept::input(run, input, desk))
        .map_err(|problem| problem.code);
    *world.stored.borrow_mut() = Some(serde_json::to_string(run).unwrap());
    taken
}
