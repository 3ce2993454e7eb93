//! Before, at and around the popup: everything that can keep a code from coming.

use super::*;

#[test]
fn a_blocked_sdk_is_shown_within_its_bound_and_can_be_tried_again() {
    for (name, how) in [("error", Some(Event::SdkFailed)), ("silence", None)] {
        let mut play = Play::new();
        play.shows("loading");
        match how {
            Some(event) => play.feed(event),
            None => play.pass(9_999).shows("loading").pass(1),
        };
        play.shows("sdk_blocked")
            .act(Action::Retry)
            .shows("loading");
        assert_eq!(play.count(|effect| *effect == Effect::LoadSdk), 2, "{name}");
        play.feed(Event::SdkReady).shows("ready");
    }
    Play::new()
        .pass(20_000)
        .shows("sdk_blocked")
        .feed(Event::Online)
        .shows("loading");
    // Late is fine.
    Play::new()
        .pass(20_000)
        .feed(Event::SdkReady)
        .shows("ready");
}

#[test]
fn nothing_opens_before_the_sdk_is_ready_or_twice() {
    let mut play = Play::new();
    play.act(Action::Launch);
    assert_eq!(play.count(|effect| *effect == Effect::Login), 0);
    let mut play = Play::popup();
    play.act(Action::Launch).act(Action::Launch).shows("popup");
    assert_eq!(play.count(|effect| *effect == Effect::Login), 1);
}

#[test]
fn fb_login_is_the_first_effect_of_the_click() {
    let mut play = Play::ready();
    let effects = play.state.step(5, Event::Act(Action::Launch)).0;
    let first = effects
        .iter()
        .find(|effect| !matches!(effect, Effect::Stop(_) | Effect::Unwatch));
    assert_eq!(first, Some(&Effect::Login));
    assert!(
        !effects
            .iter()
            .any(|effect| matches!(effect, Effect::Post(..)))
    );
}

#[test]
fn a_refused_window_leads_to_a_link_and_the_run_is_followed() {
    let mut play = Play::ready();
    play.click(Window::Refused).shows("popup_blocked");
    assert_eq!(play.posts(Kind::Launched).len(), 1);
    assert_eq!(play.polls(), 1);
    // The row is not there yet: ask again.
    play.polled(Err(refused(404, "not_launched", "relaunch")))
        .pass(3_000);
    assert_eq!(play.polls(), 2);
    play.posted(Kind::Launched, snapshot(1, "launched"));
    assert_eq!(
        play.posts(Kind::Ended),
        [json!({"reason": "blocked", "attempt": 1})]
    );
    play.posted(Kind::Ended, snapshot(2, "abandoned"))
        .shows("popup_blocked");
    play.polled(snapshot(2, "abandoned"))
        .shows("popup_blocked")
        .pass(3_000);
    assert_eq!(play.polls(), 3, "goes on asking, calmly");
    // Somebody went on in the other tab.
    play.polled(snapshot(5, "running")).shows("running");
    play.polled(snapshot(9, "connected")).shows("connected");
    assert_eq!(play.told("connected").len(), 1);
}

#[test]
fn a_window_that_was_never_opened_soon_offers_another_way() {
    Play::ready()
        .click(Window::Unseen)
        .shows("popup")
        .pass(3_000)
        .shows("popup_closed");
}

#[test]
fn closing_the_window_offers_a_restart_and_a_late_code_still_wins() {
    let mut play = Play::popup();
    play.feed(Event::WindowClosed)
        .pass(2_999)
        .shows("popup")
        .pass(1)
        .shows("popup_closed");
    assert_eq!(
        play.posts(Kind::Ended),
        [json!({"reason": "closed", "attempt": 1})]
    );
    assert_eq!(play.told("cancelled")[0]["reason"], "closed");
    play.posted(Kind::Ended, snapshot(2, "abandoned"))
        .shows("popup_closed");
    play.code("AQlate").shows("sending");
    assert_eq!(play.posts(Kind::Outcome)[0]["code"], "AQlate");
}

#[test]
fn a_restart_goes_on_under_the_same_signup() {
    let mut play = Play::popup();
    play.feed(Event::WindowClosed)
        .pass(3_000)
        .posted(Kind::Ended, snapshot(2, "abandoned"));
    play.click(Window::Opened).shows("popup");
    assert_eq!(play.posts(Kind::Launched).len(), 2);
    assert_eq!(play.state.launch.signup, SIGNUP);
    // The older popup's empty callback says nothing about this one.
    play.feed(Event::Callback {
        attempt: 1,
        code: None,
    })
    .pass(5_000)
    .shows("popup");
    // Its code does: the first code wins, whichever window it came from.
    play.feed(Event::Callback {
        attempt: 1,
        code: Some("AQold".into()),
    })
    .shows("sending");
}

