//! Launching the popup, and everything that can keep its code from coming.

use super::sim::*;

#[test]
fn sdk_blocked_is_shown_after_timeout_and_can_be_retried() {
    for (name, failure) in [("error", Some(Event::SdkFailed)), ("timeout", None)] {
        let mut sim = WidgetSim::new();
        sim.shows("loading");
        match failure {
            Some(event) => sim.feed(event),
            None => sim.pass(9_999).shows("loading").pass(1),
        };
        sim.shows("sdk_blocked")
            .action(Action::Retry)
            .shows("loading");
        assert_eq!(sim.count(|effect| *effect == Effect::LoadSdk), 2, "{name}");
        sim.feed(Event::SdkReady).shows("ready");
    }
    WidgetSim::new()
        .pass(20_000)
        .shows("sdk_blocked")
        .feed(Event::Online)
        .shows("loading");
    // Ready after the timeout.
    WidgetSim::new()
        .pass(20_000)
        .feed(Event::SdkReady)
        .shows("ready");
}

#[test]
fn launch_before_sdk_ready_or_twice_is_ignored() {
    let mut sim = WidgetSim::new();
    sim.action(Action::Launch);
    assert_eq!(sim.count(|effect| *effect == Effect::Login), 0);
    let mut sim = WidgetSim::popup();
    sim.action(Action::Launch)
        .action(Action::Launch)
        .shows("popup");
    assert_eq!(sim.count(|effect| *effect == Effect::Login), 1);
}

#[test]
fn launch_calls_fb_login_first() {
    let mut sim = WidgetSim::ready();
    let effects = sim.state.step(5, Event::Action(Action::Launch)).0;
    let first = effects
        .iter()
        .find(|effect| !matches!(effect, Effect::StopTimer(_) | Effect::UnwatchPopup));
    assert_eq!(first, Some(&Effect::Login));
    assert!(
        !effects
            .iter()
            .any(|effect| matches!(effect, Effect::Post(..)))
    );
}

#[test]
fn popup_blocked_offers_link_and_follows_the_signup() {
    let mut sim = WidgetSim::ready();
    sim.click(PopupResult::Blocked).shows("popup_blocked");
    assert_eq!(sim.posts(PostKind::Launched).len(), 1);
    assert_eq!(sim.polls(), 1);
    // The Worker does not know the signup yet.
    sim.polled(Err(refused(404, "not_launched", "relaunch")))
        .pass(3_000);
    assert_eq!(sim.polls(), 2);
    sim.posted(PostKind::Launched, snapshot(1, "launched"));
    assert_eq!(
        sim.posts(PostKind::Ended),
        [json!({"reason": "blocked", "attempt": 1})]
    );
    sim.posted(PostKind::Ended, snapshot(2, "abandoned"))
        .shows("popup_blocked");
    sim.polled(snapshot(2, "abandoned"))
        .shows("popup_blocked")
        .pass(3_000);
    assert_eq!(sim.polls(), 3, "continues polling with a pause");
    // The person continued in the other tab.
    sim.polled(snapshot(5, "running")).shows("running");
    sim.polled(snapshot(9, "connected")).shows("connected");
    assert_eq!(sim.announced("connected").len(), 1);
}

#[test]
fn sdk_without_window_posts_no_window() {
    let ended = [json!({"reason": "no_window", "attempt": 1})];
    let answered = |sim: &mut WidgetSim| {
        sim.posted(PostKind::Launched, snapshot(1, "launched"))
            .shows("no_window");
        assert_eq!(sim.posts(PostKind::Ended), ended);
        assert_eq!(sim.announced("cancelled").len(), 0, "nobody cancelled");
    };
    // No answer: there may be a window all the same.
    answered(
        WidgetSim::ready()
            .click(PopupResult::NotCalled)
            .shows("popup")
            .pass(1_000),
    );
    answered(
        WidgetSim::ready()
            .click(PopupResult::NotCalled)
            .pass(10)
            .callback_without_code(),
    );
    // The callback comes before FB.login returns.
    let mut sim = WidgetSim::ready();
    sim.action(Action::Launch)
        .callback_without_code()
        .feed(Event::LoginReturned {
            popup: PopupResult::NotCalled,
            redirect_uri: None,
        });
    answered(sim.pass(0));
    sim.code("AQlate").shows("sending");
}

