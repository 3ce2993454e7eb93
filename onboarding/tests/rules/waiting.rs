//! How long a signup waits, how often it repeats a call, and when it gives Meta up.

use crate::fake::{WABA, World, graph_error, http_response, infobip_site, session_ids};
use crate::{end_code, submit_input};
use core::time::Duration;
use embark_onboarding::auth::grant::Grant;
use embark_onboarding::retention::Retention;
use embark_onboarding::signup::{End, Signup, Stage, snapshot};
use embark_onboarding::time::UnixMillis;
use embark_onboarding::transport::TransportError;
use embark_protocol::requests::InputRequest;
use embark_protocol::{ProblemCode, SignupStatus, WabaId};
use serde_json::json;

#[test]
fn register_refused_for_a_while_waits_as_long_as_meta_says() {
    let world = World::new();
    let error = json!({"error": {"code": 133_009, "fbtrace_id": "A9",
        "error_data": {"details": "Please try again in 40 seconds"}}});
    world.script([("register", http_response(400, &error.to_string()))]);
    let signup = world.run_signup(Some(session_ids()));
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    assert!(world.elapsed() >= Duration::from_secs(40));
}

#[test]
fn wait_that_meta_names_for_the_registration_is_kept_in_full() {
    for (code, details, minutes) in [
        (133_016, "Try again after 1800 seconds.", 30),
        (133_016, "Please wait 259200 seconds", 72 * 60),
        (133_016, "try again in 4320 minutes", 72 * 60),
        (133_016, "Try again in 12 hours and 30 minutes.", 750),
        (133_016, "", 72 * 60),
        (133_016, "Account register limit exceeded", 72 * 60),
        (133_008, "Try again in 12 hours and 30 minutes.", 750),
        (133_009, "Try again in 1.5 hours", 90),
        (80_008, "Try again in 1 day", 24 * 60),
        (4, "in 999999 days", 72 * 60),
    ] {
        let world = World::new();
        let error = json!({"error": {"code": code, "error_data": {"details": details}}});
        world.script([("register", http_response(400, &error.to_string()))]);
        world.with_code("code-1", Some(session_ids()));
        let signup = world.run_once().unwrap();
        let wait = world.snapshot(&signup).wait_ms.unwrap();
        assert_eq!(
            Duration::from_millis(wait.into()),
            Duration::from_mins(minutes),
            "{code} {details}"
        );
        let signup = world.run_until_idle();
        assert_eq!(
            world.status(&signup),
            SignupStatus::Connected,
            "{code} {details}"
        );
        let elapsed = world.elapsed();
        let longest = Duration::from_mins(minutes + 31);
        assert!(
            elapsed >= Duration::from_mins(minutes) && elapsed < longest,
            "{elapsed:?}"
        );
    }
}

#[test]
fn subscribe_without_reply_five_times_is_repeated() {
    let world = World::new();
    world.script((0..5).map(|_| ("subscribe", Err(TransportError::Timeout))));
    let signup = world.run_signup(Some(session_ids()));
    assert_eq!(world.status(&signup), SignupStatus::Connected);
}

#[test]
fn account_read_never_replied_ends_as_meta_unavailable() {
    let world = World::new();
    world.script((0..5_000).map(|_| ("waba", Err(TransportError::Connection))));
    let signup = world.run_signup(Some(session_ids()));
    assert_eq!(end_code(&signup), Some(ProblemCode::MetaUnavailable));
}

#[test]
fn wait_that_meta_asked_for_does_not_count_towards_giving_up() {
    // Meta allows no registration for 72 h; the next call after that is lost.
    let world = World::new();
    world.script([
        ("register", graph_error(400, 133_016, None)),
        ("register", Err(TransportError::Connection)),
    ]);
    let signup = world.run_signup(Some(session_ids()));
    assert_eq!(world.status(&signup), SignupStatus::Connected);
}

#[test]
fn wait_for_the_customer_does_not_count_towards_giving_up() {
    let world = World::new();
    world.meta.borrow_mut().wabas = vec![WABA, "5000000000000002"];
    let mut signup = world.run_signup(None);
    world.advance(Duration::from_hours(30));
    let choice = InputRequest::Waba {
        waba_id: WabaId::parse(WABA).unwrap(),
    };
    assert_eq!(submit_input(&world, &mut signup, choice), Ok(()));
    world.script([("waba", Err(TransportError::Timeout))]);
    let signup = world.run_until_idle();
    assert_eq!(world.status(&signup), SignupStatus::Connected);
}

#[test]
fn sequence_number_does_not_change_during_a_wait() {
    // The page counts down by itself: a wait changes `seq` when it begins and when it is over.
    let world = World::new();
    world.script([("register", graph_error(400, 133_009, None))]);
    world.with_code("code-1", Some(session_ids()));
    let waiting = world.run_once().unwrap();
    assert_eq!(world.status(&waiting), SignupStatus::Waiting);
    let until = waiting.next_wake_at.unwrap();
    for seconds_left in [29, 20, 5, 1] {
        let mut later = waiting.clone();
        later.bump_seq_if_changed(until.before(Duration::from_secs(seconds_left)));
        assert_eq!(later.seq, waiting.seq, "{seconds_left} s left");
    }
}

#[test]
fn short_outage_at_register_leaves_attempts_of_the_number() {
    let world = World::new();
    let outage = || ("register", graph_error(503, 133_004, None));
    world.script([outage(), outage()]);
    let signup = world.run_signup(Some(session_ids()));
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    let expected = Duration::from_mins(1)..Duration::from_hours(1);
    let elapsed = world.elapsed();
    assert!(expected.contains(&elapsed), "{elapsed:?}");
}

