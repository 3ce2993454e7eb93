//! The readiness report of a connected signup: how it is read, who is shown what of it, and when it is read
//! again.

use crate::fake::{World, graph_error, session_ids};
use crate::readiness::check_of;
use core::time::Duration;
use embark_onboarding::resources::site_event::SiteEvent;
use embark_onboarding::signup::{Signup, commands};
use embark_protocol::SignupStatus;
use embark_protocol::report::{Check, CheckItem, CheckState, NextAction};
use serde_json::json;

fn run(world: &World) -> Signup {
    let signup = world.run_signup(Some(session_ids()));
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    signup
}

fn checks(world: &World, signup: &Signup) -> Vec<Check> {
    signup.readiness_checks(world.now.get()).unwrap()
}

#[test]
fn health_reasons_of_meta_are_part_of_the_check() {
    let world = World::new();
    world.meta.borrow_mut().account = json!({"health_status": {"can_send_message": "BLOCKED", "entities": [
        {"entity_type": "WABA", "id": "5", "can_send_message": "BLOCKED", "errors": [{"error_code": 141_006,
            "error_description": "There is an error with the payment method.", "possible_solution": "Add one."}]},
        {"entity_type": "BUSINESS", "id": "4", "can_send_message": "LIMITED", "additional_info": ["Not verified."]}]}});
    let signup = run(&world);
    let checks = checks(&world, &signup);
    let health = check_of(&checks, CheckItem::Health);
    assert_eq!(health.state, CheckState::Problem);
    assert_eq!(health.next_action, Some(NextAction::SeeReasons));
    let reasons = health.reasons.iter();
    let reasons: Vec<_> = reasons
        .map(|reason| (reason.code, reason.text.as_str()))
        .collect();
    let expected = [
        (Some(141_006), "There is an error with the payment method."),
        (None, "Not verified."),
    ];
    assert_eq!(reasons, expected);
    // The page shows what the customer can act on, and nothing of the partner's.
    let shown = world.snapshot(&signup).report.unwrap().checks;
    let is_for_customer =
        |check: &Check| check.next_action.is_some_and(NextAction::is_for_customer);
    assert!(shown.iter().all(is_for_customer));
    assert!(shown.iter().any(|check| check.item == CheckItem::Health));
}

/// An account and a number with which messages can be sent.
fn ready_world() -> World {
    let world = World::new();
    world.meta.borrow_mut().account = json!({"business_verification_status": "verified",
        "account_review_status": "APPROVED", "primary_funding_id": "8500000000000001",
        "health_status": {"can_send_message": "AVAILABLE", "entities": []}});
    world.set_phone(json!({"name_status": "APPROVED",
        "health_status": {"can_send_message": "AVAILABLE", "entities": []}}));
    world
}

#[test]
fn page_is_ready_only_if_no_check_that_decides_is_open() {
    type Change = fn(&World);
    let changes: [(&str, Change, bool); 5] = [
        ("nothing", |_| {}, true),
        (
            "what does not decide",
            |world| world.set_phone(json!({"quality_rating": "RED"})),
            true,
        ),
        (
            "banned, which the operator looks into",
            |world| world.set_phone(json!({"status": "BANNED"})),
            false,
        ),
        (
            "health",
            |world| {
                world.set_phone(
                    json!({"health_status": {"can_send_message": "BLOCKED", "entities": []}}),
                )
            },
            false,
        ),
        (
            "payment, which is not known",
            |world| {
                world.meta.borrow_mut().account["primary_funding_id"] = json!(null);
            },
            false,
        ),
    ];
    for (name, change, ready) in changes {
        let world = ready_world();
        let mut signup = run(&world);
        change(&world);
        world.advance(Duration::from_mins(1));
        commands::refresh_report(&mut signup, world.now.get());
        let signup = world.run_until_idle_from(signup);
        let report = world.snapshot(&signup).report.unwrap();
        let checks = checks(&world, &signup);
        assert_eq!(report.ready, Some(ready), "{name}: {checks:?}");
    }
}

#[test]
fn refused_read_leaves_one_check_unknown() {
    let world = World::new();
    world.script([("subscriptions", graph_error(403, 10, None))]);
    let signup = run(&world);
    let checks = checks(&world, &signup);
    let webhook = check_of(&checks, CheckItem::AppWebhook);
    assert_eq!(webhook.state, CheckState::Unknown);
    assert_eq!(webhook.next_action, Some(NextAction::RefreshReport));
    let subscription = check_of(&checks, CheckItem::Subscription);
    assert_eq!(subscription.state, CheckState::Ok);
}

#[test]
fn refresh_reads_the_report_again_unless_it_is_recent() {
    let world = World::new();
    let mut signup = run(&world);
    let reads = world.count_calls("subscriptions");
    commands::refresh_report(&mut signup, world.now.get() + Duration::from_secs(1));
    assert!(signup.steps.report.complete, "it is recent");

    world.set_phone(json!({"quality_rating": "RED"}));
    world.advance(Duration::from_mins(1));
    commands::refresh_report(&mut signup, world.now.get());
    let signup = world.run_until_idle_from(signup);
    assert_eq!(world.count_calls("subscriptions"), reads + 1);
    assert_eq!(signup.warnings, ["quality_red"]);
    let checks = checks(&world, &signup);
    let quality = check_of(&checks, CheckItem::Quality);
    assert_eq!(quality.state, CheckState::Problem);
}

#[test]
fn refused_token_in_a_report_is_told_to_the_account_once() {
    let refused = || graph_error(401, 190, Some(460));
    for (call, name, told) in [
        ("phone", "a read with the customer's token", true),
        ("subscriptions", "one with the app's token", false),
    ] {
        let world = World::new();
        let mut signup = run(&world);
        world.script([(call, refused())]);
        for _ in 0..2 {
            world.advance(Duration::from_mins(1));
            commands::refresh_report(&mut signup, world.now.get());
            signup = world.run_until_idle_from(signup);
        }
        let waba = world.waba.borrow();
        let is_refused = |event: &&SiteEvent| event.name == "token.refused";
        let events = waba.outbox.iter().filter(is_refused).count();
        assert_eq!(events, usize::from(told), "{name}");
        assert_eq!(waba.tokens[0].refused_at.is_some(), told, "{name}");
        assert!(signup.outbox.is_empty(), "{name}");
        assert_eq!(world.status(&signup), SignupStatus::Connected);
    }
}

#[test]
fn token_refused_after_the_claim_is_told_to_the_account() {
    for (call, told) in [("waba", false), ("subscribe", true), ("register", true)] {
        let world = World::new();
        world.script([(call, graph_error(401, 190, None))]);
        let signup = world.run_signup(Some(session_ids()));
        assert_eq!(world.status(&signup), SignupStatus::Relaunch, "{call}");
        let waba = world.waba.borrow();
        let names: Vec<_> = waba
            .outbox
            .iter()
            .map(|event| event.name.as_str())
            .collect();
        let want: &[&str] = if told { &["token.refused"] } else { &[] };
        assert_eq!(names, want, "{call}");
    }
}