#[test]
fn blocked_popup_is_severed_if_a_window_came_to_the_front() {
    let severed = |sim: &WidgetSim| match &sim.state.phase {
        Phase::Popup(attempt) => attempt.severed,
        _ => false,
    };
    let mut sim = WidgetSim::ready();
    sim.feed(Event::PageBlurred).click(PopupResult::Blocked);
    assert!(!severed(&sim));
    assert!(severed(sim.feed(Event::PageBlurred)));
    assert!(!severed(WidgetSim::popup().feed(Event::PageBlurred)));
    // The person went elsewhere.
    let mut sim = WidgetSim::ready();
    sim.click(PopupResult::Blocked).pass(2_000);
    assert!(!severed(sim.feed(Event::PageBlurred)));
}

#[test]
fn code_that_cannot_be_posted_shows_until_when_it_can() {
    let mut sim = WidgetSim::popup();
    sim.code("AQ1").shows("sending").pass(10);
    assert_eq!(sim.state.code_deadline(), None);
    sim.posted(PostKind::Outcome, Err(ApiError::Unreachable));
    assert_eq!(sim.state.code_deadline(), Some(30_000));
    sim.pass(5_000);
    sim.posted(PostKind::Outcome, snapshot(2, "running"));
    assert_eq!(sim.state.code_deadline(), None);
}

#[test]
fn popup_closed_offers_relaunch_and_accepts_late_code() {
    let mut sim = WidgetSim::popup();
    sim.feed(Event::PopupClosed)
        .pass(999)
        .shows("popup")
        .pass(1)
        .shows("popup_closed");
    assert_eq!(
        sim.posts(PostKind::Ended),
        [json!({"reason": "closed", "attempt": 1})]
    );
    assert_eq!(sim.announced("cancelled")[0]["reason"], "closed");
    sim.posted(PostKind::Ended, snapshot(2, "abandoned"))
        .shows("popup_closed");
    sim.code("AQlate").shows("sending");
    assert_eq!(sim.posts(PostKind::Outcome)[0]["code"], "AQlate");
}

#[test]
fn relaunch_after_close_keeps_signup_and_accepts_old_code() {
    let mut sim = WidgetSim::popup();
    sim.feed(Event::PopupClosed)
        .pass(3_000)
        .posted(PostKind::Ended, snapshot(2, "abandoned"));
    sim.click(PopupResult::Opened).shows("popup");
    assert_eq!(sim.posts(PostKind::Launched).len(), 2);
    assert_eq!(sim.state.launch.signup.as_str(), SIGNUP);
    // The older popup's callback without a code does not concern this one.
    sim.feed(Event::LoginCallback {
        attempt: 1,
        code: None,
    })
    .pass(5_000)
    .shows("popup");
    // Its code is used: the first code wins, whichever popup it comes from.
    sim.feed(Event::LoginCallback {
        attempt: 1,
        code: Some("AQold".into()),
    })
    .shows("sending");
}

#[test]
fn cancellation_waits_for_message_with_screen() {
    let step = json!({"current_step": "PHONE_NUMBER_SETUP"});
    let mut after = WidgetSim::popup();
    after
        .callback_without_code()
        .pass(500)
        .shows("popup")
        .message("CANCEL", step.clone())
        .pass(1_500);
    let mut before = WidgetSim::popup();
    before
        .message("CANCEL", step.clone())
        .callback_without_code();
    let mut alone = WidgetSim::popup();
    alone.message("CANCEL", step).pass(1_500);
    for sim in [&mut after, &mut before, &mut alone] {
        sim.shows("cancelled");
        assert_eq!(
            sim.posts(PostKind::Ended),
            [json!({"reason": "cancelled", "current_step": "PHONE_NUMBER_SETUP", "attempt": 1})]
        );
        let detail = json!({"signup": SIGNUP, "reason": "cancelled", "step": "PHONE_NUMBER_SETUP"});
        assert_eq!(sim.announced("cancelled"), [detail]);
    }
    let mut silent = WidgetSim::popup();
    silent
        .callback_without_code()
        .pass(1_499)
        .shows("popup")
        .pass(1)
        .shows("cancelled");
    assert_eq!(
        silent.posts(PostKind::Ended),
        [json!({"reason": "cancelled", "attempt": 1})]
    );
}

