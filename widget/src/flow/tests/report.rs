//! The readiness report: waiting for it and refreshing it. Neither changes that the signup is connected.

use super::sim::*;

fn reported(seq: u32, status: &str) -> Result<Box<Snapshot>, ApiError> {
    snapshot_with(
        seq,
        status,
        json!({"report": {"at": 1, "lines": [{"item": "payment", "state": "attention", "next": "add_payment"}]}}),
    )
}

fn following(sim: &WidgetSim) -> &Following {
    match &sim.state.phase {
        Phase::Following(following) => following,
        _ => panic!("no signup is followed"),
    }
}

fn is_waiting(sim: &WidgetSim) -> bool {
    following(sim).is_waiting(sim.state.now)
}

/// Connected, with a report.
fn connected() -> WidgetSim {
    let mut sim = WidgetSim::running();
    sim.polled(reported(4, "connected")).pass(60_000);
    assert_eq!(sim.polls(), 1, "nothing is waited for");
    sim
}

#[test]
fn missing_report_is_waited_for_until_deadline() {
    for status in ["connected", "connected_without_number"] {
        let mut sim = WidgetSim::running();
        for _ in 0..30 {
            sim.polled(snapshot(4, status)).pass(3_000);
        }
        sim.shows(status);
        assert!(!is_waiting(&sim));
        assert!((2..10).contains(&sim.polls()), "{}", sim.polls());
        assert_eq!(sim.announced("connected").len(), 1);
    }
}

#[test]
fn api_error_after_connected_is_ignored() {
    for fault in [
        ApiError::Unreachable,
        refused(401, "grant_expired", "relaunch"),
        refused(404, "not_launched", "relaunch"),
        refused(503, "internal", "retry"),
    ] {
        let mut sim = WidgetSim::running();
        sim.polled(snapshot(4, "connected")).pass(3_000);
        sim.polled(Err(fault.clone()))
            .pass(60_000)
            .shows("connected");
        assert!(!is_waiting(&sim), "{fault:?}");
        let mut sim = connected();
        sim.action(Action::RefreshReport)
            .posted(PostKind::Report, Err(fault));
        assert!(!is_waiting(&sim), "it can be pressed again at once");
        sim.shows("connected").action(Action::RefreshReport);
        assert_eq!(sim.posts(PostKind::Report).len(), 2);
        assert_eq!(sim.announced("failed"), [] as [Value; 0]);
    }
}

#[test]
fn connected_signup_is_polled_while_the_worker_has_it_watched() {
    let mut sim = WidgetSim::running();
    let watched = |seq, poll_after_ms| {
        let report = json!({"at": 1, "lines": [{"item": "payment", "state": "attention", "next": "add_payment"}]});
        snapshot_with(
            seq,
            "connected",
            json!({"report": report, "poll_after_ms": poll_after_ms}),
        )
    };
    sim.polled(watched(4, 10_000)).pass(9_000);
    assert_eq!(sim.polls(), 1, "not earlier");
    sim.pass(2_000);
    assert_eq!(sim.polls(), 2);
    sim.polled(watched(5, 60_000)).pass(120_000);
    assert_eq!(sim.polls(), 2, "nothing is left");
    assert_eq!(sim.announced("connected").len(), 1);
}

#[test]
fn late_report_is_shown_and_not_announced() {
    let mut sim = WidgetSim::running();
    sim.polled(snapshot(4, "connected")).pass(3_000);
    let before = sim.announced("progress").len();
    sim.polled(reported(5, "connected")).pass(60_000);
    assert!(following(&sim).report.is_some());
    assert_eq!(sim.polls(), 2);
    assert_eq!(sim.announced("progress").len(), before);
    assert_eq!(sim.announced("connected").len(), 1);
}

#[test]
fn report_refresh_keeps_old_report_until_new_one() {
    let mut sim = connected();
    sim.action(Action::RefreshReport)
        .action(Action::RefreshReport);
    assert_eq!(
        sim.posts(PostKind::Report),
        [json!({})],
        "one request at a time"
    );
    sim.posted(PostKind::Report, snapshot(5, "connected"));
    assert_eq!(sim.polls(), 2, "the report is polled for");
    assert!(is_waiting(&sim) && following(&sim).report.is_some());
    sim.polled(snapshot_with(
        6,
        "connected",
        json!({"report": {"at": 1, "lines": []}}),
    ));
    assert!(!is_waiting(&sim));
    let lines = following(&sim)
        .report
        .as_ref()
        .map(|report| report.checks.len());
    assert_eq!(lines, Some(0));
    // The report was read a moment ago: the reply has it, with the same `seq`.
    sim.action(Action::RefreshReport).posted(
        PostKind::Report,
        snapshot_with(6, "connected", json!({"report": {"at": 1, "lines": []}})),
    );
    assert!(!is_waiting(&sim));
    sim.pass(60_000);
    assert_eq!(sim.polls(), 2);
}

#[test]
fn report_refresh_ends_at_deadline() {
    let mut sim = connected();
    sim.action(Action::RefreshReport)
        .posted(PostKind::Report, snapshot(5, "connected"));
    sim.pass(19_999);
    assert!(is_waiting(&sim));
    sim.pass(1);
    assert!(!is_waiting(&sim));
    sim.polled(reported(6, "connected")).pass(60_000);
    assert_eq!(sim.polls(), 2, "a late report ends the polling");
}

#[test]
fn report_refresh_without_report_is_ignored() {
    for mut sim in [WidgetSim::ready(), WidgetSim::running()] {
        sim.action(Action::RefreshReport);
        assert_eq!(sim.posts(PostKind::Report), [] as [Value; 0]);
    }
}
