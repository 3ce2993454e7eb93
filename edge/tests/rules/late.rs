//! News that comes late, doubled or out of order, from browsers that launched more than once.

use crate::fake::{World, error, ids};
use crate::{end_code, status};
use embark_edge::graph::Unheard;
use embark_edge::signup::{Signup, Stage, accept};
use embark_protocol::post::{Assets, EndReason, Ended, Ids, Launched};
use embark_protocol::{Code, Status, WabaId};

/// A run that lost the answer to its code, and wants another launch.
fn lost(world: &World) -> Signup {
    let unheard = || ("exchange", Err(Unheard::Timeout));
    world.meta.borrow_mut().script = vec![unheard(), unheard()];
    let mut run = world.launched();
    launch(world, &mut run, 1);
    outcome(world, &mut run, "code-1", 1, Some(ids()));
    world.run_to_rest_from(run)
}

fn launch(world: &World, run: &mut Signup, attempt: u32) {
    let attempt = Some(attempt);
    world.with_desk(|desk| accept::launched(run, Launched { attempt }, desk));
}

fn outcome(world: &World, run: &mut Signup, code: &str, attempt: u32, ids: Option<Ids>) {
    let post = crate::fake::outcome(code, ids, Some(attempt));
    let taken = world.with_desk(|desk| accept::outcome(run, post, crate::fake::CALLBACK, desk));
    assert_eq!(taken, Ok(()));
}

fn closed(world: &World, run: &mut Signup, attempt: u32) {
    let post = Ended {
        reason: EndReason::Closed,
        current_step: None,
        error_code: None,
        error_message: None,
        session_id: None,
        attempt: Some(attempt),
    };
    world.with_desk(|desk| accept::ended(run, post, desk));
}

fn other() -> Ids {
    Ids {
        waba_id: WabaId::parse("5000000000000009").ok(),
        ..Ids::default()
    }
}

#[test]
fn a_late_launch_undoes_no_end_and_a_new_one_does() {
    let world = World::new();
    let mut run = lost(&world);
    assert_eq!(end_code(&run), Some(Code::AnswerLost));
    launch(&world, &mut run, 1);
    assert_eq!(
        status(&world, &run),
        Status::Relaunch,
        "a double of the first"
    );
    launch(&world, &mut run, 2);
    assert_eq!(status(&world, &run), Status::Launched);
    closed(&world, &mut run, 1);
    assert_eq!(
        status(&world, &run),
        Status::Launched,
        "the first popup's end"
    );
    closed(&world, &mut run, 2);
    launch(&world, &mut run, 2);
    assert_eq!(
        status(&world, &run),
        Status::Abandoned,
        "overtaken by its end"
    );
    outcome(&world, &mut run, "code-2", 2, None);
    let run = world.run_to_rest_from(run);
    assert_eq!(status(&world, &run), Status::Connected, "a late code wins");
}

#[test]
fn a_page_that_does_not_count_may_launch_again() {
    let world = World::new();
    let mut run = lost(&world);
    world.with_desk(|desk| accept::launched(&mut run, Launched::default(), desk));
    assert_eq!(run.stage, Stage::Launched);
}

#[test]
fn what_meta_handed_out_stays_until_a_new_code_is_here() {
    let world = World::new();
    world.meta.borrow_mut().script = vec![("waba", error(400, 100, Some(33)))];
    let run = world.started("code-1", Some(ids()));
    let mut run = world.run_to_rest_from(run);
    assert_eq!(end_code(&run), Some(Code::WabaUnreachable));
    launch(&world, &mut run, 2);
    assert!(run.has_token(), "an opened popup is no reason to drop it");
    outcome(&world, &mut run, "code-2", 2, None);
    assert!(!run.has_token());
    assert_eq!(
        status(&world, &world.run_to_rest_from(run)),
        Status::Connected
    );
}

#[test]
fn ids_of_an_older_popup_do_not_touch_the_new_one() {
    let world = World::new();
    let mut run = lost(&world);
    launch(&world, &mut run, 2);
    let late = Assets {
        event: None,
        ids: other(),
        attempt: Some(1),
    };
    let taken = world.with_desk(|desk| accept::assets(&mut run, late, desk));
    assert_eq!((taken, &run.ids), (Ok(()), &Ids::default()));
    // The first code once more, with ids of its own: nothing new either.
    outcome(&world, &mut run, "code-1", 1, Some(other()));
    assert_eq!(
        (status(&world, &run), &run.ids),
        (Status::Launched, &Ids::default())
    );
    // Nobody said whose these were; those that come with the code are the code's.
    let unnumbered = Assets {
        event: None,
        ids: other(),
        attempt: None,
    };
    let taken = world.with_desk(|desk| accept::assets(&mut run, unnumbered, desk));
    assert_eq!(taken, Ok(()));
    outcome(&world, &mut run, "code-2", 2, Some(ids()));
    assert_eq!(run.ids, ids());
}
