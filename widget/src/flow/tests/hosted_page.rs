//! The hosted page: opened by the host page's own button (mode `window`) and followed from the frame, and
//! Meta's dialog in the same window.

use super::sim::*;

/// A frame of mode `window`, which shows nothing.
fn window_mode() -> WidgetSim {
    let mut document = document();
    document["mode"] = json!("window");
    WidgetSim::with(read(&document).unwrap(), None)
}

#[test]
fn window_mode_announces_link_and_loads_no_sdk() {
    let sim = window_mode();
    assert_eq!(sim.count(|effect| *effect == Effect::LoadSdk), 0);
    assert_eq!(sim.announced("ready").len(), 1);
    let link = sim.announced("link");
    assert_eq!(link.len(), 1);
    assert!(
        link[0]["href"]
            .as_str()
            .unwrap()
            .ends_with(&format!("/go/acme#embark={SIGNUP}.h.1"))
    );
}

#[test]
fn used_handover_is_replaced_in_link() {
    let next = |seq, handover: &str| snapshot_with(seq, "launched", json!({"handover": handover}));
    let mut sim = window_mode();
    sim.action(Action::HostedPageOpened)
        .polled(next(1, "h.1"))
        .pass(3_000);
    assert_eq!(sim.announced("link").len(), 1, "still valid");
    // The handover was used by a launch in the other window, which may be closed since.
    sim.polled(next(2, "h.2")).pass(3_000);
    sim.polled(next(3, "h.2")).pass(3_000);
    let links = sim.announced("link");
    assert_eq!(links.len(), 2);
    let href = links[1]["href"].as_str().unwrap();
    assert!(href.ends_with(&format!("#embark={SIGNUP}.h.2")), "{href}");
    // A snapshot without a handover leaves the link as it is.
    sim.polled(snapshot(4, "running")).pass(3_000);
    assert_eq!(sim.announced("link").len(), 2);
}

#[test]
fn hosted_page_opened_in_other_mode_is_ignored() {
    let mut sim = WidgetSim::ready();
    sim.action(Action::HostedPageOpened).shows("ready");
    assert_eq!(
        sim.announced("launched").len() + sim.announced("link").len(),
        0
    );
    assert!(
        WidgetSim::popup()
            .action(Action::HostedPageOpened)
            .announced("link")
            .is_empty()
    );
}

#[test]
fn hosted_page_opened_before_sdk_ready_is_followed() {
    let mut sim = WidgetSim::new();
    sim.action(Action::HostedPageOpened).shows("popup");
    assert_eq!((sim.announced("launched").len(), sim.polls()), (1, 1));
    assert!(sim.session_is_saved());
    sim.polled(Err(refused(404, "not_launched", "relaunch")))
        .feed(Event::SdkReady)
        .shows("popup");
    sim.pass(3_000)
        .polled(snapshot(1, "running"))
        .shows("running");
}

#[test]
fn window_mode_announces_events_and_posts_nothing() {
    let mut sim = window_mode();
    sim.action(Action::HostedPageOpened)
        .action(Action::HostedPageOpened);
    assert_eq!((sim.announced("launched").len(), sim.polls()), (1, 1));
    assert!(sim.session_is_saved());
    // The button in the other window has not been pressed yet.
    sim.polled(Err(refused(404, "not_launched", "relaunch")))
        .pass(3_000);
    assert_eq!(sim.polls(), 2);
    let left =
        json!({"left": {"reason": "error", "current_step": "PERMISSIONS", "error_code": "1"}});
    sim.polled(snapshot_with(2, "abandoned", left)).pass(3_000);
    let cancelled = sim.announced("cancelled");
    assert_eq!(cancelled.len(), 1);
    assert_eq!(
        (&cancelled[0]["reason"], &cancelled[0]["step"]),
        (&json!("error"), &json!("PERMISSIONS"))
    );
    // The same snapshot is not announced again.
    sim.polled(snapshot(2, "abandoned")).pass(3_000);
    assert_eq!(sim.announced("cancelled").len(), 1);
    sim.polled(snapshot(3, "running"))
        .polled(snapshot(4, "connected"));
    assert_eq!(sim.announced("connected").len(), 1);
    assert_eq!(sim.count(|effect| matches!(effect, Effect::Post(..))), 0);
    // The host page's button now needs another signup.
    assert_eq!(sim.count(|effect| *effect == Effect::RenewLaunch), 1);
    sim.feed(Event::Renewed(Ok(Box::new(other()))));
    assert!(
        sim.announced("link").last().unwrap()["href"]
            .as_str()
            .unwrap()
            .contains(OTHER)
    );
}

#[test]
fn host_page_reload_keeps_following_the_other_window() {
    let mut document = document();
    document["mode"] = json!("window");
    let session = Session::parse(&format!("{OTHER}.g.2"), SessionSource::Stored);
    let mut sim = WidgetSim::with(read(&document).unwrap(), session);
    let snapshot = |seq, status| snapshot_with(seq, status, json!({"id": OTHER}));
    sim.polled(snapshot(1, "launched")).pass(0);
    assert_eq!(sim.polls(), 2);
    sim.polled(snapshot(2, "connected"));
    assert_eq!(sim.announced("connected")[0]["signup"], OTHER);
}

