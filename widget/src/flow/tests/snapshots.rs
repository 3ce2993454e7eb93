//! Polling and following a signup.

use super::sim::*;

#[test]
fn polls_without_reply_are_retried_and_counted() {
    let mut sim = WidgetSim::running();
    sim.polled(Err(ApiError::Unreachable)).pass(15_000);
    assert_eq!(sim.state.failed_polls, 1);
    for _ in 0..8 {
        sim.polled(Err(ApiError::Unreachable)).pass(15_000);
    }
    assert!(sim.state.failed_polls > 1, "the banner is shown");
    assert_eq!(sim.polls(), 10, "pauses are bounded");
    sim.shows("running").polled(snapshot(3, "running"));
    assert_eq!(sim.state.failed_polls, 0);
    for event in [Event::Online, Event::Action(Action::Retry)] {
        let mut sim = WidgetSim::running();
        sim.polled(Err(ApiError::Unreachable))
            .pass(15_000)
            .polled(Err(ApiError::Unreachable));
        let before = sim.polls();
        sim.feed(event);
        assert_eq!(sim.polls(), before + 1, "without a pause");
    }
}

#[test]
fn polls_run_one_at_a_time_with_a_pause() {
    let mut sim = WidgetSim::running();
    assert_eq!(sim.polls(), 1);
    sim.pass(60_000);
    assert_eq!(sim.polls(), 1, "the Worker holds the poll");
    // A Worker that does not hold the poll.
    for _ in 0..10 {
        sim.polled(snapshot(2, "running")).pass(1_000);
    }
    assert_eq!(sim.polls(), 11);
    sim.polled(snapshot_with(
        3,
        "waiting",
        json!({"poll_after_ms": 5_000, "wait_ms": 60_000}),
    ))
    .pass(4_999);
    assert_eq!(sim.polls(), 11);
    sim.pass(1);
    assert_eq!(sim.polls(), 12);
}

#[test]
fn snapshot_older_or_foreign_is_ignored() {
    let mut sim = WidgetSim::running();
    sim.polled(snapshot(6, "connected")).shows("connected");
    sim.polled(snapshot(5, "running")).shows("connected");
    let mut foreign = snapshot(9, "failed").unwrap();
    foreign.id = SignupId::parse(&"0".repeat(32)).unwrap();
    sim.polled(Ok(foreign)).shows("connected");
    sim.feed(Event::Polled {
        signup_generation: 77,
        reply: snapshot(9, "failed"),
    })
    .shows("connected");
}

#[test]
fn end_status_is_announced_and_stops_polling() {
    for (status, event, is_saved) in [
        ("connected", "connected", true),
        ("connected_without_number", "connected", true),
        ("relaunch", "progress", true),
        ("failed", "failed", false),
        ("abandoned", "cancelled", false),
    ] {
        let mut sim = WidgetSim::running();
        sim.polled(snapshot_with(
            4,
            status,
            json!({"report": {"at": 1, "lines": []}}),
        ))
        .shows(status)
        .pass(60_000);
        assert_eq!(sim.polls(), 1, "{status}");
        assert!(!sim.announced(event).is_empty(), "{status}");
        assert_eq!(sim.session_is_saved(), is_saved, "{status}");
    }
}

#[test]
fn relaunch_keeps_the_signup() {
    let mut sim = WidgetSim::running();
    sim.polled(snapshot(4, "relaunch"))
        .click(PopupResult::Opened)
        .shows("popup");
    sim.posted(PostKind::Launched, snapshot(5, "launched"))
        .shows("popup");
    sim.code("AQ2")
        .posted(PostKind::Outcome, snapshot(6, "running"))
        .shows("running");
    assert_eq!(sim.posts(PostKind::Outcome).len(), 2);
}

#[test]
fn poll_refused_shows_failure() {
    let mut sim = WidgetSim::running();
    sim.polled(Err(refused(404, "not_launched", "relaunch")))
        .shows("stopped");
    let mut sim = WidgetSim::running();
    sim.polled(Err(refused(401, "grant_invalid", "relaunch")))
        .shows("stopped");
}

#[test]
fn signup_without_faults_connects() {
    let mut sim = WidgetSim::ready();
    assert_eq!(sim.announced("ready").len(), 1);
    sim.click(PopupResult::Opened)
        .shows("popup")
        .posted(PostKind::Launched, snapshot(1, "launched"));
    sim.message("FINISH", ids()).code("AQ1").shows("sending");
    sim.posted(PostKind::Outcome, snapshot(2, "running"))
        .shows("running");
    sim.polled(snapshot(3, "running"));
    sim.polled(snapshot_with(
        4,
        "connected",
        json!({"connected": {"waba_id": "5000000000000001"}}),
    ))
    .shows("connected");
    assert_eq!(sim.announced("launched"), [json!({"signup": SIGNUP})]);
    assert_eq!(sim.announced("progress").len(), 3);
    assert_eq!(sim.announced("connected")[0]["waba_id"], "5000000000000001");
    assert_eq!(sim.announced("cancelled"), [] as [Value; 0]);
    // Another number needs another signup.
    sim.action(Action::StartOver).shows("loading");
    assert_eq!(sim.count(|effect| *effect == Effect::RenewLaunch), 1);
}
