//! Resuming a signup after a reload or a handover.

use super::sim::*;

/// The session of an earlier signup.
fn earlier_session(handed_over: bool) -> Option<Session> {
    Session::parse(&format!("{}.old", "ab".repeat(16)), handed_over)
}

/// A snapshot of that signup.
fn earlier_snapshot(seq: u32, status: &str) -> Result<Box<Snapshot>, ApiError> {
    let mut snapshot = snapshot(seq, status)?;
    snapshot.id = SignupId::parse(&"ab".repeat(16)).unwrap();
    Ok(snapshot)
}

#[test]
fn reload_resumes_the_signup() {
    let mut sim = WidgetSim::with(launch(), earlier_session(false));
    sim.shows("resuming")
        .polled(Err(ApiError::Unreachable))
        .shows("resuming")
        .pass(2_000);
    assert_eq!(sim.polls(), 2);
    sim.polled(earlier_snapshot(5, "running")).shows("running");
}

#[test]
fn reload_without_code_shows_button_of_own_signup() {
    for reply in [
        Err(refused(404, "not_launched", "relaunch")),
        Err(refused(401, "grant_expired", "relaunch")),
        earlier_snapshot(1, "launched"),
        earlier_snapshot(2, "abandoned"),
    ] {
        let mut sim = WidgetSim::with(launch(), earlier_session(false));
        sim.feed(Event::SdkReady).polled(reply).shows("ready");
        assert_eq!(sim.state.launch.signup.as_str(), SIGNUP);
        assert_eq!(sim.state.launch.handover_grant, launch().handover_grant);
        assert!(!sim.session_is_saved());
    }
}

#[test]
fn handed_over_signup_is_launched_under_its_own_id() {
    for reply in [
        Err(refused(404, "not_launched", "relaunch")),
        earlier_snapshot(1, "launched"),
        earlier_snapshot(2, "abandoned"),
    ] {
        let mut sim = WidgetSim::with(launch(), earlier_session(true));
        sim.feed(Event::SdkReady)
            .polled(reply)
            .shows("ready")
            .pass(3_600_000)
            .click(PopupResult::Opened);
        assert_eq!(sim.state.launch.signup.as_str(), "ab".repeat(16));
    }
    let mut sim = WidgetSim::with(launch(), earlier_session(true));
    sim.feed(Event::SdkReady)
        .polled(Err(refused(401, "grant_expired", "relaunch")))
        .shows("ready");
    assert_eq!(
        sim.state.launch.signup.as_str(),
        SIGNUP,
        "a handover that expired is dropped"
    );
}
