//! What is rendered in each state.

use super::dom::{WidgetDom, locale, render_dom};
use crate::flow::{
    event::{Action, Event, PopupResult},
    post_request::PostKind,
    tests::sim::{SIGNUP, WidgetSim, document, ids, read, refused, snapshot, snapshot_with},
};
use embark_protocol::ProblemCode;
use serde_json::{Value, json};

/// A widget in each state, by its `data-state`.
fn states() -> Vec<(&'static str, WidgetSim)> {
    let end = |status: &str, more: Value| {
        let mut sim = WidgetSim::running();
        sim.polled(snapshot_with(4, status, more));
        sim
    };
    let popup = |change: fn(&mut WidgetSim) -> &mut WidgetSim| {
        let mut sim = WidgetSim::popup();
        change(&mut sim);
        sim
    };
    let problem =
        json!({"problem": {"code": "code_expired", "remedy": "relaunch", "fbtrace_id": "Atrace"}});
    let mut blocked_sdk = WidgetSim::new();
    blocked_sdk.feed(Event::SdkFailed);
    let mut failed = WidgetSim::ready();
    failed.click(PopupResult::Opened).posted(
        PostKind::Launched,
        Err(refused(403, "site_disabled", "operator")),
    );
    let mut blocked = WidgetSim::ready();
    blocked.click(PopupResult::Blocked);
    vec![
        ("loading", WidgetSim::new()),
        ("sdk_blocked", blocked_sdk),
        ("ready", WidgetSim::ready()),
        ("popup", popup(|sim| sim.pass(20_000))),
        (
            "popup_closed",
            popup(|sim| sim.feed(Event::PopupClosed).pass(3_000)),
        ),
        (
            "popup_silent",
            popup(|sim| sim.message("FINISH", ids()).pass(10_000)),
        ),
        ("popup_blocked", blocked),
        (
            "cancelled",
            popup(|sim| sim.callback_without_code().pass(1_500)),
        ),
        ("sending", popup(|sim| sim.code("AQ1"))),
        ("stopped", failed),
        ("running", WidgetSim::running()),
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
fn blocked_window_or_sdk_leaves_a_link_and_an_address_in_every_mode() {
    for mode in ["frame", "inline"] {
        let launch = || {
            let mut launch = document();
            launch["mode"] = mode.into();
            read(&launch).unwrap()
        };
        let mut no_sdk = WidgetSim::with(launch(), None);
        no_sdk.feed(Event::SdkFailed);
        let mut no_window = WidgetSim::with(launch(), None);
        no_window.feed(Event::SdkReady).click(PopupResult::Blocked);
        for (state, sim) in [("sdk_blocked", no_sdk), ("popup_blocked", no_window)] {
            let shown = render_dom(&sim);
            assert_eq!(shown.get("data-state"), Some(state), "{mode}");
            for test_id in ["embark-continue-link", "embark-address", "embark-copy"] {
                assert!(shown.find(test_id).is_some(), "{mode} {state}: {test_id}");
            }
        }
    }
}

#[test]
fn renewal_of_another_account_names_the_one_to_choose() {
    let mut sim = WidgetSim::running();
    let problem =
        json!({"code": "waba_mismatch", "remedy": "relaunch", "waba_id": "5000000000000001"});
    sim.polled(snapshot_with(4, "relaunch", json!({"problem": problem})));
    let shown = render_dom(&sim);
    let all = shown.all().into_iter();
    let ids: Vec<_> = all
        .filter(|node| node.tag.starts_with("bdi.em-id"))
        .map(|node| node.text.as_str())
        .collect();
    assert_eq!(ids, ["5000000000000001"]);
}

#[test]
fn each_question_has_an_icon_of_its_own() {
    let icon = |kind: &str| {
        let mut sim = WidgetSim::running();
        let input = json!({"kind": kind, "choices": [{"id": "5000000000000001", "label": "A"}]});
        sim.polled(snapshot_with(4, "needs_input", json!({"input": input})));
        let shown = render_dom(&sim);
        let paths = shown.all().into_iter();
        let mut paths = paths.filter_map(|node| node.get("d").map(str::to_owned));
        paths.next().unwrap_or_else(|| panic!("{kind}"))
    };
    let icons = ["waba", "pin", "number"].map(icon);
    assert!(icons[0] != icons[1] && icons[1] != icons[2] && icons[0] != icons[2]);
}

#[test]
fn every_state_renders_text_live_region_and_action() {
    for (name, sim) in states() {
        let shown = render_dom(&sim);
        assert_eq!(shown.get("data-state"), Some(name));
        let live_region = shown
            .all()
            .into_iter()
            .any(|node| node.tag == "p.em-spoken role=status");
        assert!(live_region, "{name} has a live region");
        assert!(shown.text_content().trim().len() > 10, "{name} has text");
        assert!(
            !shown.text_content().contains('{'),
            "{name}: {}",
            shown.text_content()
        );
        let enabled =
            |node: &&WidgetDom| node.get("data-act").is_some() && node.get("disabled").is_none();
        let actions = shown.all().into_iter().filter(enabled).count();
        let continues_alone = matches!(
            name,
            "sending" | "running" | "waiting" | "needs_input" | "stopped"
        );
        assert_eq!(actions == 0, continues_alone, "{name}");
        for node in shown.all() {
            if let Some(act) = node.get("data-act") {
                assert!(Action::parse(act).is_some(), "{act}");
            }
        }
    }
}

#[test]
fn test_ids_are_rendered_in_their_states() {
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
        let (_, sim) = states()
            .into_iter()
            .find(|(name, _)| *name == state)
            .unwrap();
        assert!(render_dom(&sim).find(id).is_some(), "{id} in {state}");
    }
}

#[test]
fn button_is_a_link_to_the_hosted_page_until_sdk_ready() {
    let button = |sim: &WidgetSim| render_dom(sim).find("embark-button").unwrap().clone();
    let link = button(&WidgetSim::new());
    assert!(link.tag.starts_with("a.em-button "), "{}", link.tag);
    assert_eq!(link.get("target"), Some("_blank"));
    let href = link.get("href").unwrap();
    assert!(
        href.ends_with(&format!("/go/acme#embark={SIGNUP}.h.1")),
        "{href}"
    );

    let ready = button(&WidgetSim::ready());
    assert!(ready.tag.starts_with("button.em-button "), "{}", ready.tag);
    assert!(ready.get("disabled").is_none());
}

#[test]
fn button_of_the_hosted_page_leads_to_the_dialog_until_sdk_ready() {
    let mut page = document();
    page["mode"] = json!("page");
    page["dialog"] = json!("https://www.facebook.com/v25.0/dialog/oauth?client_id=1");
    page["dialog_start"] = json!("/go/acme/dialog?lang=en");
    let link = render_dom(&WidgetSim::with(read(&page).unwrap(), None));
    let link = link.find("embark-button").unwrap();
    assert_eq!(
        link.get("href"),
        Some("https://signup.partner.example/go/acme/dialog?lang=en")
    );
    assert_eq!(
        (link.get("target"), link.get("data-act")),
        (None, Some("here"))
    );
}

#[test]
fn problem_is_rendered_with_explanation_and_trace() {
    for (state, text) in [
        ("relaunch", "expired"),
        ("failed", "Atrace"),
        ("stopped", "operator"),
    ] {
        let (_, sim) = states()
            .into_iter()
            .find(|(name, _)| *name == state)
            .unwrap();
        assert!(
            render_dom(&sim).text_content().contains(text),
            "{state}: {}",
            render_dom(&sim).text_content()
        );
    }
}

#[test]
fn unknown_step_is_rendered_as_further_step() {
    let mut sim = WidgetSim::running();
    let steps =
        json!([{"step": "exchange", "state": "done"}, {"step": "levitate", "state": "hovering"}]);
    sim.polled(snapshot_with(4, "running", json!({ "steps": steps })));
    let shown = render_dom(&sim);
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
            .text_content()
            .contains("One more step")
    );
}

