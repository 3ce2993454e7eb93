//! An operator cancels a signup: from which states, when it takes effect, and that nothing is called afterwards.

use crate::end_code;
use crate::fake::{CALLBACK, World, graph_error, outcome_post, session_ids, success};
use embark_onboarding::signup::{EffectId, Outcome, Signup, commands};
use embark_onboarding::workflow::{Host, Workflow};
use embark_protocol::requests::{InputRequest, LaunchedRequest};
use embark_protocol::{ProblemCode, SignupStatus, SiteId};
use serde_json::json;

fn cancel(world: &World, signup: &mut Signup, site: &str) -> Result<(), ProblemCode> {
    let site = SiteId::parse(site).unwrap();
    let result = signup.cancel(&site, world.now.get());
    result.map_err(|problem| problem.code)
}

fn calls(world: &World) -> usize {
    world.meta.borrow().calls.len()
}

/// Waits for Meta: the register call is refused for 72 hours.
fn waiting_for_meta(world: &World) -> Signup {
    world.script([("register", graph_error(400, 133_016, None))]);
    world.with_code("code-1", Some(session_ids()));
    world.run_once().unwrap()
}

/// Waits for the customer's PIN.
fn waiting_for_pin(world: &World) -> Signup {
    world.set_phone(json!({"is_pin_enabled": true}));
    world.run_signup(Some(session_ids()))
}

#[test]
fn signup_of_another_site_or_that_has_ended_is_not_cancelled() {
    let world = World::new();
    let mut launched = world.launched();
    let foreign = cancel(&world, &mut launched, "rival");
    assert_eq!(foreign, Err(ProblemCode::NotFound));
    assert_eq!(launched, world.launched());

    let mut connected = world.run_signup(Some(session_ids()));
    let before = connected.clone();
    assert_eq!(
        cancel(&world, &mut connected, "acme"),
        Err(ProblemCode::Conflict)
    );
    assert_eq!(connected, before);
}

#[test]
fn signup_that_the_customer_could_go_on_with_is_cancelled() {
    let world = World::new();
    world.script([("exchange", graph_error(400, 100, Some(36_007)))]);
    let mut relaunch = world.run_signup(Some(session_ids()));
    assert_eq!(world.status(&relaunch), SignupStatus::Relaunch);
    assert_eq!(cancel(&world, &mut relaunch, "acme"), Ok(()));
    let relaunch = world.run_until_idle_from(relaunch);
    assert_eq!(end_code(&relaunch), Some(ProblemCode::SignupCancelled));
}

#[test]
fn signup_that_waits_ends_at_once_and_calls_nobody_afterwards() {
    type Waits = (fn(&World) -> Signup, SignupStatus);
    let waits: [Waits; 3] = [
        (World::launched, SignupStatus::Launched),
        (waiting_for_meta, SignupStatus::Waiting),
        (waiting_for_pin, SignupStatus::NeedsInput),
    ];
    for (make, status) in waits {
        let world = World::new();
        let mut signup = make(&world);
        assert_eq!(world.status(&signup), status);
        let before = calls(&world);
        assert_eq!(cancel(&world, &mut signup, "acme"), Ok(()));
        // Stored, but not run yet: pages ask for nothing that would be refused, and a sweep of the site wakes it soon.
        let cancelled = world.snapshot(&signup);
        assert_eq!(cancelled.status, SignupStatus::Running, "{status:?}");
        assert!(cancelled.input.is_none() && cancelled.problem.is_none());
        let mut signup = world.run_until_idle_from(signup);
        assert_eq!(
            end_code(&signup),
            Some(ProblemCode::SignupCancelled),
            "{status:?}"
        );
        let snapshot = world.snapshot(&signup);
        assert_eq!(snapshot.status, SignupStatus::Failed);
        assert!(snapshot.input.is_none() && snapshot.wait_ms.is_none());
        assert_eq!(calls(&world), before, "{status:?}");
        let events = world.status_event_names();
        assert_eq!(
            events.last().map(String::as_str),
            Some("signup.failed"),
            "{events:?}"
        );
        // Repeated, it changes nothing.
        let ended = signup.clone();
        assert_eq!(cancel(&world, &mut signup, "acme"), Ok(()));
        assert_eq!(signup, ended);
    }
}

