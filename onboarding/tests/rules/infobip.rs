//! A site whose numbers are handed to Infobip: the order, the registration webhooks, and the reads of the
//! number at Meta that confirm them.

use crate::end_code;
use crate::fake::{
    FaultPoint, PlannedFault, WABA, World, graph_error, http_response, infobip_site, session_ids,
};
use core::time::Duration;
use embark_onboarding::providers::infobip::parse_registration_webhook;
use embark_onboarding::signup::{Signup, commands};
use embark_onboarding::transport::{ApiResult, TransportError};
use embark_protocol::{ProblemCode, SignupStatus, Step};

fn world() -> World {
    World::with_site(infobip_site())
}

/// Runs a signup until it waits for Infobip.
fn start(world: &World) -> Signup {
    world.with_code("code-1", Some(session_ids()));
    world.run_once().unwrap()
}

/// Runs the signup at each of its alarms, this many times.
fn run_alarms(world: &World, mut signup: Signup, alarms: usize) -> Signup {
    for _ in 0..alarms {
        world.now.set(signup.next_wake_at.unwrap());
        signup = world.run_once().unwrap();
    }
    signup
}

/// Infobip's webhook for the account. `sender`: the status of its number.
fn webhook(status: &str, sender: &str) -> String {
    format!(
        r#"{{"businessAccountId":{WABA},"status":"{status}","lastModifiedAt":"2027-01-15T08:00:00.000+0000",
        "senders":[{{"phoneNumberId":"6000000000000001","status":"{sender}"}}]}}"#
    )
}

fn receive(world: &World, signup: &mut Signup, webhook: &str) {
    let webhook = parse_registration_webhook(webhook.as_bytes()).unwrap();
    world.with_context(|cx| commands::infobip_webhook(signup, webhook, cx));
}

/// The stored signup receives a webhook, and is run until it waits again.
fn receive_and_run(world: &World, webhook: &str) -> Signup {
    let mut signup = world.open_stored();
    receive(world, &mut signup, webhook);
    world.store(&signup);
    world.run_once().unwrap()
}

fn connect_number(world: &World) {
    world.meta.borrow_mut().connect_number();
}

fn run_with_replies(world: &World, replies: Vec<ApiResult>) -> Signup {
    world.provider.borrow_mut().script = replies;
    world.run_signup(Some(session_ids()))
}

