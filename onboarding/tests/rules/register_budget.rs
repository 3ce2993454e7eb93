//! The budget of register calls: three in 72 hours, also where the clock was put back in between.

use crate::fake::{World, session_ids};
use core::time::Duration;
use embark_protocol::{ProblemCode, SignupStatus};

#[test]
fn attempts_dated_ahead_of_a_clock_put_back_lock_the_number_for_72_hours_at_most() {
    for ahead in [Duration::from_hours(1), Duration::from_hours(24 * 30)] {
        let world = World::new();
        world.phone.borrow_mut().register_attempts = vec![world.now.get() + ahead; 3];
        world.with_code("code-1", Some(session_ids()));
        let signup = world.run_once().unwrap();
        let shown = world.snapshot(&signup);
        assert_eq!(shown.status, SignupStatus::Waiting);
        let problem = shown.problem.unwrap();
        assert_eq!(problem.code, ProblemCode::RegisterBudget);
        let wait = Duration::from_millis(shown.wait_ms.unwrap().into());
        assert!(wait <= Duration::from_hours(72), "{wait:?}");
        assert_eq!(world.count_calls("register"), 0);
        assert_eq!(
            world.phone.borrow().register_attempts.len(),
            3,
            "none is forgotten"
        );

        world.advance(Duration::from_hours(72));
        let signup = world.run_until_idle();
        assert_eq!(world.status(&signup), SignupStatus::Connected);
        assert_eq!(world.count_calls("register"), 1);
    }
}

#[test]
fn budget_opens_72_hours_after_the_attempt_that_is_dated_first() {
    let world = World::new();
    let now = world.now.get();
    let hours_ago = |hours| now.before(Duration::from_hours(hours));
    world.phone.borrow_mut().register_attempts = vec![hours_ago(1), hours_ago(70), hours_ago(69)];
    world.with_code("code-1", Some(session_ids()));
    let signup = world.run_once().unwrap();
    let wait = world.snapshot(&signup).wait_ms.unwrap();
    assert!(Duration::from_millis(wait.into()) <= Duration::from_hours(2));
}
