//! The readiness report: waited for, asked for anew, and never in the way of what is connected.

use super::*;

fn reported(seq: u32, status: &str) -> Result<Snapshot, Fault> {
    with(
        seq,
        status,
        json!({"report": {"at": 1, "lines": [{"item": "payment", "state": "attention", "next": "add_payment"}]}}),
    )
}

fn following(play: &Play) -> &Following {
    match &play.state.phase {
        Phase::Following(following) => following,
        _ => panic!("nothing is followed"),
    }
}

fn is_waiting(play: &Play) -> bool {
    following(play).is_waiting(play.state.now)
}

/// Connected, with a report.
fn connected() -> Play {
    let mut play = Play::running();
    play.polled(reported(4, "connected")).pass(60_000);
    assert_eq!(play.polls(), 1, "there is nothing to wait for");
    play
}

#[test]
fn a_report_that_never_comes_is_not_waited_for_for_long() {
    for status in ["connected", "connected_without_number"] {
        let mut play = Play::running();
        for _ in 0..30 {
            play.polled(snapshot(4, status)).pass(3_000);
        }
        play.shows(status);
        assert!(!is_waiting(&play));
        assert!((2..10).contains(&play.polls()), "{}", play.polls());
        assert_eq!(play.told("connected").len(), 1);
    }
}

#[test]
fn an_edge_that_fails_now_changes_nothing_of_what_is_connected() {
    for fault in [
        Fault::Unreachable,
        refused(401, "grant_expired", "relaunch"),
        refused(404, "not_launched", "relaunch"),
        refused(503, "internal", "retry"),
    ] {
        let mut play = Play::running();
        play.polled(snapshot(4, "connected")).pass(3_000);
        play.polled(Err(fault.clone()))
            .pass(60_000)
            .shows("connected");
        assert!(!is_waiting(&play), "{fault:?}");
        let mut play = connected();
        play.act(Action::Check).posted(Kind::Report, Err(fault));
        assert!(!is_waiting(&play), "it can be pressed again at once");
        play.shows("connected").act(Action::Check);
        assert_eq!(play.posts(Kind::Report).len(), 2);
        assert_eq!(play.told("failed"), [] as [Value; 0]);
    }
}

#[test]
fn the_report_comes_a_moment_later_and_is_no_news_for_the_host_page() {
    let mut play = Play::running();
    play.polled(snapshot(4, "connected")).pass(3_000);
    let told = play.told("progress").len();
    play.polled(reported(5, "connected")).pass(60_000);
    assert!(following(&play).report.is_some());
    assert_eq!(play.polls(), 2);
    assert_eq!(play.told("progress").len(), told);
    assert_eq!(play.told("connected").len(), 1);
}

#[test]
fn checking_again_keeps_what_is_there_until_something_newer_is() {
    let mut play = connected();
    play.act(Action::Check).act(Action::Check);
    assert_eq!(play.posts(Kind::Report), [json!({})], "once at a time");
    play.posted(Kind::Report, snapshot(5, "connected"));
    assert_eq!(play.polls(), 2, "the answer is asked for");
    assert!(is_waiting(&play) && following(&play).report.is_some());
    play.polled(with(6, "connected", json!({"report": {"lines": []}})));
    assert!(!is_waiting(&play));
    let lines = following(&play)
        .report
        .as_ref()
        .map(|report| report.items("lines").count());
    assert_eq!(lines, Some(0));
    // It was read a moment ago: the answer has it, and nothing moved.
    play.act(Action::Check).posted(
        Kind::Report,
        with(6, "connected", json!({"report": {"lines": []}})),
    );
    assert!(!is_waiting(&play));
    play.pass(60_000);
    assert_eq!(play.polls(), 2);
}

#[test]
fn checking_again_has_an_end() {
    let mut play = connected();
    play.act(Action::Check)
        .posted(Kind::Report, snapshot(5, "connected"));
    play.pass(19_999);
    assert!(is_waiting(&play));
    play.pass(1);
    assert!(!is_waiting(&play));
    play.polled(reported(6, "connected")).pass(60_000);
    assert_eq!(play.polls(), 2, "late is fine, and ends the asking");
}

#[test]
fn there_is_nothing_to_check_before_there_is_a_report() {
    for mut play in [Play::ready(), Play::running()] {
        play.act(Action::Check);
        assert_eq!(play.posts(Kind::Report), [] as [Value; 0]);
    }
}