#[test]
fn rejected_input_renders_reason_and_tries_left() {
    let mut sim = WidgetSim::running();
    let input = json!({"kind": "pin", "error": "pin_mismatch", "tries_left": 2});
    sim.polled(snapshot_with(4, "needs_input", json!({ "input": input })));
    let text = render_dom(&sim).text_content();
    assert!(
        text.contains("PIN is not right") && text.contains("2"),
        "{text}"
    );
    sim.action(Action::Submit("12".into()));
    assert!(render_dom(&sim).text_content().contains("six digits"));
}

#[test]
fn failed_polls_render_retry_banner() {
    let mut sim = WidgetSim::running();
    for _ in 0..2 {
        sim.polled(Err(crate::error::ApiError::Unreachable))
            .pass(15_000);
    }
    assert!(render_dom(&sim).find("embark-retry").is_some());
    sim.polled(snapshot(3, "running"));
    assert!(render_dom(&sim).find("embark-retry").is_none());
}

#[test]
fn every_problem_code_has_explanation_and_next_action() {
    let en = locale("en");
    for code in ProblemCode::ALL {
        assert!(
            en[format!("problem.{}", code.as_str())].is_string(),
            "{}",
            code.as_str()
        );
        let remedy = serde_json::to_value(code.remedy()).unwrap();
        let next = [
            format!("next.{}", code.as_str()),
            format!("remedy.{}", remedy.as_str().unwrap()),
        ];
        assert!(
            next.iter().any(|key| en[key].is_string()),
            "{}",
            code.as_str()
        );
    }
    for local in [
        "unreachable",
        "unsent",
        "code_missing",
        "choose_one",
        "pin_shape",
        "code_shape",
        "unknown",
    ] {
        assert!(en[format!("problem.{local}")].is_string(), "{local}");
    }
}

