//! For every operation of a signup and every way it can go wrong there: the same end, nothing twice.

#[path = "../fake/mod.rs"]
mod fake;
mod partners;

use embark_edge::phone::Phone;
use embark_edge::signup::{End, Signup, Stage};
use embark_protocol::Code;
use fake::{Blow, World, ids};

/// Runs a signup with the fuse at `at`; if it must be launched again, launches it again.
fn signup(fuse: Option<(u32, Blow)>, with_ids: bool) -> (World, Signup, bool) {
    let world = World::new();
    let mut run = world.started("code-1", with_ids.then(ids));
    world.fuse.set(fuse);
    run = world.run_to_rest_from(run);
    let (run, relaunched) = to_the_end(&world, run, with_ids);
    (world, run, relaunched)
}

/// Whoever is sent back to Meta goes, once; and whether they had to.
fn to_the_end(world: &World, mut run: Signup, with_ids: bool) -> (Signup, bool) {
    let relaunched = matches!(
        &run.stage,
        Stage::Ended {
            end: End::Relaunch(_),
            ..
        }
    );
    if relaunched {
        world.submit(&mut run, "code-2", with_ids.then(ids));
        run = world.run_to_rest();
    }
    (run, relaunched)
}

fn is_connected(run: &Signup) -> bool {
    matches!(
        &run.stage,
        Stage::Ended {
            end: End::Connected {
                without_number: false
            },
            ..
        }
    )
}

fn assert_connected(world: &World, run: &Signup, cell: &str) {
    assert!(is_connected(run), "{cell}: {:?}", run.stage);
    let meta = world.meta.borrow();
    assert_eq!(meta.registers_accepted, 1, "{cell}: registers");
    assert!(meta.subscribed, "{cell}: subscribed");
    let Phone {
        accepted,
        candidate,
        open,
        registers,
        ..
    } = world.phone.borrow().clone();
    assert!(
        accepted.is_some() && candidate.is_none() && open.is_none(),
        "{cell}: the PIN is kept"
    );
    assert!(
        registers.len() <= 2,
        "{cell}: {} register calls",
        registers.len()
    );
    assert_eq!(
        world.waba.borrow().tokens.len(),
        1,
        "{cell}: the token is at the WABA"
    );
    assert!(run.owed.is_empty(), "{cell}: nothing owed");
}

#[test]
fn every_operation_may_fail_once_and_the_signup_ends_the_same() {
    let mut cells = 0;
    let mut relaunched_cells = 0;
    for with_ids in [true, false] {
        let (clean, run, _) = signup(None, with_ids);
        assert_connected(&clean, &run, "clean");
        for at in 0..clean.operations.get() {
            for blow in [Blow::DieBefore, Blow::DieAfter, Blow::Lost, Blow::Landed] {
                let (world, run, relaunched) = signup(Some((at, blow)), with_ids);
                let name = world.blown.get().unwrap_or("never blew");
                let cell = format!("{name} (#{at}) {blow:?} ids={with_ids}");
                assert_connected(&world, &run, &cell);
                // Only a code that was spent unheard needs the person again.
                let spent_unheard =
                    name == "exchange" && matches!(blow, Blow::DieAfter | Blow::Landed);
                assert!(
                    !relaunched || spent_unheard || lost_at_save(&world, at),
                    "{cell}: relaunched"
                );
                assert!(
                    world.meta.borrow().exchanges_accepted <= 2,
                    "{cell}: exchanges"
                );
                cells += 1;
                relaunched_cells += u32::from(relaunched);
            }
        }
    }
    println!("{cells} cells, {relaunched_cells} of them by a second launch");
    assert!(cells > 150, "the signup has operations: {cells}");
    assert!(relaunched_cells >= 2, "a spent code is noticed");
}

/// The save that would have kept the token: the code was read and spent, and nothing was stored.
fn lost_at_save(world: &World, at: u32) -> bool {
    world.blown.get() == Some("save")
        && at <= SAVE_OF_THE_TOKEN
        && world.meta.borrow().exchanges_accepted == 2
}

/// `save` (intent), `ask site` twice at most, `exchange`, then the save that holds the token.
const SAVE_OF_THE_TOKEN: u32 = 6;

#[test]
fn an_answer_lost_twice_ends_in_a_relaunch_under_the_same_signup() {
    let world = World::new();
    let run = world.started("code-1", Some(ids()));
    let lost = || Err(embark_edge::graph::Unheard::Timeout);
    world.meta.borrow_mut().script = vec![("exchange", lost()), ("exchange", lost())];
    let mut run = world.run_to_rest_from(run);
    let Stage::Ended {
        end: End::Relaunch(problem),
        ..
    } = &run.stage
    else {
        panic!("{:?}", run.stage)
    };
    assert_eq!(problem.code, Code::AnswerLost);
    let id = run.id.clone();
    world.submit(&mut run, "code-2", Some(ids()));
    let run = world.run_to_rest();
    assert_connected(&world, &run, "second launch");
    assert_eq!(run.id, id);
}
