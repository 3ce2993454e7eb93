//! What a person sees in each state, read off a paper tree: no browser needed. And the words: every key
//! that is used or may come from the edge is in every locale file.

mod report;
mod waiting;

use super::*;
use crate::{
    doc::Doc,
    flow::{
        Action, Event, Kind, Window,
        tests::{Play, ids, refused, snapshot, with},
    },
};
use embark_protocol::Code;
use serde_json::{Value, json};

#[derive(Debug, Default, Clone, PartialEq)]
struct Node {
    sign: String,
    attrs: Vec<(String, String)>,
    text: String,
    kids: Vec<Node>,
}

impl Node {
    fn all(&self) -> Vec<&Node> {
        let below = self.kids.iter().flat_map(Node::all);
        core::iter::once(self).chain(below).collect()
    }

    fn get(&self, name: &str) -> Option<&str> {
        let set = self
            .attrs
            .iter()
            .rfind(|(key, _)| key == name)
            .map(|(_, value)| value.as_str());
        set.or_else(|| {
            self.sign
                .split(' ')
                .find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
        })
    }

    fn find(&self, test_id: &str) -> Option<&Node> {
        self.all()
            .into_iter()
            .find(|node| node.get("data-testid") == Some(test_id))
    }

    fn words(&self) -> String {
        self.all()
            .iter()
            .map(|node| node.text.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// The open elements, the root first.
struct Tree(Vec<Node>);

impl Paper for Tree {
    fn open(&mut self, sign: &str, _key: &str) {
        self.0.push(Node {
            sign: sign.into(),
            ..Node::default()
        });
    }

    fn attr(&mut self, name: &str, value: Option<&str>) {
        let node = self.0.last_mut().unwrap();
        node.attrs.retain(|(key, _)| key != name);
        node.attrs
            .extend(value.map(|value| (name.into(), value.into())));
    }

    fn text(&mut self, text: &str) {
        self.0.last_mut().unwrap().text = text.into();
    }

    fn close(&mut self) {
        let node = self.0.pop().unwrap();
        self.0.last_mut().unwrap().kids.push(node);
    }
}

fn locale(lang: &str) -> Value {
    let path = format!("{}/../www/locales/{lang}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn draw(play: &Play) -> Node {
    let mut tree = Tree(vec![Node::default()]);
    write(
        &mut tree,
        &play.state,
        &Words(Doc(locale("en"))),
        &Looks::default(),
    );
    assert_eq!(tree.0.len(), 1, "every element is closed");
    tree.0.remove(0)
}

/// Plays into each state there is.
fn states() -> Vec<(&'static str, Play)> {
    let end = |status: &str, more: Value| {
        let mut play = Play::running();
        play.polled(with(4, status, more));
        play
    };
    let popup = |change: fn(&mut Play) -> &mut Play| {
        let mut play = Play::popup();
        change(&mut play);
        play
    };
    let problem =
        json!({"problem": {"code": "code_expired", "remedy": "relaunch", "fbtrace_id": "Atrace"}});
    let mut blocked_sdk = Play::new();
    blocked_sdk.feed(Event::SdkFailed);
    let mut stopped = Play::ready();
    stopped.click(Window::Opened).posted(
        Kind::Launched,
        Err(refused(403, "site_disabled", "operator")),
    );
    let mut blocked = Play::ready();
    blocked.click(Window::Refused);
    vec![
        ("loading", Play::new()),
        ("sdk_blocked", blocked_sdk),
        ("ready", Play::ready()),
        ("popup", popup(|play| play.pass(20_000))),
        (
            "popup_closed",
            popup(|play| play.feed(Event::WindowClosed).pass(3_000)),
        ),
        (
            "popup_silent",
            popup(|play| play.message("FINISH", ids()).pass(10_000)),
        ),
        ("popup_blocked", blocked),
        ("cancelled", popup(|play| play.no_code().pass(1_500))),
        ("sending", popup(|play| play.code("AQ1"))),
        ("stopped", stopped),
        ("running", Play::running()),
        ("waiting", end("waiting", json!({"wait_ms": 61_000}))),
        (
            "needs_input",
            end(
                "needs_input",
                json!({"input": {"kind": "pin", "display_phone_number": "+1 555"}}),
            ),
        ),
        (
            "connected",
            end(
                "connected",
                json!({"connected": {"verified_name": "Lucky Shrub"}}),
            ),
        ),
        (
            "connected_without_number",
            end("connected_without_number", json!({})),
        ),
        ("relaunch", end("relaunch", problem.clone())),
        ("failed", end("failed", problem)),
        ("abandoned", end("abandoned", json!({}))),
    ]
}

#[test]
fn every_state_has_words_a_status_and_wherever_nothing_moves_by_itself_a_way_on() {
    for (name, play) in states() {
        let shown = draw(&play);
        assert_eq!(shown.get("data-state"), Some(name));
        let spoken = shown
            .all()
            .into_iter()
            .any(|node| node.sign == "p.em-spoken role=status");
        assert!(spoken, "{name} has a live region");
        assert!(shown.words().trim().len() > 10, "{name} says something");
        assert!(!shown.words().contains('{'), "{name}: {}", shown.words());
        let enabled =
            |node: &&Node| node.get("data-act").is_some() && node.get("disabled").is_none();
        let ways = shown.all().into_iter().filter(enabled).count();
        let moves = matches!(
            name,
            "loading" | "sending" | "running" | "waiting" | "needs_input"
        );
        assert_eq!(ways == 0, moves, "{name}");
        for node in shown.all() {
            if let Some(act) = node.get("data-act") {
                assert!(Action::of(act).is_some(), "{act}");
            }
        }
    }
}

#[test]
fn test_ids_are_where_they_are_promised() {
    for (state, id) in [
        ("loading", "embark-button"),
        ("ready", "embark-button"),
        ("sdk_blocked", "embark-retry"),
        ("popup", "embark-restart"),
        ("popup_closed", "embark-restart"),
        ("popup_closed", "embark-continue-link"),
        ("popup_blocked", "embark-continue-link"),
        ("needs_input", "embark-input-pin"),
        ("needs_input", "embark-submit"),
        ("relaunch", "embark-restart"),
        ("failed", "embark-restart"),
    ] {
        let (_, play) = states()
            .into_iter()
            .find(|(name, _)| *name == state)
            .unwrap();
        assert!(draw(&play).find(id).is_some(), "{id} in {state}");
    }
}

#[test]
fn the_button_is_enabled_only_when_it_works() {
    assert!(
        draw(&Play::new())
            .find("embark-button")
            .unwrap()
            .get("disabled")
            .is_some()
    );
    assert!(
        draw(&Play::ready())
            .find("embark-button")
            .unwrap()
            .get("disabled")
            .is_none()
    );
}

#[test]
fn a_problem_is_explained_with_what_to_quote() {
    for (state, words) in [
        ("relaunch", "expired"),
        ("failed", "Atrace"),
        ("stopped", "operator"),
    ] {
        let (_, play) = states()
            .into_iter()
            .find(|(name, _)| *name == state)
            .unwrap();
        assert!(
            draw(&play).words().contains(words),
            "{state}: {}",
            draw(&play).words()
        );
    }
}

#[test]
fn steps_of_a_newer_edge_have_a_line_of_their_own() {
    let mut play = Play::running();
    let steps =
        json!([{"step": "exchange", "state": "done"}, {"step": "levitate", "state": "hovering"}]);
    play.polled(with(4, "running", json!({ "steps": steps })));
    let shown = draw(&play);
    assert_eq!(
        shown
            .find("embark-step-exchange")
            .unwrap()
            .get("data-state"),
        Some("done")
    );
    assert!(
        shown
            .find("embark-step-levitate")
            .unwrap()
            .words()
            .contains("One more step")
    );
}

#[test]
fn an_answer_that_did_not_do_says_why_and_how_many_tries_are_left() {
    let mut play = Play::running();
    let need = json!({"kind": "pin", "error": "pin_mismatch", "tries_left": 2});
    play.polled(with(4, "needs_input", json!({ "input": need })));
    let words = draw(&play).words();
    assert!(
        words.contains("PIN is not right") && words.contains("2"),
        "{words}"
    );
    play.act(Action::Submit("12".into()));
    assert!(draw(&play).words().contains("six digits"));
}

#[test]
fn a_silent_edge_shows_a_banner_that_can_be_pressed() {
    let mut play = Play::running();
    for _ in 0..2 {
        play.polled(Err(crate::error::Fault::Unreachable))
            .pass(15_000);
    }
    assert!(draw(&play).find("embark-retry").is_some());
    play.polled(snapshot(3, "running"));
    assert!(draw(&play).find("embark-retry").is_none());
}

#[test]
fn every_problem_code_has_a_sentence_and_a_next_action() {
    let en = locale("en");
    for code in Code::ALL {
        assert!(
            en[format!("problem.{}", code.word())].is_string(),
            "{}",
            code.word()
        );
        let remedy = serde_json::to_value(code.remedy()).unwrap();
        let next = [
            format!("next.{}", code.word()),
            format!("remedy.{}", remedy.as_str().unwrap()),
        ];
        assert!(
            next.iter().any(|key| en[key].is_string()),
            "{}",
            code.word()
        );
    }
    for ours in [
        "unreachable",
        "unsent",
        "code_missing",
        "choose_one",
        "pin_shape",
        "code_shape",
        "unknown",
    ] {
        assert!(en[format!("problem.{ours}")].is_string(), "{ours}");
    }
}
