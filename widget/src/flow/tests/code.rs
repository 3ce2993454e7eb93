//! Delivery of the code to the Worker within its lifetime of 30 seconds.

use super::sim::*;
use embark_protocol::requests::{AssetsRequest, EndedRequest, OutcomeRequest};

#[test]
fn code_undeliverable_until_expiry_shows_failure() {
    let mut sim = WidgetSim::popup();
    sim.code("AQ1").shows("sending");
    for _ in 0..20 {
        sim.posted(PostKind::Outcome, Err(ApiError::Unreachable))
            .pass(4_000);
    }
    sim.shows("stopped");
    let sent = sim.posts(PostKind::Outcome);
    assert!(sent.len() > 4, "{}", sent.len());
    assert!(sent.iter().all(|body| *body == sent[0]));
    assert_eq!(sim.announced("failed")[0]["code"], "unsent");
    // One click launches the same signup again.
    sim.click(PopupResult::Opened).shows("popup");
    assert_eq!(sim.state.launch.signup.as_str(), SIGNUP);
}

#[test]
fn code_after_retryable_errors_is_delivered() {
    for fault in [
        ApiError::Unreachable,
        refused(500, "internal", "retry"),
        refused(429, "too_many_requests", "retry"),
    ] {
        for failures in 1..5 {
            let mut sim = WidgetSim::popup();
            sim.code("AQ1");
            for _ in 0..failures {
                sim.posted(PostKind::Outcome, Err(fault.clone()))
                    .pass(4_000);
            }
            sim.posted(PostKind::Outcome, snapshot(2, "running"))
                .shows("running");
            assert_eq!(
                sim.posts(PostKind::Outcome).len(),
                failures + 1,
                "{fault:?}"
            );
        }
    }
}

#[test]
fn code_before_lost_launched_is_sent_at_once() {
    let mut sim = WidgetSim::ready();
    sim.click(PopupResult::Opened)
        .posted(PostKind::Launched, Err(ApiError::Unreachable));
    sim.code("AQ1");
    assert_eq!(sim.posts(PostKind::Outcome).len(), 1);
    // The Worker does not know the signup yet: `launched` is sent again, then the code.
    sim.posted(
        PostKind::Outcome,
        Err(refused(404, "not_launched", "relaunch")),
    )
    .pass(500);
    assert_eq!(sim.posts(PostKind::Launched).len(), 2);
    assert_eq!(sim.posts(PostKind::Outcome).len(), 2);
    sim.posted(PostKind::Launched, snapshot(1, "launched"))
        .shows("sending");
    sim.posted(PostKind::Outcome, snapshot(2, "running"))
        .shows("running");
}

#[test]
fn post_refused_shows_failure() {
    let mut sim = WidgetSim::popup();
    sim.code("AQ1")
        .posted(
            PostKind::Outcome,
            Err(refused(403, "redirect_uri_refused", "operator")),
        )
        .shows("stopped");
    assert_eq!(sim.announced("failed")[0]["remedy"], "operator");
    assert!(!sim.session_is_saved());
    let mut sim = WidgetSim::ready();
    sim.click(PopupResult::Opened).posted(
        PostKind::Launched,
        Err(refused(403, "site_disabled", "operator")),
    );
    sim.shows("stopped");
}

#[test]
fn code_already_sent_resumes_the_signup() {
    let mut sim = WidgetSim::popup();
    sim.code("AQ1")
        .posted(
            PostKind::Outcome,
            Err(refused(409, "code_already_sent", "relaunch")),
        )
        .shows("resuming");
    sim.polled(snapshot(7, "running")).shows("running");
}

#[test]
fn receipt_with_foreign_snapshot_resumes_polling() {
    let mut sim = WidgetSim::popup();
    let mut other = snapshot(9, "running").unwrap();
    other.id = SignupId::parse(&"ab".repeat(16)).unwrap();
    sim.code("AQ1")
        .posted(PostKind::Outcome, Ok(other))
        .shows("resuming");
    assert_eq!(sim.polls(), 1);
}

#[test]
fn callback_with_unusable_code_shows_failure() {
    WidgetSim::popup().code("").shows("stopped");
    WidgetSim::popup().code(&"x".repeat(5_000)).shows("stopped");
}

#[test]
fn second_code_is_ignored() {
    let mut sim = WidgetSim::popup();
    sim.code("AQ1")
        .code("AQ2")
        .callback_without_code()
        .pass(2_000)
        .shows("sending");
    assert_eq!(sim.posts(PostKind::Outcome).len(), 1);
}

#[test]
fn ids_before_code_are_in_outcome_and_after_it_in_assets() {
    let mut along = WidgetSim::popup();
    along.message("FINISH", ids()).code("AQ1");
    let outcome: OutcomeRequest =
        serde_json::from_value(along.posts(PostKind::Outcome)[0].clone()).unwrap();
    assert_eq!(serde_json::to_value(outcome.ids).unwrap(), ids());
    assert_eq!(outcome.event.as_deref(), Some("FINISH"));
    assert_eq!(
        outcome.redirect_uri.as_deref(),
        Some("https://x/xd_arbiter")
    );
    along
        .message("FINISH", ids())
        .posted(PostKind::Outcome, snapshot(2, "running"));
    assert_eq!(along.posts(PostKind::Assets), [] as [Value; 0]);

    let mut after = WidgetSim::popup();
    after.code("AQ1").message("FINISH_ONLY_WABA", ids());
    assert_eq!(
        after.posts(PostKind::Assets),
        [] as [Value; 0],
        "not before the code is accepted"
    );
    after.posted(PostKind::Outcome, snapshot(2, "running"));
    let assets: AssetsRequest =
        serde_json::from_value(after.posts(PostKind::Assets)[0].clone()).unwrap();
    assert_eq!(assets.event.as_deref(), Some("FINISH_ONLY_WABA"));
    after
        .posted(PostKind::Assets, Err(ApiError::Unreachable))
        .pass(1_000);
    assert_eq!(after.posts(PostKind::Assets).len(), 2);
    after
        .posted(PostKind::Assets, snapshot(3, "running"))
        .message("FINISH", ids());
    assert_eq!(after.posts(PostKind::Assets).len(), 2);
}

#[test]
fn finish_with_malformed_ids_keeps_event_name() {
    let mut sim = WidgetSim::popup();
    sim.message("FINISH", json!({"waba_id": 5})).code("AQ1");
    let outcome: OutcomeRequest =
        serde_json::from_value(sim.posts(PostKind::Outcome)[0].clone()).unwrap();
    assert_eq!(
        (outcome.event.as_deref(), outcome.ids),
        (Some("FINISH"), None)
    );
}

#[test]
fn ended_post_parses_as_protocol_type() {
    let mut sim = WidgetSim::popup();
    sim.message(
        "CANCEL",
        json!({"current_step": "PERMISSIONS", "session_id": "s"}),
    )
    .callback_without_code();
    for body in sim.posts(PostKind::Ended) {
        serde_json::from_value::<EndedRequest>(body).unwrap();
    }
}