#[test]
fn cancelled_signup_takes_nothing_in_from_pages() {
    for run_first in [false, true] {
        let world = World::new();
        let mut signup = waiting_for_pin(&world);
        assert_eq!(cancel(&world, &mut signup, "acme"), Ok(()));
        if run_first {
            signup = world.run_until_idle_from(signup);
        }
        let before = signup.clone();
        let pin = InputRequest::Pin {
            pin: "123456".into(),
        };
        let outcome = outcome_post("code-2", Some(session_ids()), Some(2));
        world.with_context(|cx| {
            let refused = commands::input(&mut signup, pin, cx).unwrap_err();
            assert_eq!(refused.code, ProblemCode::SignupCancelled);
            let refused = commands::outcome(&mut signup, outcome, CALLBACK, cx).unwrap_err();
            assert_eq!(refused.code, ProblemCode::SignupCancelled);
            commands::launched(&mut signup, LaunchedRequest { attempt: Some(2) }, cx);
        });
        assert_eq!(signup, before, "ended: {run_first}");
    }
}

#[test]
fn page_that_reports_the_popup_closed_cannot_reopen_a_cancelled_signup() {
    let world = World::new();
    let mut signup = world.launched();
    assert_eq!(cancel(&world, &mut signup, "acme"), Ok(()));
    let closed = serde_json::from_value(json!({"reason": "closed"})).unwrap();
    world.with_context(|cx| commands::ended(&mut signup, closed, "page/".into(), cx));
    assert_eq!(end_code(&signup), Some(ProblemCode::SignupCancelled));
}

#[test]
fn call_under_way_is_not_broken_off_and_no_other_begins() {
    let world = World::new();
    let mut signup = world.with_code("code-1", Some(session_ids()));
    let begun = signup.poll_effects(&[], &world.context());
    let begun: Vec<EffectId> = begun.iter().map(|(id, _)| *id).collect();
    assert!(begun.contains(&EffectId::Exchange));
    assert_eq!(cancel(&world, &mut signup, "acme"), Ok(()));
    let none = signup.poll_effects(&begun, &world.context());
    assert!(
        none.is_empty(),
        "{:?}",
        none.iter().map(|(id, _)| *id).collect::<Vec<_>>()
    );
    assert_eq!(end_code(&signup), None, "the exchange is under way");
    // Its token is stored, and the signup ends.
    let token = success(json!({"access_token": "EAATOKEN", "token_type": "bearer"}));
    signup.on_outcome(EffectId::Exchange, Outcome::Api(token), &world.context());
    let rest: Vec<EffectId> = begun
        .into_iter()
        .filter(|id| *id != EffectId::Exchange)
        .collect();
    signup.poll_effects(&rest, &world.context());
    assert_eq!(end_code(&signup), None, "the site is still asked");
    signup.poll_effects(&[EffectId::Outbox(0)], &world.context());
    assert!(signup.has_token());
    assert_eq!(end_code(&signup), Some(ProblemCode::SignupCancelled));
}

#[test]
fn crash_before_it_takes_effect_does_not_lose_the_request() {
    let world = World::new();
    let mut signup = world.with_code("code-1", Some(session_ids()));
    signup.poll_effects(&[], &world.context());
    assert_eq!(cancel(&world, &mut signup, "acme"), Ok(()));
    // Another incarnation opens the record: what the exchange led to is not known.
    let before = calls(&world);
    let signup = world.run_until_idle_from(signup);
    assert_eq!(end_code(&signup), Some(ProblemCode::SignupCancelled));
    assert_eq!(calls(&world), before);
}

#[test]
fn signup_whose_last_call_succeeded_meanwhile_is_connected() {
    let world = World::new();
    let connected = world.run_signup(Some(session_ids()));
    // The last call is taken in, and the signup has not looked at it.
    let mut signup = connected;
    signup.stage = embark_onboarding::signup::Stage::Running;
    assert_eq!(cancel(&world, &mut signup, "acme"), Ok(()));
    signup.poll_effects(&[], &world.context());
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    assert_eq!(signup.cancel_requested_at, None);
}
