//! From the code to the edge's receipt: the thirty seconds that count.

use super::*;
use embark_protocol::post::{Assets, Ended, Outcome};

#[test]
fn a_code_that_cannot_be_delivered_is_repeated_unchanged_and_then_given_up_visibly() {
    let mut play = Play::popup();
    play.code("AQ1").shows("sending");
    for _ in 0..20 {
        play.posted(Kind::Outcome, Err(Fault::Unreachable))
            .pass(4_000);
    }
    play.shows("stopped");
    let sent = play.posts(Kind::Outcome);
    assert!(sent.len() > 4, "{}", sent.len());
    assert!(sent.iter().all(|body| *body == sent[0]));
    assert_eq!(play.told("failed")[0]["code"], "unsent");
    // One click goes on under the same signup.
    play.click(Window::Opened).shows("popup");
    assert_eq!(play.state.launch.signup, SIGNUP);
}

#[test]
fn whatever_fails_on_the_way_the_code_arrives_once_the_edge_is_back() {
    for fault in [
        Fault::Unreachable,
        refused(500, "internal", "retry"),
        refused(429, "too_many_requests", "retry"),
    ] {
        for failures in 1..5 {
            let mut play = Play::popup();
            play.code("AQ1");
            for _ in 0..failures {
                play.posted(Kind::Outcome, Err(fault.clone())).pass(4_000);
            }
            play.posted(Kind::Outcome, snapshot(2, "running"))
                .shows("running");
            assert_eq!(play.posts(Kind::Outcome).len(), failures + 1, "{fault:?}");
        }
    }
}

#[test]
fn the_code_does_not_queue_behind_a_lost_launched() {
    let mut play = Play::ready();
    play.click(Window::Opened)
        .posted(Kind::Launched, Err(Fault::Unreachable));
    play.code("AQ1");
    assert_eq!(play.posts(Kind::Outcome).len(), 1);
    // The edge does not know the signup yet: `launched` goes again, then the code.
    play.posted(Kind::Outcome, Err(refused(404, "not_launched", "relaunch")))
        .pass(500);
    assert_eq!(play.posts(Kind::Launched).len(), 2);
    assert_eq!(play.posts(Kind::Outcome).len(), 2);
    play.posted(Kind::Launched, snapshot(1, "launched"))
        .shows("sending");
    play.posted(Kind::Outcome, snapshot(2, "running"))
        .shows("running");
}

#[test]
fn a_refusal_is_shown() {
    let mut play = Play::popup();
    play.code("AQ1")
        .posted(
            Kind::Outcome,
            Err(refused(403, "redirect_uri_refused", "operator")),
        )
        .shows("stopped");
    assert_eq!(play.told("failed")[0]["remedy"], "operator");
    assert!(!play.remembers());
    let mut play = Play::ready();
    play.click(Window::Opened).posted(
        Kind::Launched,
        Err(refused(403, "site_disabled", "operator")),
    );
    play.shows("stopped");
}

#[test]
fn a_signup_that_went_on_without_us_is_followed() {
    let mut play = Play::popup();
    play.code("AQ1")
        .posted(
            Kind::Outcome,
            Err(refused(409, "code_already_sent", "relaunch")),
        )
        .shows("resuming");
    play.polled(snapshot(7, "running")).shows("running");
}

#[test]
fn a_receipt_that_says_nothing_does_not_leave_us_waiting() {
    let mut play = Play::popup();
    let mut other = snapshot(9, "running").unwrap();
    other.id = "another".into();
    play.code("AQ1")
        .posted(Kind::Outcome, Ok(other))
        .shows("resuming");
    assert_eq!(play.polls(), 1);
}

#[test]
fn an_answer_without_a_usable_code_is_shown() {
    Play::popup().code("").shows("stopped");
    Play::popup().code(&"x".repeat(5_000)).shows("stopped");
}

#[test]
fn one_code_is_sent_whatever_comes_after() {
    let mut play = Play::popup();
    play.code("AQ1")
        .code("AQ2")
        .no_code()
        .pass(2_000)
        .shows("sending");
    assert_eq!(play.posts(Kind::Outcome).len(), 1);
}

#[test]
fn ids_go_along_or_after() {
    let mut along = Play::popup();
    along.message("FINISH", ids()).code("AQ1");
    let outcome: Outcome = serde_json::from_value(along.posts(Kind::Outcome)[0].clone()).unwrap();
    assert_eq!(serde_json::to_value(outcome.ids).unwrap(), ids());
    assert_eq!(outcome.event.as_deref(), Some("FINISH"));
    assert_eq!(
        outcome.redirect_uri.as_deref(),
        Some("https://x/xd_arbiter")
    );
    along
        .message("FINISH", ids())
        .posted(Kind::Outcome, snapshot(2, "running"));
    assert_eq!(along.posts(Kind::Assets), [] as [Value; 0]);

    let mut after = Play::popup();
    after.code("AQ1").message("FINISH_ONLY_WABA", ids());
    assert_eq!(
        after.posts(Kind::Assets),
        [] as [Value; 0],
        "not before the receipt"
    );
    after.posted(Kind::Outcome, snapshot(2, "running"));
    let assets: Assets = serde_json::from_value(after.posts(Kind::Assets)[0].clone()).unwrap();
    assert_eq!(assets.event.as_deref(), Some("FINISH_ONLY_WABA"));
    after
        .posted(Kind::Assets, Err(Fault::Unreachable))
        .pass(1_000);
    assert_eq!(after.posts(Kind::Assets).len(), 2);
    after
        .posted(Kind::Assets, snapshot(3, "running"))
        .message("FINISH", ids());
    assert_eq!(after.posts(Kind::Assets).len(), 2);
}

#[test]
fn a_finish_whose_ids_are_unusable_still_names_its_event() {
    let mut play = Play::popup();
    play.message("FINISH", json!({"waba_id": 5})).code("AQ1");
    let outcome: Outcome = serde_json::from_value(play.posts(Kind::Outcome)[0].clone()).unwrap();
    assert_eq!(
        (outcome.event.as_deref(), outcome.ids),
        (Some("FINISH"), None)
    );
}

#[test]
fn what_is_posted_is_what_protocol_takes() {
    let mut play = Play::popup();
    play.message(
        "CANCEL",
        json!({"current_step": "PERMISSIONS", "session_id": "s"}),
    )
    .no_code();
    for body in play.posts(Kind::Ended) {
        serde_json::from_value::<Ended>(body).unwrap();
    }
}