#[test]
fn cancellation_with_error_keeps_code_message_and_session() {
    let mut sim = WidgetSim::popup();
    sim.message(
        "CANCEL",
        json!({"error_id": "524126", "error_message": "Nope", "session_id": "f34b"}),
    )
    .callback_without_code();
    sim.shows("cancelled");
    let expect = json!({"reason": "error", "error_code": "524126", "error_message": "Nope", "session_id": "f34b", "attempt": 1});
    assert_eq!(sim.posts(PostKind::Ended), [expect]);
    assert_eq!(sim.announced("cancelled")[0]["error_code"], "524126");
}

#[test]
fn close_then_cancel_is_announced_once() {
    let mut sim = WidgetSim::popup();
    sim.feed(Event::PopupClosed)
        .pass(3_000)
        .shows("popup_closed");
    sim.message("CANCEL", json!({"current_step": "PERMISSIONS"}))
        .shows("cancelled");
    assert_eq!(sim.announced("cancelled").len(), 1);
    sim.callback_without_code().pass(5_000).shows("cancelled");
    assert_eq!(sim.announced("cancelled").len(), 1);
}

#[test]
fn finish_without_code_shows_code_missing() {
    let mut sim = WidgetSim::popup();
    sim.message("FINISH", ids())
        .pass(9_999)
        .shows("popup")
        .pass(1)
        .shows("popup_silent");
    sim.code("AQlate").shows("sending");
    // Meta counts the last screen as success however it is left.
    WidgetSim::popup()
        .message("FINISH", ids())
        .callback_without_code()
        .pass(1_500)
        .shows("popup_silent");
    WidgetSim::popup()
        .message("FINISH", ids())
        .feed(Event::PopupClosed)
        .pass(3_000)
        .shows("popup_silent");
}

#[test]
fn popup_open_long_can_be_launched_again() {
    let mut sim = WidgetSim::popup();
    sim.pass(20_000)
        .shows("popup")
        .click(PopupResult::Opened)
        .shows("popup");
    assert_eq!(sim.count(|effect| *effect == Effect::Login), 2);
}

#[test]
fn page_hidden_during_launch_posts_ended() {
    let mut sim = WidgetSim::popup();
    sim.feed(Event::PageHidden);
    assert_eq!(
        sim.posts(PostKind::Ended),
        [json!({"reason": "closed", "attempt": 1})]
    );
    let mut sim = WidgetSim::running();
    sim.feed(Event::PageHidden);
    assert_eq!(sim.posts(PostKind::Ended), [] as [Value; 0]);
}

#[test]
fn meta_message_without_pending_launch_is_ignored() {
    let mut sim = WidgetSim::ready();
    sim.message("FINISH", ids())
        .message("CANCEL", json!({}))
        .pass(20_000)
        .shows("ready");
    assert_eq!(sim.posts(PostKind::Assets), [] as [Value; 0]);
    let mut sim = WidgetSim::running();
    sim.message("CANCEL", json!({}))
        .pass(5_000)
        .shows("running");
}

#[test]
fn launch_number_continues_from_snapshot() {
    let mut sim = WidgetSim::popup();
    sim.code("c1")
        .posted(PostKind::Outcome, snapshot(2, "relaunch"));
    sim.click(PopupResult::Opened);
    let numbers = |sim: &WidgetSim, kind| -> Vec<Value> {
        sim.posts(kind)
            .iter()
            .map(|post| post["attempt"].clone())
            .collect()
    };
    assert_eq!(numbers(&sim, PostKind::Launched), [1, 2]);
    assert_eq!(numbers(&sim, PostKind::Outcome), [1]);
    let other_tab = snapshot_with(7, "relaunch", json!({"attempt": 5}));
    sim.code("c2")
        .posted(PostKind::Outcome, other_tab)
        .click(PopupResult::Opened);
    assert_eq!(numbers(&sim, PostKind::Launched), [1, 2, 6]);
}
