//! A number that is in use is never registered, and its owner is asked nothing about it: numbers that are registered
//! already, that stay in the WhatsApp Business app, or that are still on the On-Premises API.

use crate::end_code;
use crate::fake::{CALLBACK, World, graph_error, outcome_post, session_ids};
use crate::submit_input;
use core::time::Duration;
use embark_onboarding::signup::{Signup, commands};
use embark_onboarding::transport::TransportError;
use embark_protocol::requests::InputRequest;
use embark_protocol::{ProblemCode, SignupStatus, SiteId};
use serde_json::{Value, json};

/// A world whose number has these fields.
fn world(number: &Value) -> World {
    let world = World::new();
    world.set_phone(number.clone());
    world
}

/// A signup whose popup reported this event.
fn run_with_event(world: &World, event: Option<&str>) -> Signup {
    let mut post = outcome_post("code-1", Some(session_ids()), None);
    post.event = event.map(str::to_owned);
    let mut signup = world.launched();
    world
        .with_context(|cx| commands::outcome(&mut signup, post, CALLBACK, cx))
        .unwrap();
    world.run_until_idle_from(signup)
}

fn coexistence(world: &World, signup: &Signup) -> bool {
    world.snapshot(signup).connected.unwrap().coexistence
}

const COEXISTENCE: &str = "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING";

#[test]
fn registered_number_of_any_standing_is_left_alone() {
    for fields in [
        json!({"status": "CONNECTED"}),
        json!({"status": "FLAGGED"}),
        json!({"status": "RESTRICTED"}),
        json!({"status": "rate_limited"}),
        json!({"status": "SOMETHING_NEW"}),
        json!({"status": null}),
        json!({"status": "CONNECTED", "code_verification_status": "EXPIRED"}),
        json!({"status": "FLAGGED", "code_verification_status": "NOT_VERIFIED"}),
    ] {
        let world = world(&json!({"platform_type": "CLOUD_API", "is_pin_enabled": true}));
        world.set_phone(fields.clone());
        let signup = world.run_signup(Some(session_ids()));
        assert_eq!(world.status(&signup), SignupStatus::Connected, "{fields}");
        assert_eq!(world.count_calls("register"), 0, "{fields}");
        assert!(
            signup.warnings.is_empty(),
            "{fields}: {:?}",
            signup.warnings
        );
    }
}

#[test]
fn number_in_app_that_meta_shows_late_is_read_again_and_synchronised() {
    let world = world(&json!({"is_on_biz_app": true}));
    world.with_code("code-1", Some(session_ids()));
    let signup = world.run_once().unwrap();
    assert_eq!(world.status(&signup), SignupStatus::Running);
    world.keep_number_in_business_app();
    let signup = world.run_until_idle();
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    assert_eq!(world.count_calls("register"), 0);
    assert_eq!(world.count_calls("smb_app_data"), 2);
    assert!(signup.warnings.is_empty(), "{:?}", signup.warnings);
    assert!(coexistence(&world, &signup));
}

#[test]
fn number_that_meta_never_shows_in_app_is_not_registered_and_warned_about() {
    for (event, fields) in [
        (None, json!({"is_on_biz_app": true})),
        (Some(COEXISTENCE), json!({"is_on_biz_app": true})),
        (Some(COEXISTENCE), json!({})),
        (Some(COEXISTENCE), json!({"is_on_biz_app": false})),
        (Some("finish_whatsapp_business_app_onboarding"), json!({})),
        (
            Some(COEXISTENCE),
            json!({"platform_type": "CLOUD_API", "status": "CONNECTED"}),
        ),
        (Some(COEXISTENCE), json!({"is_pin_enabled": true})),
        (
            Some(COEXISTENCE),
            json!({"code_verification_status": "NOT_VERIFIED"}),
        ),
    ] {
        let world = world(&fields);
        let signup = run_with_event(&world, event);
        let case = format!("{event:?} {fields}");
        assert_eq!(world.status(&signup), SignupStatus::Connected, "{case}");
        assert_eq!(world.count_calls("register"), 0, "{case}");
        assert!(coexistence(&world, &signup), "{case}");
        let missed = signup.warnings.iter().filter(|word| *word == "sync_missed");
        assert_eq!(missed.count(), 1, "{case}: {:?}", signup.warnings);
        assert_eq!(world.event_names(), ["sync.missed"], "{case}");
        // The data is requested all the same.
        assert_eq!(world.count_calls("smb_app_data"), 2, "{case}");
        let expected = Duration::from_mins(3)..Duration::from_mins(6);
        assert!(
            expected.contains(&world.elapsed()),
            "{case}: {:?}",
            world.elapsed()
        );
    }
}

#[test]
fn reads_of_an_unclear_number_that_fail_are_bounded() {
    let world = world(&json!({"is_on_biz_app": true}));
    world.script((0..50).map(|_| ("phone", Err(TransportError::Timeout))));
    world.with_code("code-1", Some(session_ids()));
    let mut signup = world.run_once().unwrap();
    while world.status(&signup) != SignupStatus::Connected {
        world.advance_to_wake(signup.next_wake_at.unwrap());
        signup = world.run_once().unwrap();
    }
    assert_eq!(world.count_calls("register"), 0);
    assert!(
        world.elapsed() < Duration::from_mins(15),
        "{:?}",
        world.elapsed()
    );
}

