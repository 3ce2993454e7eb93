//! Renewal of the launch document, and of a grant that expired.

use super::sim::*;

/// A launch document of another signup.
fn fresh_document() -> Result<Box<LaunchDocument>, ApiError> {
    let mut doc = document();
    doc["signup"] = "cd".repeat(16).into();
    doc["grant"] = "g.2".into();
    Ok(Box::new(read(&doc).unwrap()))
}

fn renewals(sim: &WidgetSim) -> usize {
    sim.count(|effect| *effect == Effect::RenewLaunch)
}

#[test]
fn idle_page_renews_when_due() {
    let mut sim = WidgetSim::ready();
    sim.pass(599_999);
    assert_eq!(renewals(&sim), 0);
    sim.feed(Event::PageVisible).pass(1);
    assert_eq!(renewals(&sim), 1);
    sim.feed(Event::Renewed(fresh_document())).shows("ready");
    assert_eq!(sim.state.launch.grant, "g.2");
    sim.pass(600_000);
    assert_eq!(renewals(&sim), 2);
}

#[test]
fn failed_renewal_is_retried_and_keeps_the_button() {
    let mut sim = WidgetSim::ready();
    sim.pass(600_000)
        .feed(Event::Renewed(Err(ApiError::Unreachable)))
        .shows("ready")
        .pass(30_000);
    assert_eq!(renewals(&sim), 2);
    sim.feed(Event::Renewed(Err(refused(
        403,
        "site_disabled",
        "operator",
    ))))
    .shows("ready");
}

#[test]
fn renewal_during_launch_is_skipped() {
    let mut sim = WidgetSim::popup();
    sim.pass(700_000).feed(Event::PageVisible);
    assert_eq!(renewals(&sim), 0);
    // A renewal in flight at the click is dropped.
    let mut sim = WidgetSim::ready();
    sim.pass(600_000)
        .click(PopupResult::Opened)
        .feed(Event::Renewed(fresh_document()))
        .shows("popup");
    assert_eq!(sim.state.launch.signup.as_str(), SIGNUP);
}

#[test]
fn grant_refused_during_launch_is_replaced() {
    let expired = || Err(refused(401, "grant_expired", "relaunch"));
    let mut sim = WidgetSim::ready();
    sim.click(PopupResult::Opened)
        .posted(PostKind::Launched, expired())
        .shows("popup");
    assert_eq!(renewals(&sim), 1);
    sim.code("AQ1")
        .posted(PostKind::Outcome, expired())
        .shows("sending");
    sim.feed(Event::Renewed(fresh_document())).shows("sending");
    assert_eq!(sim.state.launch.grant, "g.2");
    assert_eq!(sim.posts(PostKind::Launched).len(), 2);
    assert_eq!(sim.posts(PostKind::Outcome).len(), 2);
    let mut receipt = snapshot(2, "running").unwrap();
    receipt.id = SignupId::parse(&"cd".repeat(16)).unwrap();
    sim.posted(PostKind::Outcome, Ok(receipt)).shows("running");
}

#[test]
fn replaced_grant_refused_shows_failure() {
    let expired = || Err(refused(401, "grant_expired", "relaunch"));
    let mut sim = WidgetSim::popup();
    sim.code("AQ1")
        .posted(PostKind::Outcome, expired())
        .feed(Event::Renewed(fresh_document()));
    sim.posted(PostKind::Outcome, expired()).shows("stopped");
    assert_eq!(renewals(&sim), 1);
}

#[test]
fn grant_replacement_unreachable_shows_failure() {
    let mut sim = WidgetSim::popup();
    sim.code("AQ1").posted(
        PostKind::Outcome,
        Err(refused(401, "grant_expired", "relaunch")),
    );
    for _ in 0..10 {
        sim.feed(Event::Renewed(Err(ApiError::Unreachable)))
            .pass(30_000);
    }
    sim.shows("stopped");
}

#[test]
fn start_over_waits_for_another_signup() {
    let mut sim = WidgetSim::running();
    sim.polled(snapshot(4, "failed"))
        .action(Action::StartOver)
        .shows("loading");
    sim.click(PopupResult::Opened).shows("loading");
    sim.feed(Event::Renewed(Err(ApiError::Unreachable)))
        .pass(1_000);
    assert_eq!(renewals(&sim), 2);
    sim.feed(Event::Renewed(fresh_document()))
        .shows("ready")
        .click(PopupResult::Opened)
        .shows("popup");
    assert_eq!(sim.state.launch.signup.as_str(), "cd".repeat(16));
    // A reply about the signup before is dropped.
    sim.feed(Event::Polled {
        signup_generation: 0,
        reply: snapshot(9, "connected"),
    })
    .shows("popup");
}
