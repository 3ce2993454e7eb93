//! Every operation of a signup fails once, in every way. The signup ends the same, and nothing is done twice.

#[path = "../fake/mod.rs"]
mod fake;
mod hosted;
mod overrides;
mod partners;
mod retried;
mod second_drive;
mod wakeups;

use embark_onboarding::resources::phone_number::PhoneRecord;
use embark_onboarding::signup::{End, Signup, Stage};
use embark_onboarding::transport::TransportError;
use embark_protocol::ProblemCode;
use fake::{FaultPoint, PlannedFault, World, session_ids};

/// A signup and what surrounds it, at its end.
struct Run {
    world: World,
    signup: Signup,
    /// Whether the customer had to go through Meta's popup again.
    relaunched: bool,
}

/// Runs a signup to its end. If it must be launched again, that is done once.
fn run_to_end(world: World, with_ids: bool, fault: Option<PlannedFault>) -> Run {
    let ids = with_ids.then(session_ids);
    world.with_code("code-1", ids.clone());
    world.fault.set(fault);
    let signup = world.run_until_idle();
    let (signup, relaunched) = relaunch_if_asked(&world, signup, with_ids);
    Run {
        world,
        signup,
        relaunched,
    }
}

fn relaunch_if_asked(world: &World, mut signup: Signup, with_ids: bool) -> (Signup, bool) {
    let end = match &signup.stage {
        Stage::Ended { end, .. } => Some(end),
        _ => None,
    };
    if !matches!(end, Some(End::Relaunch(_))) {
        return (signup, false);
    }
    world.post_code(&mut signup, "code-2", with_ids.then(session_ids));
    (world.run_until_idle(), true)
}

/// Every fault at every one of this many operations.
fn all_faults(operations: u32) -> impl Iterator<Item = PlannedFault> {
    (0..operations)
        .flat_map(|operation| FaultPoint::ALL.map(|point| PlannedFault { operation, point }))
}

fn is_connected(signup: &Signup) -> bool {
    let connected = End::Connected {
        without_number: false,
    };
    matches!(&signup.stage, Stage::Ended { end, .. } if *end == connected)
}

fn assert_connected(run: &Run, cell: &str) {
    let Run { world, signup, .. } = run;
    assert!(is_connected(signup), "{cell}: {:?}", signup.stage);
    let meta = world.meta.borrow();
    assert_eq!(meta.accepted_registrations, 1, "{cell}: registrations");
    assert!(meta.subscribed, "{cell}: subscribed");
    let PhoneRecord {
        accepted_pin,
        candidate_pin,
        register_in_flight_since,
        register_attempts,
        ..
    } = world.phone.borrow().clone();
    assert!(accepted_pin.is_some(), "{cell}: the PIN is kept");
    assert!(
        candidate_pin.is_none() && register_in_flight_since.is_none(),
        "{cell}: the registration is over"
    );
    let attempts = register_attempts.len();
    assert!(attempts <= 2, "{cell}: {attempts} register calls");
    let tokens = world.waba.borrow().tokens.len();
    assert_eq!(tokens, 1, "{cell}: the account has the token");
    assert!(signup.outbox.is_empty(), "{cell}: the outbox is empty");
}

#[test]
fn signup_with_one_fault_at_any_operation_ends_connected() {
    let mut cells = 0;
    let mut relaunched_cells = 0;
    for with_ids in [true, false] {
        let faultless = run_to_end(World::new(), with_ids, None);
        assert_connected(&faultless, "no fault");
        for fault in all_faults(faultless.world.operations.get()) {
            let run = run_to_end(World::new(), with_ids, Some(fault));
            let failed = run.world.failed.get().expect("the operation was begun");
            let cell = format!("{fault:?} {} ids={with_ids}", failed.name);
            assert_connected(&run, &cell);
            // The customer is needed again if, and only if, the code was spent and the token lost.
            assert_eq!(run.relaunched, failed.loses_token(), "{cell}: relaunched");
            let exchanges = run.world.meta.borrow().accepted_exchanges;
            assert!(exchanges <= 2, "{cell}: {exchanges} exchanges");
            cells += 1;
            relaunched_cells += u32::from(run.relaunched);
        }
    }
    println!("{cells} cells, {relaunched_cells} of them by a second launch");
    assert!(cells > 150, "the signup has operations: {cells}");
    assert!(relaunched_cells >= 2, "a spent code is noticed");
}

#[test]
fn exchange_without_reply_twice_ends_in_relaunch_of_same_signup() {
    let world = World::new();
    let timeout = || ("exchange", Err(TransportError::Timeout));
    world.script([timeout(), timeout()]);
    let signup = world.run_signup(Some(session_ids()));
    let Stage::Ended {
        end: End::Relaunch(problem),
        ..
    } = &signup.stage
    else {
        panic!("{:?}", signup.stage)
    };
    assert_eq!(problem.code, ProblemCode::AnswerLost);
    let id = signup.id.clone();
    let (signup, relaunched) = relaunch_if_asked(&world, signup, true);
    assert_eq!(signup.id, id);
    let run = Run {
        world,
        signup,
        relaunched,
    };
    assert_connected(&run, "second launch");
}
