//! A signup that has failed and is tried again: every operation from then on fails once, in every way.

use crate::fake::{PlannedFault, World, graph_error, session_ids};
use crate::{all_faults, is_connected};
use embark_onboarding::signup::Signup;
use embark_protocol::SiteId;

/// Fails at one of the calls, and is tried again. `fault`: counted from then on. Also returns how many operations there were.
fn run(call: &'static str, code: i64, fault: Option<PlannedFault>) -> (World, Signup, u32) {
    let world = World::new();
    world.script([(call, graph_error(400, code, None))]);
    let mut signup = world.run_signup(Some(session_ids()));
    let site = SiteId::parse("acme").unwrap();
    let retried = world.with_context(|cx| signup.retry(&site, cx));
    assert_eq!(retried, Ok(()), "{call}");
    let before = world.operations.get();
    world.fault.set(fault.map(|fault| PlannedFault {
        operation: before + fault.operation,
        ..fault
    }));
    let signup = world.run_until_idle_from(signup);
    let operations = world.operations.get() - before;
    (world, signup, operations)
}

#[test]
fn retried_signup_ends_connected_whatever_fails_once() {
    let failures = [
        ("phone_numbers", 100),
        ("subscribe", 100),
        ("register", 131_031),
    ];
    for (call, code) in failures {
        let (_, signup, operations) = run(call, code, None);
        assert!(is_connected(&signup), "{call}: {:?}", signup.stage);
        for fault in all_faults(operations) {
            let (world, signup, _) = run(call, code, Some(fault));
            let cell = format!("{call}: {:?} {:?}", world.failed.get(), fault.point);
            assert!(is_connected(&signup), "{cell}: {:?}", signup.stage);
            let meta = world.meta.borrow();
            assert_eq!(meta.accepted_registrations, 1, "{cell}");
            assert_eq!(meta.accepted_exchanges, 1, "{cell}");
            assert!(meta.subscribed, "{cell}");
        }
    }
}