#[test]
fn site_for_numbers_in_app_registers_only_what_popup_and_meta_deny() {
    for (event, flag, registered) in [
        (None, json!(null), 0),
        (None, json!(false), 0),
        (Some("FINISH"), json!(null), 0),
        (Some("FINISH"), json!(true), 0),
        (Some("FINISH"), json!(false), 1),
    ] {
        let world = world(&json!({"is_on_biz_app": flag}));
        world.configure_site(json!({"feature_type": "whatsapp_business_app_onboarding"}));
        let signup = run_with_event(&world, event);
        assert_eq!(
            world.status(&signup),
            SignupStatus::Connected,
            "{event:?} {flag}"
        );
        assert_eq!(
            world.count_calls("register"),
            registered,
            "{event:?} {flag}"
        );
    }
}

#[test]
fn number_on_premises_ends_with_its_own_problem_and_no_question() {
    for fields in [
        json!({"platform_type": "ON_PREMISE", "status": "CONNECTED"}),
        json!({"platform_type": "ON_PREMISE", "is_pin_enabled": true}),
        json!({"platform_type": "on_premise", "code_verification_status": "NOT_VERIFIED"}),
    ] {
        let world = world(&fields);
        let signup = world.run_signup(Some(session_ids()));
        let expected = Some(ProblemCode::NumberOnPremise);
        assert_eq!(end_code(&signup), expected, "{fields}");
        assert_eq!(world.count_calls("register"), 0, "{fields}");
    }
}

#[test]
fn number_in_use_on_no_platform_is_read_again_and_never_registered() {
    for status in ["CONNECTED", "FLAGGED", "RATE_LIMITED"] {
        let world = world(&json!({"status": status, "is_pin_enabled": true}));
        let signup = world.run_signup(Some(session_ids()));
        assert_eq!(world.status(&signup), SignupStatus::Connected, "{status}");
        assert_eq!(world.count_calls("register"), 0, "{status}");
        assert_eq!(signup.warnings, ["number_not_connected_yet"], "{status}");
    }
}

#[test]
fn number_that_went_live_while_the_pin_was_asked_for_is_not_registered() {
    let world = world(&json!({"is_pin_enabled": true}));
    let mut signup = world.run_signup(Some(session_ids()));
    assert_eq!(world.status(&signup), SignupStatus::NeedsInput);
    world.advance(Duration::from_hours(30));
    world.meta.borrow_mut().connect_number();
    let pin = InputRequest::Pin {
        pin: "731904".into(),
    };
    assert_eq!(submit_input(&world, &mut signup, pin), Ok(()));
    let signup = world.run_until_idle();
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    assert_eq!(world.count_calls("register"), 0);
}

#[test]
fn deregistration_half_done_is_completed_once_then_the_number_is_registered() {
    for lost in [false, true] {
        let world = World::new();
        world.meta.borrow_mut().deregistration_incomplete = true;
        if lost {
            world.script([("deregister", Err(TransportError::Timeout))]);
        }
        let signup = world.run_signup(Some(session_ids()));
        assert_eq!(
            world.status(&signup),
            SignupStatus::Connected,
            "lost: {lost}"
        );
        assert_eq!(world.meta.borrow().accepted_registrations, 1);
        assert_eq!(world.count_calls("deregister"), 1 + usize::from(lost));
        let attempts = world.phone.borrow().register_attempts.len();
        assert_eq!(attempts, 2 + usize::from(lost), "all count");
    }
}

#[test]
fn deregistration_that_does_not_help_ends_with_its_own_problem() {
    let world = World::new();
    let incomplete = || ("register", graph_error(500, 133_000, None));
    world.script([incomplete(), incomplete()]);
    let signup = world.run_signup(Some(session_ids()));
    let expected = Some(ProblemCode::DeregistrationIncomplete);
    assert_eq!(end_code(&signup), expected);
    assert_eq!(world.count_calls("deregister"), 1);
    assert_eq!(world.count_calls("register"), 2);
}

#[test]
fn lock_of_a_number_holds_for_every_signup() {
    for (code, reason) in [
        (133_016, ProblemCode::RegisterBudget),
        (133_008, ProblemCode::PinLocked),
        (133_015, ProblemCode::MetaUnavailable),
    ] {
        let world = World::new();
        world.script([("register", graph_error(400, code, None))]);
        world.with_code("code-1", Some(session_ids()));
        world.run_once().unwrap();
        let mut other = world.launched();
        other.site = SiteId::parse("acme").unwrap();
        world.post_code(&mut other, "code-2", Some(session_ids()));
        let other = world.run_once().unwrap();
        assert_eq!(world.status(&other), SignupStatus::Waiting, "{code}");
        assert_eq!(
            world.snapshot(&other).problem.unwrap().code,
            reason,
            "{code}"
        );
        assert_eq!(world.count_calls("register"), 1, "{code}");
    }
}