#[test]
fn a_cancellation_waits_for_the_message_that_says_where() {
    let step = json!({"current_step": "PHONE_NUMBER_SETUP"});
    let mut after = Play::popup();
    after
        .no_code()
        .pass(500)
        .shows("popup")
        .message("CANCEL", step.clone())
        .pass(1_500);
    let mut before = Play::popup();
    before.message("CANCEL", step.clone()).no_code();
    let mut alone = Play::popup();
    alone.message("CANCEL", step).pass(1_500);
    for play in [&mut after, &mut before, &mut alone] {
        play.shows("cancelled");
        assert_eq!(
            play.posts(Kind::Ended),
            [json!({"reason": "cancelled", "current_step": "PHONE_NUMBER_SETUP", "attempt": 1})]
        );
        let told = json!({"signup": SIGNUP, "reason": "cancelled", "step": "PHONE_NUMBER_SETUP"});
        assert_eq!(play.told("cancelled"), [told]);
    }
    let mut silent = Play::popup();
    silent
        .no_code()
        .pass(1_499)
        .shows("popup")
        .pass(1)
        .shows("cancelled");
    assert_eq!(
        silent.posts(Kind::Ended),
        [json!({"reason": "cancelled", "attempt": 1})]
    );
}

#[test]
fn an_error_reported_at_meta_keeps_what_support_asks_for() {
    let mut play = Play::popup();
    play.message(
        "CANCEL",
        json!({"error_id": "524126", "error_message": "Nope", "session_id": "f34b"}),
    )
    .no_code();
    play.shows("cancelled");
    let expect = json!({"reason": "error", "error_code": "524126", "error_message": "Nope", "session_id": "f34b", "attempt": 1});
    assert_eq!(play.posts(Kind::Ended), [expect]);
    assert_eq!(play.told("cancelled")[0]["error_code"], "524126");
}

#[test]
fn closing_and_cancelling_are_announced_once() {
    let mut play = Play::popup();
    play.feed(Event::WindowClosed)
        .pass(3_000)
        .shows("popup_closed");
    play.message("CANCEL", json!({"current_step": "PERMISSIONS"}))
        .shows("cancelled");
    assert_eq!(play.told("cancelled").len(), 1);
    play.no_code().pass(5_000).shows("cancelled");
    assert_eq!(play.told("cancelled").len(), 1);
}

#[test]
fn a_finish_without_a_code_does_not_wait_for_ever() {
    let mut play = Play::popup();
    play.message("FINISH", ids())
        .pass(9_999)
        .shows("popup")
        .pass(1)
        .shows("popup_silent");
    play.code("AQlate").shows("sending");
    // The last screen counts as success however it is left.
    Play::popup()
        .message("FINISH", ids())
        .no_code()
        .pass(1_500)
        .shows("popup_silent");
    Play::popup()
        .message("FINISH", ids())
        .feed(Event::WindowClosed)
        .pass(3_000)
        .shows("popup_silent");
}

#[test]
fn a_window_left_open_for_long_may_be_opened_again() {
    let mut play = Play::popup();
    play.pass(20_000)
        .shows("popup")
        .click(Window::Opened)
        .shows("popup");
    assert_eq!(play.count(|effect| *effect == Effect::Login), 2);
}

#[test]
fn leaving_the_page_ends_a_pending_launch() {
    let mut play = Play::popup();
    play.feed(Event::PageHidden);
    assert_eq!(
        play.posts(Kind::Ended),
        [json!({"reason": "closed", "attempt": 1})]
    );
    let mut play = Play::running();
    play.feed(Event::PageHidden);
    assert_eq!(play.posts(Kind::Ended), [] as [Value; 0]);
}

#[test]
fn messages_count_only_while_something_is_pending() {
    let mut play = Play::ready();
    play.message("FINISH", ids())
        .message("CANCEL", json!({}))
        .pass(20_000)
        .shows("ready");
    assert_eq!(play.posts(Kind::Assets), [] as [Value; 0]);
    let mut play = Play::running();
    play.message("CANCEL", json!({}))
        .pass(5_000)
        .shows("running");
}

#[test]
fn each_launch_is_numbered_and_goes_on_counting_where_another_tab_is() {
    let mut play = Play::popup();
    play.code("c1")
        .posted(Kind::Outcome, snapshot(2, "relaunch"));
    play.click(Window::Opened);
    let numbers = |play: &Play, kind| -> Vec<Value> {
        play.posts(kind)
            .iter()
            .map(|post| post["attempt"].clone())
            .collect()
    };
    assert_eq!(numbers(&play, Kind::Launched), [1, 2]);
    assert_eq!(numbers(&play, Kind::Outcome), [1]);
    let elsewhere = with(7, "relaunch", json!({"attempt": 5}));
    play.code("c2")
        .posted(Kind::Outcome, elsewhere)
        .click(Window::Opened);
    assert_eq!(numbers(&play, Kind::Launched), [1, 2, 6]);
}