#[test]
fn missed_sync_is_a_warning_on_the_card() {
    let mut sim = WidgetSim::running();
    let more =
        json!({"warnings": ["sync_missed", "unheard_of"], "connected": {"coexistence": true}});
    sim.polled(snapshot_with(4, "connected", more));
    let shown = render_dom(&sim);
    assert!(
        shown
            .text_content()
            .contains("could not be copied from the app")
    );
    let warnings = shown
        .all()
        .into_iter()
        .filter(|node| node.tag == "p.em-warning");
    assert_eq!(warnings.count(), 1);
}

#[test]
fn failure_names_the_signup_and_offers_only_what_can_help() {
    let failed = |problem: Value| {
        let mut sim = WidgetSim::running();
        sim.polled(snapshot_with(4, "failed", json!({ "problem": problem })));
        render_dom(&sim)
    };
    let operator = failed(json!({"code": "app_misconfigured", "remedy": "operator"}));
    assert!(
        operator.text_content().contains(SIGNUP),
        "a reference in any case"
    );
    assert!(operator.find("embark-restart").is_none());
    let contact =
        failed(json!({"code": "meta_refused", "remedy": "contact", "fbtrace_id": "Atrace"}));
    assert!(contact.text_content().contains(&format!("Atrace {SIGNUP}")));
    assert!(contact.find("embark-restart").is_some());
    let pin = failed(json!({"code": "too_many_tries", "remedy": "relaunch", "step": "register"}));
    assert!(
        pin.text_content()
            .contains("turn two-step verification off")
    );
}

#[test]
fn number_of_a_question_stands_apart() {
    let mut sim = WidgetSim::running();
    let choices = json!([{"id": "6000000000000001", "label": "+1 631-555-0101 · Shop 1"},
        {"id": "6000000000000002", "label": "+20 10 1234"}]);
    let input = json!({"kind": "number", "choices": choices});
    sim.polled(snapshot_with(4, "needs_input", json!({ "input": input })));
    let parts = |shown: &WidgetDom, tag: &str| -> Vec<String> {
        let all = shown.all().into_iter();
        all.filter(|node| node.tag == tag)
            .map(|node| node.text.clone())
            .collect()
    };
    let shown = render_dom(&sim);
    assert_eq!(
        parts(&shown, "bdi.em-id dir=ltr"),
        ["+1 631-555-0101", "+20 10 1234"]
    );
    assert_eq!(parts(&shown, "bdi"), ["Shop 1", ""]);
    let spoken = parts(&shown, "p.em-spoken role=status").concat();
    assert!(spoken.starts_with("Which number? Your"), "{spoken}");

    let input = json!({"kind": "pin", "display_phone_number": "+1 555"});
    sim.polled(snapshot_with(5, "needs_input", json!({ "input": input })));
    assert_eq!(parts(&render_dom(&sim), "bdi.em-id dir=ltr"), ["+1 555"]);
    let input = json!({"kind": "verification_code", "error": "input_invalid"});
    sim.polled(snapshot_with(6, "needs_input", json!({ "input": input })));
    assert!(
        render_dom(&sim)
            .text_content()
            .contains("This code is not right.")
    );
}
