//! An operator has a signup tried again that has failed: it goes on from its step, and nothing is done twice.

use crate::fake::{
    World, graph_error, http_response, infobip_site, session_ids, solution_partner_site,
};
use crate::operator_retry::{give_number_away, retry, retry_and_run};
use crate::{end_code, submit_input};
use core::time::Duration;
use embark_onboarding::resources::run::HostedSignup;
use embark_onboarding::signup::End;
use embark_protocol::requests::InputRequest;
use embark_protocol::{
    AppKey, BusinessId, Problem, ProblemCode, SignupStatus, SiteId, Step, WabaId,
};
use serde_json::json;

/// Fails, or is to be launched again, with this code; goes on once the second function has put it right.
struct Failure {
    code: ProblemCode,
    prepare: fn(&World),
    put_right: fn(&World),
    /// Each of these calls is made so often in all.
    calls: &'static [(&'static str, usize)],
}

const FAILURES: &[Failure] = &[
    Failure {
        code: ProblemCode::SiteDisabled,
        prepare: |world| world.configure_site(json!({"enabled": false})),
        put_right: |world| world.configure_site(json!({"enabled": true})),
        calls: &[("exchange", 1), ("register", 1)],
    },
    Failure {
        code: ProblemCode::MetaRefused,
        prepare: |world| world.script([("debug_token", graph_error(400, 100, None))]),
        put_right: |_| {},
        calls: &[("exchange", 1), ("debug_token", 2)],
    },
    Failure {
        code: ProblemCode::WabaUnreachable,
        prepare: |world| world.script([("waba", graph_error(400, 100, Some(33)))]),
        put_right: |_| {},
        calls: &[("exchange", 1), ("register", 1)],
    },
    Failure {
        code: ProblemCode::OwnedElsewhere,
        prepare: give_number_away,
        put_right: |world| world.phone.borrow_mut().owner = None,
        calls: &[("exchange", 1), ("phone_numbers", 1), ("register", 1)],
    },
    Failure {
        code: ProblemCode::MetaRefused,
        prepare: |world| world.script([("subscribe", graph_error(400, 100, None))]),
        put_right: |_| {},
        // The list is read before the app is subscribed once more.
        calls: &[("exchange", 1), ("subscribe", 2), ("subscribed_apps", 3)],
    },
    Failure {
        code: ProblemCode::AccountLocked,
        prepare: |world| world.script([("register", graph_error(400, 131_031, None))]),
        put_right: |_| {},
        calls: &[("exchange", 1), ("subscribe", 1), ("register", 2)],
    },
    Failure {
        code: ProblemCode::NumberOnPremise,
        prepare: |world| world.set_phone(json!({"platform_type": "ON_PREMISE"})),
        put_right: |world| world.set_phone(json!({"platform_type": "NOT_APPLICABLE"})),
        calls: &[("exchange", 1), ("register", 1)],
    },
    Failure {
        code: ProblemCode::AppMisconfigured,
        prepare: |world| {
            world.configure_site(infobip_site());
            world.provider.borrow_mut().connects_number = true;
            world.provider.borrow_mut().script = vec![http_response(401, "{}")];
        },
        put_right: |_| {},
        calls: &[("exchange", 1), ("share_waba", 2)],
    },
];

#[test]
fn failed_signup_goes_on_from_its_step() {
    for failure in FAILURES {
        let world = World::new();
        (failure.prepare)(&world);
        let signup = world.run_signup(Some(session_ids()));
        let name = failure.code.as_str();
        assert_eq!(end_code(&signup), Some(failure.code), "{name}");
        world.advance(Duration::from_hours(30));
        (failure.put_right)(&world);
        let mut signup = signup;
        retry(&world, &mut signup).unwrap();
        let signup = world.run_until_idle_from(signup);
        assert_eq!(world.status(&signup), SignupStatus::Connected, "{name}");
        for (call, count) in failure.calls {
            assert_eq!(world.count_calls(call), *count, "{name}: {call}");
        }
        let events = world.status_event_names();
        assert_eq!(
            events.last().map(String::as_str),
            Some("signup.connected"),
            "{name}: {events:?}"
        );
    }
}