#[test]
fn register_in_flight_is_waited_for_also_after_the_clock_was_put_back() {
    // An instance that has ended began the call just now, by a clock that was this much ahead.
    for ahead in [Duration::ZERO, Duration::from_hours(1)] {
        let world = World::new();
        let began = world.now.get() + ahead;
        world.phone.borrow_mut().register_in_flight_since = Some(began);
        let signup = world.run_signup(Some(session_ids()));
        assert_eq!(world.status(&signup), SignupStatus::Connected);
        let expected = Duration::from_secs(22)..Duration::from_mins(1);
        let elapsed = world.elapsed();
        assert!(expected.contains(&elapsed), "{ahead:?} ahead: {elapsed:?}");
    }
}

#[test]
fn exchange_during_an_outage_is_repeated_a_few_times_only() {
    let world = World::new();
    world.script((0..50).map(|_| ("exchange", graph_error(503, 2, None))));
    let signup = world.run_signup(Some(session_ids()));
    assert_eq!(end_code(&signup), Some(ProblemCode::MetaUnavailable));
    let calls = world.meta.borrow().calls.len();
    assert!((4..=8).contains(&calls), "{calls} calls");
}

#[test]
fn expired_record_with_full_outbox_is_not_woken_for_its_erasure() {
    let world = World::new();
    let mut signup = world.launched();
    signup.bump_seq_if_changed(world.now.get());
    signup.end(End::Abandoned, world.now.get());
    let retention = Retention::default();
    let expires_at = signup.expires_at(&retention).unwrap();
    let before = expires_at.before(Duration::from_millis(1));
    let after = expires_at + Duration::from_millis(1);
    assert_eq!(signup.wake_at(before, &retention), Some(expires_at));
    assert_eq!(signup.wake_at(after, &retention), None);
    signup.outbox.clear();
    assert_eq!(signup.wake_at(after, &retention), Some(expires_at));
}

#[test]
fn fourteen_days_begin_at_the_end_of_metas_flow_whatever_the_customer_enters() {
    let day = Duration::from_hours(24);
    let world = World::new();
    world.set_phone(json!({"is_pin_enabled": true}));
    world.meta.borrow_mut().pin = Some("731904".into());
    let mut signup = world.run_signup(Some(session_ids()));
    let deadline = world.now.get() + 14 * day;
    for passed in [6 * day, 6 * day] {
        world.advance(passed);
        assert_eq!(world.status(&signup), SignupStatus::NeedsInput);
        let until = resumes_until(&world, &signup);
        assert!(
            deadline.since(until) < Duration::from_mins(1) && until <= deadline,
            "{passed:?}"
        );
        let wrong = InputRequest::Pin {
            pin: "111111".into(),
        };
        assert_eq!(submit_input(&world, &mut signup, wrong), Ok(()));
        signup = world.run_until_idle();
    }
    world.advance(2 * day + Duration::from_mins(1));
    let signup = world.run_until_idle();
    assert_eq!(end_code(&signup), Some(ProblemCode::DeadlinePassed));
}

/// When the link expires by which the customer may go on with the signup.
fn resumes_until(world: &World, signup: &Signup) -> UnixMillis {
    world.with_context(|cx| {
        let page = Grant::new(
            signup.id.clone(),
            signup.site.clone(),
            signup.app.clone(),
            signup.page_origin.clone(),
            cx.now,
        );
        let snapshot = snapshot::render_for_page(signup, &page, cx, "https://signup.example");
        let url = snapshot.resume_url.unwrap();
        let (_, link) = url.split_once("g1.").unwrap();
        let text = format!("g1.{link}~{}", "w".repeat(36));
        Grant::verify(&text, &signup.id, cx.keyring, cx.now)
            .unwrap()
            .submit_by
    })
}

#[test]
fn owner_is_told_seven_and_two_days_before_the_number_can_no_longer_be_registered() {
    let day = Duration::from_hours(24);
    for (policy, has_pin, want) in [
        (json!({}), true, vec![7, 12]),
        // It is registered at once.
        (json!({}), false, vec![]),
        // Infobip registers it.
        (infobip_site(), true, vec![]),
    ] {
        let world = World::with_site(policy.clone());
        world.meta.borrow_mut().pin = has_pin.then(|| "123456".into());
        world.with_code("code-1", Some(session_ids()));
        let started = world.now.get();
        let mut signup = world.run_once().unwrap();
        while world.elapsed() < 15 * day {
            let Some(at) = signup.next_wake_at else { break };
            world.advance_to_wake(at);
            signup = world.run_once().unwrap();
        }
        let events = world.events.borrow();
        let notices = events
            .iter()
            .filter(|event| event.name == "register_window.closing");
        let days: Vec<u64> = notices
            .clone()
            .map(|event| event.at.since(started).as_secs() / day.as_secs())
            .collect();
        assert_eq!(days, want, "{policy} {has_pin}");
        for notice in notices {
            let closes_in = notice.register_by.unwrap().since(started);
            assert_eq!(closes_in.as_secs() / day.as_secs(), 14);
        }
    }
}

#[test]
fn signup_that_a_token_came_of_is_kept_for_the_time_of_the_deployment() {
    let world = World::new();
    let signup = world.run_signup(Some(session_ids()));
    assert!(matches!(
        signup.stage,
        Stage::Ended {
            end: End::Connected { .. },
            ..
        }
    ));
    let ended_at = world.now.get();
    for days in [30, 90, 400] {
        let signups = Duration::from_hours(24) * days;
        let retention = Retention {
            signups,
            ..Retention::default()
        };
        let expires_at = signup.expires_at(&retention).unwrap();
        assert!(
            expires_at.0.abs_diff((ended_at + signups).0) < 60_000,
            "{days}"
        );
    }
}
