//! Following a run, resuming one, and answering it.

use super::*;
use embark_protocol::post::Input;

#[test]
fn silence_is_shown_and_outlasted() {
    let mut play = Play::running();
    play.polled(Err(Fault::Unreachable)).pass(15_000);
    assert_eq!(play.state.trouble, 1);
    for _ in 0..8 {
        play.polled(Err(Fault::Unreachable)).pass(15_000);
    }
    assert!(play.state.trouble > 1, "a banner");
    assert_eq!(play.polls(), 10, "bounded pauses");
    play.shows("running").polled(snapshot(3, "running"));
    assert_eq!(play.state.trouble, 0);
    for event in [Event::Online, Event::Act(Action::Retry)] {
        let mut play = Play::running();
        play.polled(Err(Fault::Unreachable))
            .pass(15_000)
            .polled(Err(Fault::Unreachable));
        let before = play.polls();
        play.feed(event);
        assert_eq!(play.polls(), before + 1, "at once");
    }
}

#[test]
fn one_question_at_a_time_and_never_in_a_hot_loop() {
    let mut play = Play::running();
    assert_eq!(play.polls(), 1);
    play.pass(60_000);
    assert_eq!(play.polls(), 1, "the answer is held");
    // An edge that does not hold its answers.
    for _ in 0..10 {
        play.polled(snapshot(2, "running")).pass(1_000);
    }
    assert_eq!(play.polls(), 11);
    play.polled(with(
        3,
        "waiting",
        json!({"poll_after_ms": 5_000, "wait_ms": 60_000}),
    ))
    .pass(4_999);
    assert_eq!(play.polls(), 11);
    play.pass(1);
    assert_eq!(play.polls(), 12);
}

#[test]
fn an_older_or_foreign_snapshot_changes_nothing() {
    let mut play = Play::running();
    play.polled(snapshot(6, "connected")).shows("connected");
    play.polled(snapshot(5, "running")).shows("connected");
    let mut foreign = snapshot(9, "failed").unwrap();
    foreign.id = "0".repeat(32);
    play.polled(Ok(foreign)).shows("connected");
    play.feed(Event::Polled {
        epoch: 77,
        reply: snapshot(9, "failed"),
    })
    .shows("connected");
}

#[test]
fn every_end_is_shown_told_and_the_asking_stops() {
    for (status, event, remembers) in [
        ("connected", "connected", true),
        ("connected_without_number", "connected", true),
        ("relaunch", "progress", true),
        ("failed", "failed", false),
        ("abandoned", "cancelled", false),
    ] {
        let mut play = Play::running();
        play.polled(with(4, status, json!({"report": {}})))
            .shows(status)
            .pass(60_000);
        assert_eq!(play.polls(), 1, "{status}");
        assert!(!play.told(event).is_empty(), "{status}");
        assert_eq!(play.remembers(), remembers, "{status}");
    }
}

#[test]
fn relaunch_is_one_click_under_the_same_signup() {
    let mut play = Play::running();
    play.polled(snapshot(4, "relaunch"))
        .click(Window::Opened)
        .shows("popup");
    play.posted(Kind::Launched, snapshot(5, "launched"))
        .shows("popup");
    play.code("AQ2")
        .posted(Kind::Outcome, snapshot(6, "running"))
        .shows("running");
    assert_eq!(play.posts(Kind::Outcome).len(), 2);
}

#[test]
fn a_run_the_edge_no_longer_knows_ends_visibly() {
    let mut play = Play::running();
    play.polled(Err(refused(404, "not_launched", "relaunch")))
        .shows("stopped");
    let mut play = Play::running();
    play.polled(Err(refused(401, "grant_invalid", "relaunch")))
        .shows("stopped");
}

fn saved(handed_over: bool) -> Option<Saved> {
    Saved::parse(&format!("{}.old", "ab".repeat(16)), handed_over)
}

fn earlier(seq: u32, status: &str) -> Result<Snapshot, Fault> {
    let mut snapshot = snapshot(seq, status)?;
    snapshot.id = "ab".repeat(16);
    Ok(snapshot)
}

#[test]
fn a_reload_goes_on_with_the_run() {
    let mut play = Play::with(launch(), saved(false));
    play.shows("resuming")
        .polled(Err(Fault::Unreachable))
        .shows("resuming")
        .pass(2_000);
    assert_eq!(play.polls(), 2);
    play.polled(earlier(5, "running")).shows("running");
}

#[test]
fn a_reload_after_nothing_offers_the_button_of_a_fresh_signup() {
    for reply in [
        Err(refused(404, "not_launched", "relaunch")),
        Err(refused(401, "grant_expired", "relaunch")),
        earlier(1, "launched"),
        earlier(2, "abandoned"),
    ] {
        let mut play = Play::with(launch(), saved(false));
        play.feed(Event::SdkReady).polled(reply).shows("ready");
        assert_eq!(play.state.launch.signup, SIGNUP);
        assert_eq!(play.state.launch.handover, launch().handover);
        assert!(!play.remembers());
    }
}