#[test]
fn dialog_in_this_window_only_on_hosted_page_without_popup() {
    let hosted_page = || {
        let mut document = document();
        document["mode"] = json!("page");
        document["dialog"] = json!("https://www.facebook.com/v25.0/dialog/oauth?x=1");
        WidgetSim::with(read(&document).unwrap(), None)
    };
    let opened = |sim: &WidgetSim| sim.count(|effect| matches!(effect, Effect::OpenDialogHere(_)));
    assert_eq!(
        opened(WidgetSim::ready().action(Action::ContinueInThisWindow)),
        0,
        "in a frame"
    );
    let mut sim = hosted_page();
    sim.feed(Event::SdkReady)
        .click(PopupResult::Opened)
        .action(Action::ContinueInThisWindow);
    assert_eq!(opened(&sim), 0, "while a popup is open");

    let mut sim = hosted_page();
    sim.feed(Event::SdkReady)
        .click(PopupResult::Blocked)
        .shows("popup_blocked")
        .action(Action::ContinueInThisWindow);
    assert_eq!((opened(&sim), sim.posts(PostKind::Launched).len()), (1, 2));
    assert!(sim.session_is_saved());
    // Leaving for the dialog does not end the launch.
    let ended = sim.posts(PostKind::Ended).len();
    sim.feed(Event::PageHidden);
    assert_eq!(sim.posts(PostKind::Ended).len(), ended);
    // The person went back by the browser's button.
    sim.polled(snapshot(3, "launched")).shows("ready");

    let mut sim = hosted_page();
    sim.feed(Event::SdkFailed)
        .shows("sdk_blocked")
        .action(Action::ContinueInThisWindow);
    assert_eq!(opened(&sim), 1);
}

#[test]
fn redirect_is_used_where_popups_cannot_report_back() {
    let document_of = |mode: &str| {
        let mut document = document();
        document["mode"] = json!(mode);
        document["dialog"] = json!("https://www.facebook.com/v25.0/dialog/oauth?x=1");
        if mode != "page" {
            document.as_object_mut().unwrap().remove("dialog");
        }
        read(&document).unwrap()
    };
    let opened = |sim: &WidgetSim| sim.count(|effect| matches!(effect, Effect::OpenDialogHere(_)));
    let logins = |sim: &WidgetSim| sim.count(|effect| *effect == Effect::Login);
    let mut sim = WidgetSim::with_dialog_mode(DialogMode::Redirect, document_of("page"), None);
    sim.shows("ready");
    assert_eq!(sim.announced("ready").len(), 1);
    assert_eq!(sim.count(|effect| *effect == Effect::LoadSdk), 0);
    sim.action(Action::ContinueInThisWindow);
    assert_eq!((opened(&sim), logins(&sim)), (1, 0));
    // To be repeated at Meta.
    let mut sim = WidgetSim::with_dialog_mode(DialogMode::Redirect, document_of("page"), None);
    sim.action(Action::ContinueInThisWindow)
        .polled(snapshot(5, "relaunch"))
        .shows("relaunch")
        .action(Action::Launch);
    assert_eq!((opened(&sim), logins(&sim)), (2, 0));

    let mut sim = WidgetSim::with_dialog_mode(DialogMode::Redirect, document_of("frame"), None);
    sim.shows("ready").action(Action::Launch).shows("ready");
    assert_eq!((opened(&sim), logins(&sim)), (0, 0));
    // Its button is a link to the hosted page.
    sim.action(Action::HostedPageOpened)
        .shows("popup")
        .polled(snapshot(1, "launched"))
        .pass(3_000);
    assert_eq!((sim.announced("launched").len(), sim.polls()), (1, 2));
}

#[test]
fn dialog_without_cookies_is_not_opened_and_can_be_tried_again() {
    let mut document = document();
    document["mode"] = json!("page");
    document["dialog"] = json!("https://www.facebook.com/v25.0/dialog/oauth?x=1");
    let mut sim = WidgetSim::with_dialog_mode(DialogMode::Redirect, read(&document).unwrap(), None);
    sim.action(Action::ContinueInThisWindow)
        .feed(Event::CookiesOff)
        .shows("cookies_off")
        .posted(PostKind::Launched, snapshot(1, "launched"));
    assert_eq!(
        sim.posts(PostKind::Ended),
        [json!({"reason": "blocked", "attempt": 1})]
    );
    sim.action(Action::ContinueInThisWindow);
    assert_eq!(
        sim.count(|effect| matches!(effect, Effect::OpenDialogHere(_))),
        2
    );
}

#[test]
fn hosted_page_opened_instead_of_a_blocked_window_is_followed() {
    let mut sdk_blocked = WidgetSim::new();
    sdk_blocked.feed(Event::SdkFailed).shows("sdk_blocked");
    let mut blocked = WidgetSim::ready();
    blocked.click(PopupResult::Blocked).shows("popup_blocked");
    for sim in [&mut sdk_blocked, &mut blocked] {
        sim.action(Action::HostedPageOpened).shows("popup");
        assert_eq!(sim.announced("launched").len(), 1);
        sim.polled(snapshot(4, "running")).shows("running");
    }
}

fn other() -> LaunchDocument {
    let mut document = document();
    document["mode"] = json!("window");
    document["signup"] = json!(OTHER);
    read(&document).unwrap()
}

const OTHER: &str = "fedcba9876543210fedcba9876543210";
