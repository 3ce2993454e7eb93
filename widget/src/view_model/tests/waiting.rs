//! How a waiting signup is rendered: what it waits for, and until when.

use super::dom::{WidgetDom, render_dom};
use crate::flow::tests::sim::{WidgetSim, snapshot_with};
use serde_json::{Value, json};

fn waiting(problem: Value) -> WidgetDom {
    waiting_for(61_000, problem)
}

fn waiting_for(ms: u64, problem: Value) -> WidgetDom {
    let mut sim = WidgetSim::running();
    let more = json!({"wait_ms": ms, "problem": problem, "resume_url": "https://x.example/later"});
    sim.polled(snapshot_with(4, "waiting", more))
        .shows("waiting");
    render_dom(&sim)
}

#[test]
fn wait_for_provider_does_not_mention_meta() {
    for code in ["provider_pending", "provider_unavailable"] {
        let shown = waiting(json!({"code": code, "remedy": "retry"}));
        let text = shown.text_content();
        assert!(text.contains("Almost done"), "{text}");
        assert!(text.contains("The provider"), "{text}");
        assert!(text.contains("We look again in 1:01"), "{text}");
        assert!(!text.contains("Meta"), "{text}");
        assert!(shown.find("embark-later").is_some());
    }
}

#[test]
fn wait_for_meta_renders_reason_and_countdown() {
    let shown = waiting(json!({"code": "pin_too_soon", "remedy": "retry"}));
    let text = shown.text_content();
    for part in [
        "Meta asks for a pause",
        "the PIN of this number",
        "Next try in 1:01",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn long_wait_shows_day_and_time() {
    let text = waiting_for(
        259_200_000,
        json!({"code": "register_budget", "remedy": "retry"}),
    );
    let text = text.text_content();
    assert!(
        text.contains("Next try: in 72 hours (Monday, 23:05)"),
        "{text}"
    );
}

#[test]
fn later_link_is_copied_or_sent() {
    let shown = waiting(json!({"code": "pin_too_soon", "remedy": "retry"}));
    let copy = shown.find("embark-later").unwrap();
    assert_eq!(
        (copy.get("href"), copy.get("data-copy")),
        (Some("https://x.example/later"), Some("Copied"))
    );
    let mail = shown.find("embark-mail").unwrap().get("href").unwrap();
    assert!(
        mail.ends_with("&body=https%3A%2F%2Fx.example%2Flater"),
        "{mail}"
    );
}

#[test]
fn long_run_says_that_the_page_may_be_closed() {
    let mut sim = WidgetSim::running();
    assert!(render_dom(&sim).text_content().contains("a few seconds"));
    sim.pass(15_000);
    assert!(
        render_dom(&sim)
            .text_content()
            .contains("longer than usual")
    );
}