#[test]
fn a_handed_over_signup_is_launched_under_its_own_name() {
    for reply in [
        Err(refused(404, "not_launched", "relaunch")),
        earlier(1, "launched"),
        earlier(2, "abandoned"),
    ] {
        let mut play = Play::with(launch(), saved(true));
        play.feed(Event::SdkReady)
            .polled(reply)
            .shows("ready")
            .pass(3_600_000)
            .click(Window::Opened);
        assert_eq!(play.state.launch.signup, "ab".repeat(16));
    }
    let mut play = Play::with(launch(), saved(true));
    play.feed(Event::SdkReady)
        .polled(Err(refused(401, "grant_expired", "relaunch")))
        .shows("ready");
    assert_eq!(
        play.state.launch.signup, SIGNUP,
        "a dead handover gives way"
    );
}

fn asked(kind: &str, more: Value) -> Play {
    let mut need = json!({"kind": kind});
    need.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let mut play = Play::running();
    play.polled(with(
        3,
        "needs_input",
        json!({"input": need, "poll_after_ms": 2_000}),
    ));
    play.shows("needs_input");
    assert_eq!(
        play.told("needsinput"),
        [json!({"signup": SIGNUP, "kind": kind})]
    );
    play
}

#[test]
fn answers_of_the_wrong_shape_stay_here_and_good_ones_are_what_protocol_takes() {
    let choices = json!({"choices": [{"id": "5000000000000001", "label": "One"}]});
    for (kind, more, bad, good) in [
        (
            "waba",
            choices.clone(),
            "5000000000000002",
            "5000000000000001",
        ),
        ("number", choices, "", "5000000000000001"),
        ("pin", json!({}), "12345", "123 456"),
        ("pin", json!({}), "12345a", "\u{a0}123-456 "),
        ("verification", json!({}), "", "SMS"),
        ("verification_code", json!({}), "12", "123-456"),
    ] {
        let mut play = asked(kind, more);
        play.act(Action::Submit(bad.into())).shows("needs_input");
        assert_eq!(play.posts(Kind::Input), [] as [Value; 0], "{kind}");
        play.act(Action::Submit(good.into()))
            .act(Action::Submit(good.into()));
        let posts = play.posts(Kind::Input);
        assert_eq!(posts.len(), 1, "{kind}");
        serde_json::from_value::<Input>(posts[0].clone()).unwrap();
        play.posted(Kind::Input, snapshot(4, "running"))
            .shows("running");
    }
}

#[test]
fn an_answer_that_is_refused_or_lost_can_be_given_again() {
    let mut play = asked("pin", json!({}));
    play.act(Action::Submit("123456".into()))
        .posted(Kind::Input, Err(refused(422, "input_invalid", "customer")));
    play.act(Action::Submit("654321".into()));
    for _ in 0..10 {
        play.posted(Kind::Input, Err(Fault::Unreachable))
            .pass(4_000);
    }
    let Phase::Following(following) = &play.state.phase else {
        panic!()
    };
    assert_eq!(following.form, Form::Wrong("unreachable".into()));
    // The run asks again: the form is open again.
    play.polled(with(
        4,
        "needs_input",
        json!({"input": {"kind": "pin", "error": "pin_mismatch", "tries_left": 1}}),
    ));
    let Phase::Following(following) = &play.state.phase else {
        panic!()
    };
    assert_eq!(following.form, Form::Open);
}

#[test]
fn a_new_code_can_be_asked_for() {
    let mut play = asked("verification_code", json!({}));
    play.act(Action::Resend("VOICE"));
    assert_eq!(
        play.posts(Kind::Input),
        [json!({"kind": "request_code", "method": "VOICE"})]
    );
}

#[test]
fn the_happy_path_from_button_to_connected() {
    let mut play = Play::ready();
    assert_eq!(play.told("ready").len(), 1);
    play.click(Window::Opened)
        .shows("popup")
        .posted(Kind::Launched, snapshot(1, "launched"));
    play.message("FINISH", ids()).code("AQ1").shows("sending");
    play.posted(Kind::Outcome, snapshot(2, "running"))
        .shows("running");
    play.polled(snapshot(3, "running"));
    play.polled(with(
        4,
        "connected",
        json!({"connected": {"waba_id": "5000000000000001"}}),
    ))
    .shows("connected");
    assert_eq!(play.told("launched"), [json!({"signup": SIGNUP})]);
    assert_eq!(play.told("progress").len(), 3);
    assert_eq!(play.told("connected")[0]["waba_id"], "5000000000000001");
    assert_eq!(play.told("cancelled"), [] as [Value; 0]);
    // Another number needs another signup.
    play.act(Action::Anew).shows("loading");
    assert_eq!(play.count(|effect| *effect == Effect::Renew), 1);
}
