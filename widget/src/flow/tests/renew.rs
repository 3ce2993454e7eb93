//! Keeping the grant fresh, and what happens when it was not.

use super::*;
use crate::config::tests::document;

fn fresh() -> Result<Box<Launch>, Fault> {
    let mut doc = document();
    doc["signup"] = "cd".repeat(16).into();
    doc["grant"] = "g.2".into();
    Ok(Box::new(Launch::read(Doc(doc)).unwrap()))
}

fn renewals(play: &Play) -> usize {
    play.count(|effect| *effect == Effect::Renew)
}

#[test]
fn an_idle_page_renews_on_time_and_after_a_sleep() {
    let mut play = Play::ready();
    play.pass(599_999);
    assert_eq!(renewals(&play), 0);
    play.feed(Event::Woke).pass(1);
    assert_eq!(renewals(&play), 1);
    play.feed(Event::Renewed(fresh())).shows("ready");
    assert_eq!(play.state.launch.grant, "g.2");
    play.pass(600_000);
    assert_eq!(renewals(&play), 2);
}

#[test]
fn a_renewal_that_fails_is_tried_again_and_the_button_stays() {
    let mut play = Play::ready();
    play.pass(600_000)
        .feed(Event::Renewed(Err(Fault::Unreachable)))
        .shows("ready")
        .pass(30_000);
    assert_eq!(renewals(&play), 2);
    play.feed(Event::Renewed(Err(refused(
        403,
        "site_disabled",
        "operator",
    ))))
    .shows("ready");
}

#[test]
fn nothing_is_renewed_while_a_launch_is_pending() {
    let mut play = Play::popup();
    play.pass(700_000).feed(Event::Woke);
    assert_eq!(renewals(&play), 0);
    // A renewal that was on its way at the click comes too late.
    let mut play = Play::ready();
    play.pass(600_000)
        .click(Window::Opened)
        .feed(Event::Renewed(fresh()))
        .shows("popup");
    assert_eq!(play.state.launch.signup, SIGNUP);
}

#[test]
fn a_grant_that_is_refused_while_the_popup_is_open_is_replaced_under_it() {
    let expired = || Err(refused(401, "grant_expired", "relaunch"));
    let mut play = Play::ready();
    play.click(Window::Opened)
        .posted(Kind::Launched, expired())
        .shows("popup");
    assert_eq!(renewals(&play), 1);
    play.code("AQ1")
        .posted(Kind::Outcome, expired())
        .shows("sending");
    play.feed(Event::Renewed(fresh())).shows("sending");
    assert_eq!(play.state.launch.grant, "g.2");
    assert_eq!(play.posts(Kind::Launched).len(), 2);
    assert_eq!(play.posts(Kind::Outcome).len(), 2);
    let mut receipt = snapshot(2, "running").unwrap();
    receipt.id = "cd".repeat(16);
    play.posted(Kind::Outcome, Ok(receipt)).shows("running");
}

#[test]
fn a_fresh_grant_that_is_refused_too_is_shown() {
    let expired = || Err(refused(401, "grant_expired", "relaunch"));
    let mut play = Play::popup();
    play.code("AQ1")
        .posted(Kind::Outcome, expired())
        .feed(Event::Renewed(fresh()));
    play.posted(Kind::Outcome, expired()).shows("stopped");
    assert_eq!(renewals(&play), 1);
}

#[test]
fn without_a_fresh_grant_the_code_is_given_up_visibly() {
    let mut play = Play::popup();
    play.code("AQ1").posted(
        Kind::Outcome,
        Err(refused(401, "grant_expired", "relaunch")),
    );
    for _ in 0..10 {
        play.feed(Event::Renewed(Err(Fault::Unreachable)))
            .pass(30_000);
    }
    play.shows("stopped");
}

#[test]
fn beginning_anew_waits_for_another_signup() {
    let mut play = Play::running();
    play.polled(snapshot(4, "failed"))
        .act(Action::Anew)
        .shows("loading");
    play.click(Window::Opened).shows("loading");
    play.feed(Event::Renewed(Err(Fault::Unreachable)))
        .pass(1_000);
    assert_eq!(renewals(&play), 2);
    play.feed(Event::Renewed(fresh()))
        .shows("ready")
        .click(Window::Opened)
        .shows("popup");
    assert_eq!(play.state.launch.signup, "cd".repeat(16));
    // What the old run still says is not ours any more.
    play.feed(Event::Polled {
        epoch: 0,
        reply: snapshot(9, "connected"),
    })
    .shows("popup");
}
