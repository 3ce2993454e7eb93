//! Resuming a signup after a reload or a handover.

use super::sim::*;

/// The session of an earlier signup.
fn earlier_session(source: SessionSource) -> Option<Session> {
    Session::parse(&format!("{}.old", "ab".repeat(16)), source)
}

/// A snapshot of that signup.
fn earlier_snapshot(seq: u32, status: &str) -> Result<Box<Snapshot>, ApiError> {
    let mut snapshot = snapshot(seq, status)?;
    snapshot.id = SignupId::parse(&"ab".repeat(16)).unwrap();
    Ok(snapshot)
}

#[test]
fn reload_resumes_the_signup() {
    let mut sim = WidgetSim::with(launch(), earlier_session(SessionSource::Stored));
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
        earlier_snapshot(2, "abandoned"),
    ] {
        let mut sim = WidgetSim::with(launch(), earlier_session(SessionSource::Stored));
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
        let mut sim = WidgetSim::with(launch(), earlier_session(SessionSource::Dialog));
        sim.feed(Event::SdkReady)
            .polled(reply)
            .shows("ready")
            .pass(3_600_000)
            .click(PopupResult::Opened);
        assert_eq!(sim.state.launch.signup.as_str(), "ab".repeat(16));
    }
    let mut sim = WidgetSim::with(launch(), earlier_session(SessionSource::Dialog));
    sim.feed(Event::SdkReady)
        .polled(Err(refused(401, "grant_expired", "relaunch")))
        .shows("ready");
    assert_eq!(
        sim.state.launch.signup.as_str(),
        SIGNUP,
        "a handover that expired is dropped"
    );
}

#[test]
fn reload_while_the_window_is_open_offers_the_same_signup_again() {
    let closed = || {
        let mut snapshot = snapshot_with(2, "abandoned", json!({"left": {"reason": "closed"}}))?;
        snapshot.id = SignupId::parse(&"ab".repeat(16)).unwrap();
        Ok(snapshot)
    };
    for reply in [earlier_snapshot(1, "launched"), closed()] {
        let mut sim = WidgetSim::with(launch(), earlier_session(SessionSource::Stored));
        sim.feed(Event::SdkReady).polled(reply).shows("popup_lost");
        // A window that can still be used is followed.
        sim.pass(3_000);
        assert_eq!(sim.polls(), 2);
        sim.click(PopupResult::Opened).shows("popup");
        assert_eq!(sim.state.launch.signup.as_str(), "ab".repeat(16));
    }
    let mut sim = WidgetSim::with(launch(), earlier_session(SessionSource::Stored));
    sim.polled(earlier_snapshot(1, "launched"))
        .pass(3_000)
        .polled(earlier_snapshot(3, "running"))
        .shows("running");
}

#[test]
fn restored_signup_events_are_marked_restored() {
    let mut sim = WidgetSim::with(launch(), earlier_session(SessionSource::Stored));
    sim.polled(earlier_snapshot(5, "running"))
        .polled(earlier_snapshot(6, "connected"))
        .shows("connected");
    assert_eq!(sim.announced("progress")[0]["restored"], true);
    let connected = sim.announced("connected");
    assert_eq!(
        (connected.len(), &connected[0]["restored"]),
        (1, &json!(true))
    );
    assert!(
        !sim.session_is_saved(),
        "the next page of this tab is not told of it"
    );
    // Another signup in the same page is not restored.
    sim.action(Action::StartOver)
        .feed(Event::Renewed(Ok(Box::new(launch()))))
        .feed(Event::SdkReady)
        .click(PopupResult::Opened)
        .posted(PostKind::Launched, snapshot(1, "launched"))
        .code("AQ2")
        .posted(PostKind::Outcome, snapshot(2, "running"));
    assert_eq!(
        sim.announced("progress").last().unwrap().get("restored"),
        None
    );
}

#[test]
fn link_of_another_page_is_asked_about_first() {
    let hosted = |from_site: bool| {
        let mut document = document();
        document["mode"] = json!("page");
        document["from_site"] = json!(from_site);
        read(&document).unwrap()
    };
    let link = || earlier_session(SessionSource::Address);
    let mut sim = WidgetSim::with(hosted(false), link());
    sim.feed(Event::SdkReady).shows("asking").pass(60_000);
    sim.action(Action::Launch)
        .feed(Event::PageVisible)
        .shows("asking");
    assert_eq!(
        (sim.polls(), sim.count(|effect| *effect == Effect::Login)),
        (0, 0)
    );
    assert!(!sim.session_is_saved());
    sim.action(Action::Join)
        .shows("resuming")
        .polled(earlier_snapshot(5, "needs_input"))
        .shows("needs_input");

    let mut sim = WidgetSim::with(hosted(false), link());
    sim.feed(Event::SdkReady)
        .action(Action::Decline)
        .shows("ready")
        .action(Action::Join)
        .shows("ready");
    assert_eq!(sim.state.launch.signup.as_str(), SIGNUP);
    assert_eq!(sim.polls(), 0);

    WidgetSim::with(hosted(true), link()).shows("resuming");
}
