//! The host's own button opened the hosted page elsewhere; this page shows nothing and follows.

use super::*;

/// A page of this mode.
fn window() -> Play {
    let mut document = crate::config::tests::document();
    document["mode"] = json!("window");
    Play::with(Launch::read(Doc(document)).unwrap(), None)
}

#[test]
fn nothing_of_metas_is_loaded_and_the_link_is_there_at_once() {
    let play = window();
    assert_eq!(play.count(|effect| *effect == Effect::LoadSdk), 0);
    assert_eq!(play.told("ready").len(), 1);
    let link = play.told("link");
    assert_eq!(link.len(), 1);
    assert!(
        link[0]["href"]
            .as_str()
            .unwrap()
            .ends_with(&format!("/go/acme#embark={SIGNUP}.h.1"))
    );
}

#[test]
fn a_link_that_was_used_gives_way_to_the_next() {
    let next = |seq, handover: &str| with(seq, "launched", json!({"handover": handover}));
    let mut play = window();
    play.act(Action::Elsewhere)
        .polled(next(1, "h.1"))
        .pass(3_000);
    assert_eq!(play.told("link").len(), 1, "still good");
    // Somebody launched over there, and may have closed the window since.
    play.polled(next(2, "h.2")).pass(3_000);
    play.polled(next(3, "h.2")).pass(3_000);
    let links = play.told("link");
    assert_eq!(links.len(), 2);
    let href = links[1]["href"].as_str().unwrap();
    assert!(href.ends_with(&format!("#embark={SIGNUP}.h.2")), "{href}");
    // An edge that has none to offer takes none away.
    play.polled(snapshot(4, "running")).pass(3_000);
    assert_eq!(play.told("link").len(), 2);
}

#[test]
fn only_this_mode_can_be_launched_from_elsewhere() {
    let mut play = Play::ready();
    play.act(Action::Elsewhere).shows("ready");
    assert_eq!(play.told("launched").len() + play.told("link").len(), 0);
    assert!(Play::popup().act(Action::Elsewhere).told("link").is_empty());
}

#[test]
fn what_happens_there_is_told_here_and_nothing_is_posted() {
    let mut play = window();
    play.act(Action::Elsewhere).act(Action::Elsewhere);
    assert_eq!((play.told("launched").len(), play.polls()), (1, 1));
    assert!(play.remembers());
    // Nobody pressed the button over there yet.
    play.polled(Err(refused(404, "not_launched", "relaunch")))
        .pass(3_000);
    assert_eq!(play.polls(), 2);
    let left =
        json!({"left": {"reason": "error", "current_step": "PERMISSIONS", "error_code": "1"}});
    play.polled(with(2, "abandoned", left)).pass(3_000);
    let told = play.told("cancelled");
    assert_eq!(told.len(), 1);
    assert_eq!(
        (&told[0]["reason"], &told[0]["step"]),
        (&json!("error"), &json!("PERMISSIONS"))
    );
    // The same again is no news.
    play.polled(snapshot(2, "abandoned")).pass(3_000);
    assert_eq!(play.told("cancelled").len(), 1);
    play.polled(snapshot(3, "running"))
        .polled(snapshot(4, "connected"));
    assert_eq!(play.told("connected").len(), 1);
    assert_eq!(play.count(|effect| matches!(effect, Effect::Post(..))), 0);
    // And the button stands for another signup.
    assert_eq!(play.count(|effect| *effect == Effect::Renew), 1);
    play.feed(Event::Renewed(Ok(Box::new(other()))));
    assert!(
        play.told("link").last().unwrap()["href"]
            .as_str()
            .unwrap()
            .contains(OTHER)
    );
}

#[test]
fn a_reload_of_the_host_page_does_not_lose_the_other_window() {
    let mut document = crate::config::tests::document();
    document["mode"] = json!("window");
    let saved = Saved::parse(&format!("{OTHER}.g.2"), false);
    let mut play = Play::with(Launch::read(Doc(document)).unwrap(), saved);
    let of = |seq, status| with(seq, status, json!({"id": OTHER}));
    play.polled(of(1, "launched")).pass(0);
    assert_eq!(play.polls(), 2);
    play.polled(of(2, "connected"));
    assert_eq!(play.told("connected")[0]["signup"], OTHER);
}

#[test]
fn only_the_hosted_page_leaves_for_meta_and_only_where_no_popup_is_open() {
    let hosted = || {
        let mut document = crate::config::tests::document();
        document["mode"] = json!("page");
        document["dialog"] = json!("https://www.facebook.com/v25.0/dialog/oauth?x=1");
        Play::with(Launch::read(Doc(document)).unwrap(), None)
    };
    let left = |play: &Play| play.count(|effect| matches!(effect, Effect::Leave(_)));
    assert_eq!(left(Play::ready().act(Action::Here)), 0, "in a frame");
    let mut play = hosted();
    play.feed(Event::SdkReady)
        .click(Window::Opened)
        .act(Action::Here);
    assert_eq!(left(&play), 0, "while a popup is open");

    let mut play = hosted();
    play.feed(Event::SdkReady)
        .click(Window::Refused)
        .shows("popup_blocked")
        .act(Action::Here);
    assert_eq!((left(&play), play.posts(Kind::Launched).len()), (1, 2));
    assert!(play.remembers());
    // Going there is not giving up.
    let ended = play.posts(Kind::Ended).len();
    play.feed(Event::PageHidden);
    assert_eq!(play.posts(Kind::Ended).len(), ended);
    // Back by the browser's own button, with nothing done.
    play.polled(snapshot(3, "launched")).shows("ready");

    let mut play = hosted();
    play.feed(Event::SdkFailed)
        .shows("sdk_blocked")
        .act(Action::Here);
    assert_eq!(left(&play), 1);
}

fn other() -> Launch {
    let mut document = crate::config::tests::document();
    document["mode"] = json!("window");
    document["signup"] = json!(OTHER);
    Launch::read(Doc(document)).unwrap()
}

const OTHER: &str = "fedcba9876543210fedcba9876543210";
