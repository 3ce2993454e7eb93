//! How a waiting signup is rendered: what it waits for, and until when.

use super::dom::{WidgetDom, render_dom};
use crate::flow::tests::sim::{WidgetSim, snapshot_with};
use serde_json::{Value, json};

fn waiting(problem: Value) -> WidgetDom {
    let mut sim = WidgetSim::running();
    let more =
        json!({"wait_ms": 61_000, "problem": problem, "resume_url": "https://x.example/later"});
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