#[test]
fn failure_that_is_still_there_is_reported_again() {
    let world = World::new();
    give_number_away(&world);
    let mut signup = world.run_signup(Some(session_ids()));
    for _ in 0..2 {
        retry(&world, &mut signup).unwrap();
        signup = world.run_until_idle_from(signup);
        assert_eq!(end_code(&signup), Some(ProblemCode::OwnedElsewhere));
    }
    let events = world.status_event_names();
    let failed = events.iter().filter(|name| *name == "signup.failed");
    assert_eq!(failed.count(), 3, "{events:?}");
}

#[test]
fn number_that_is_live_by_now_is_not_registered() {
    let world = World::new();
    give_number_away(&world);
    let mut signup = world.run_signup(Some(session_ids()));
    world.phone.borrow_mut().owner = None;
    world.meta.borrow_mut().connect_number();
    retry(&world, &mut signup).unwrap();
    let signup = world.run_until_idle_from(signup);
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    assert_eq!(world.count_calls("register"), 0);
}

#[test]
fn credit_line_is_shared_once() {
    let world = World::with_site(solution_partner_site("share_and_attach"));
    world.script([("register", graph_error(400, 131_031, None))]);
    let mut signup = world.run_signup(Some(session_ids()));
    assert_eq!(end_code(&signup), Some(ProblemCode::AccountLocked));
    let shared = world.count_calls("share_and_attach");
    retry(&world, &mut signup).unwrap();
    let signup = world.run_until_idle_from(signup);
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    assert_eq!(world.count_calls("share_and_attach"), shared);
}

#[test]
fn order_that_the_provider_accepted_is_not_repeated() {
    let world = World::with_site(infobip_site());
    world.with_code("code-1", Some(session_ids()));
    let signup = world.run_once().unwrap();
    assert_eq!(world.status(&signup), SignupStatus::Waiting);
    let reads = world.count_calls("phone");
    let mut signup = retry_and_run(&world, signup);
    assert_eq!(world.count_calls("share_waba"), 1);
    assert_eq!(world.count_calls("phone"), reads + 1, "Meta was read now");
    // Infobip never reports; the wait has ended.
    let problem = Problem::new(ProblemCode::ProviderUnavailable);
    let problem = problem.at_step(Step::Handoff);
    signup.end(End::Failed(problem), world.now.get());
    world.meta.borrow_mut().connect_number();
    retry(&world, &mut signup).unwrap();
    let signup = world.run_until_idle_from(signup);
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    assert_eq!(world.count_calls("share_waba"), 1);
}

#[test]
fn hosted_signup_fetches_its_token_again() {
    let world = World::new();
    let mut signup = world.launched();
    signup.start_hosted(HostedSignup {
        site: SiteId::parse("acme").unwrap(),
        app: AppKey::parse("main").unwrap(),
        waba: WabaId::parse("5000000000000001").unwrap(),
        business: BusinessId::parse("4000000000000001").unwrap(),
    });
    world.script([("system_user_token", graph_error(400, 190, None))]);
    let mut signup = world.run_until_idle_from(signup);
    assert_eq!(end_code(&signup), Some(ProblemCode::AppMisconfigured));
    retry(&world, &mut signup).unwrap();
    let signup = world.run_until_idle_from(signup);
    assert_eq!(world.status(&signup), SignupStatus::Connected);
}

#[test]
fn three_wrong_pins_are_asked_for_anew() {
    let world = World::new();
    world.set_phone(json!({"is_pin_enabled": true}));
    world.meta.borrow_mut().pin = Some("731904".into());
    let mut signup = world.run_signup(Some(session_ids()));
    for _ in 0..3 {
        let wrong = InputRequest::Pin {
            pin: "111111".into(),
        };
        assert_eq!(submit_input(&world, &mut signup, wrong), Ok(()));
        signup = world.run_until_idle();
    }
    assert_eq!(end_code(&signup), Some(ProblemCode::TooManyTries));
    world.advance(Duration::from_hours(73));
    let signup = retry_and_run(&world, signup);
    let asked = world.snapshot(&signup).input.unwrap();
    assert_eq!(asked.attempts_left, Some(3));
}
