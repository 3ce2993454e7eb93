//! What a wait says: whom it is for, and when something happens next.

use super::*;

fn waiting(problem: Value) -> Node {
    let mut play = Play::running();
    let more =
        json!({"wait_ms": 61_000, "problem": problem, "resume_url": "https://x.example/later"});
    play.polled(with(4, "waiting", more)).shows("waiting");
    draw(&play)
}

#[test]
fn another_providers_time_is_no_pause_of_metas() {
    for code in ["provider_pending", "provider_unavailable"] {
        let shown = waiting(json!({"code": code, "remedy": "retry"}));
        let words = shown.words();
        assert!(words.contains("Almost done"), "{words}");
        assert!(words.contains("The provider"), "{words}");
        assert!(words.contains("We look again in 1:01"), "{words}");
        assert!(!words.contains("Meta"), "{words}");
        assert!(shown.find("embark-later").is_some());
    }
}

#[test]
fn a_pause_of_metas_says_why_and_when_the_next_try_is() {
    let shown = waiting(json!({"code": "pin_too_soon", "remedy": "retry"}));
    let words = shown.words();
    for part in [
        "Meta asks for a pause",
        "the PIN of this number",
        "Next try in 1:01",
    ] {
        assert!(words.contains(part), "{words}");
    }
}