#[test]
fn order_names_the_account_and_the_page_shows_a_wait() {
    let world = world();
    let signup = start(&world);
    let shown = world.snapshot(&signup);
    assert_eq!(shown.status, SignupStatus::Waiting);
    assert_eq!(shown.problem.unwrap().code, ProblemCode::ProviderPending);
    assert!(shown.steps.iter().all(|view| view.step != Step::Register));
    let provider = world.provider.borrow();
    let [order] = provider.requests.as_slice() else {
        panic!("{:?}", provider.requests)
    };
    let url = "https://xk3v.api.infobip.com/whatsapp/1/embedded-signup/registrations/share-waba";
    assert_eq!(order.url, url);
    let authorization = (
        "authorization".to_owned(),
        "App {secret:infobip}".to_owned(),
    );
    let headers: Vec<_> = order
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), value.to_string()))
        .collect();
    assert_eq!(headers, [authorization]);
    let (_, body) = order.body.as_ref().unwrap();
    assert_eq!(*body, format!(r#"{{"businessAccountId":"{WABA}"}}"#));
}

#[test]
fn finished_webhook_with_connected_number_connects() {
    let world = world();
    start(&world);
    connect_number(&world);
    let signup = receive_and_run(&world, &webhook("FINISHED", "FINISHED"));
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    assert_eq!(world.count_calls("register"), 0);
}

#[test]
fn finished_webhook_before_number_is_connected_keeps_waiting() {
    let world = world();
    start(&world);
    let signup = receive_and_run(&world, &webhook("FINISHED", "FINISHED"));
    assert_eq!(world.status(&signup), SignupStatus::Waiting);
    connect_number(&world);
    let signup = world.run_until_idle();
    assert_eq!(world.status(&signup), SignupStatus::Connected);
}

#[test]
fn finished_number_that_meta_never_shows_is_read_ever_more_rarely() {
    let world = world();
    start(&world);
    let before = world.count_calls("phone");
    let signup = receive_and_run(&world, &webhook("FINISHED", "FINISHED"));
    let signup = world.run_until_idle_from(signup);
    assert_eq!(end_code(&signup), Some(ProblemCode::ProviderUnavailable));
    let reads = world.count_calls("phone") - before;
    // Thirteen days, and an hour between two reads at last.
    assert!((300..=340).contains(&reads), "{reads}");
}

#[test]
fn failed_webhook_or_failed_sender_ends_as_provider_refused() {
    for webhook in [webhook("FAILED", "FAILED"), webhook("FINISHED", "FAILED")] {
        let world = world();
        start(&world);
        let signup = receive_and_run(&world, &webhook);
        assert_eq!(end_code(&signup), Some(ProblemCode::ProviderRefused));
        let signup = world.run_until_idle_from(signup);
        assert!(signup.outbox.is_empty());
        assert_eq!(world.event_names(), ["handoff.failed"]);
    }
}

#[test]
fn failed_counts_only_while_meta_does_not_show_the_number_connected() {
    for (is_connected, expected) in [
        (true, SignupStatus::Connected),
        (false, SignupStatus::Failed),
    ] {
        let world = world();
        start(&world);
        if is_connected {
            connect_number(&world);
        }
        let signup = receive_and_run(&world, &webhook("FAILED", "FAILED"));
        assert_eq!(world.status(&signup), expected);
    }
}

#[test]
fn webhook_of_another_account_or_older_is_ignored() {
    let world = world();
    start(&world);
    connect_number(&world);
    let of_another_account = webhook("FAILED", "FAILED").replace(WABA, "5000000000000077");
    let signup = receive_and_run(&world, &of_another_account);
    assert_eq!(world.status(&signup), SignupStatus::Waiting);
    receive_and_run(&world, &webhook("IN_PROGRESS", "PENDING"));
    let older = webhook("FAILED", "FAILED").replace("2027-01-15", "2027-01-14");
    let signup = receive_and_run(&world, &older);
    assert_eq!(world.status(&signup), SignupStatus::Waiting);
}

#[test]
fn webhook_before_the_order_is_ignored() {
    let world = world();
    let mut signup = world.with_code("code-1", Some(session_ids()));
    receive(&world, &mut signup, &webhook("FAILED", "FAILED"));
    assert!(!signup.steps.handoff.failed);
}

/// A world that crashed after the order took effect and before its reply was stored.
fn world_with_order_in_flight(connects_number: bool) -> World {
    for operation in 0.. {
        let world = world();
        world.provider.borrow_mut().connects_number = connects_number;
        world.fault.set(Some(PlannedFault {
            operation,
            point: FaultPoint::CrashAfter,
        }));
        world.with_code("code-1", Some(session_ids()));
        let _crashed = world.run_once();
        let failed = world.failed.get().expect("an order is sent");
        if failed.name == "share_waba" {
            return world;
        }
    }
    unreachable!()
}

#[test]
fn webhook_before_the_reply_of_the_order_decides() {
    for (sender, expected) in [
        ("FINISHED", SignupStatus::Connected),
        ("FAILED", SignupStatus::Failed),
    ] {
        let world = world_with_order_in_flight(sender == "FINISHED");
        let before = world.elapsed();
        receive_and_run(&world, &webhook(sender, sender));
        let signup = world.run_until_idle();
        assert_eq!(world.status(&signup), expected, "{sender}");
        let waited = world.elapsed() - before;
        assert!(waited < Duration::from_mins(1), "{sender}: {waited:?}");
    }
}

#[test]
fn without_webhooks_the_number_is_read_ever_more_rarely() {
    let world = world();
    let mut signup = start(&world);
    let mut read_at_minute = vec![];
    while world.elapsed() < Duration::from_hours(30) {
        let reads = world.count_calls("phone");
        signup = run_alarms(&world, signup, 1);
        if world.count_calls("phone") > reads {
            read_at_minute.push(world.elapsed().as_secs() / 60);
        }
    }
    assert_eq!(read_at_minute[..4], [5, 15, 35, 75]);
    for pair in read_at_minute.windows(2) {
        assert!(pair[1] - pair[0] <= 6 * 60, "{read_at_minute:?}");
    }
    // The operator is told after a day.
    assert_eq!(world.event_names(), ["handoff.late"]);
    connect_number(&world);
    let signup = world.run_until_idle();
    assert_eq!(world.status(&signup), SignupStatus::Connected);
}

#[test]
fn failed_reads_after_a_day_of_waiting_do_not_end_the_signup() {
    let world = world();
    let mut signup = start(&world);
    while world.elapsed() < Duration::from_hours(40) {
        signup = run_alarms(&world, signup, 1);
    }
    world.script([
        ("phone", graph_error(503, 2, None)),
        ("phone", graph_error(429, 4, None)),
    ]);
    let signup = run_alarms(&world, signup, 4);
    assert!(world.meta.borrow().scripted.is_empty(), "both were used");
    assert_eq!(world.status(&signup), SignupStatus::Waiting);
    connect_number(&world);
    let signup = world.run_until_idle();
    assert_eq!(world.status(&signup), SignupStatus::Connected);
}

#[test]
fn number_connected_before_the_order_waits_for_the_webhook() {
    let world = world();
    connect_number(&world);
    let signup = start(&world);
    let signup = run_alarms(&world, signup, 4);
    assert_eq!(world.status(&signup), SignupStatus::Waiting);
    let signup = receive_and_run(&world, &webhook("FINISHED", "FINISHED"));
    assert_eq!(world.status(&signup), SignupStatus::Connected);
}

#[test]
fn order_without_reply_is_repeated_only_if_the_number_is_not_connected() {
    for (replies, orders) in [
        // It took effect: the number is connected.
        (vec![Err(TransportError::Connection)], 1),
        (
            vec![http_response(503, "<html>"), http_response(429, "")],
            3,
        ),
    ] {
        let world = world();
        world.provider.borrow_mut().connects_number = true;
        let signup = run_with_replies(&world, replies);
        assert_eq!(world.status(&signup), SignupStatus::Connected);
        assert_eq!(world.count_calls("share_waba"), orders);
    }
}

#[test]
fn order_refused_ends_with_its_own_problem_and_keeps_the_token() {
    let refused = |status| {
        http_response(
            status,
            r#"{"requestError":{"serviceException":{"messageId":"UNAUTHORIZED","text":"Invalid login details"}}}"#,
        )
    };
    let missing_secret = Err(TransportError::MissingSecret);
    let outage = vec![http_response(500, "<html>"); 20];
    for (replies, expected) in [
        (vec![refused(401)], ProblemCode::AppMisconfigured),
        (vec![refused(403)], ProblemCode::AppMisconfigured),
        (vec![missing_secret], ProblemCode::AppMisconfigured),
        (vec![refused(400)], ProblemCode::ProviderRefused),
        (vec![http_response(404, "")], ProblemCode::ProviderRefused),
        (vec![http_response(302, "")], ProblemCode::ProviderRefused),
        (outage, ProblemCode::ProviderUnavailable),
    ] {
        let world = world();
        let signup = run_with_replies(&world, replies);
        assert_eq!(end_code(&signup), Some(expected));
        assert!(signup.has_token() && signup.steps.claim.waba_claimed);
    }
}

#[test]
fn webhook_of_an_unknown_state_makes_the_signup_look_at_meta() {
    for status in ["PENDING", "finished"] {
        let world = world();
        start(&world);
        connect_number(&world);
        let unknown = webhook(status, "PENDING").replace("\"senders\":[", "\"x\":[");
        let signup = receive_and_run(&world, &unknown);
        assert_eq!(world.status(&signup), SignupStatus::Connected, "{status}");
    }
}

#[test]
fn webhook_with_a_wrong_clock_or_none_does_not_silence_later_ones() {
    for (time, what) in [
        ("9999-12-31T23:59:59.000+0000", "far ahead"),
        ("2027-01-15T08:02:00.000+0000", "two minutes ahead"),
        ("yesterday", "unreadable"),
    ] {
        let world = world();
        start(&world);
        let first = webhook("IN_PROGRESS", "PENDING").replace("2027-01-15T08:00:00.000+0000", time);
        receive_and_run(&world, &first);
        world.advance(Duration::from_mins(10));
        let later = webhook("FAILED", "FAILED").replace(
            "2027-01-15T08:00:00.000+0000",
            "2027-01-15T08:10:00.000+0000",
        );
        let signup = receive_and_run(&world, &later);
        assert_eq!(
            end_code(&signup),
            Some(ProblemCode::ProviderRefused),
            "{what}"
        );
    }
    // Without a time a webhook is new.
    let world = world();
    start(&world);
    receive_and_run(&world, &webhook("IN_PROGRESS", "PENDING"));
    let undated = webhook("FAILED", "FAILED").replace("lastModifiedAt", "x");
    let signup = receive_and_run(&world, &undated);
    assert_eq!(end_code(&signup), Some(ProblemCode::ProviderRefused));
}
