//! How the readiness report is rendered.

use super::dom::{WidgetDom, locale, render_dom};
use crate::flow::{
    event::Action,
    tests::sim::{WidgetSim, snapshot_with},
};
use embark_protocol::report::{CheckItem, NextAction};
use serde_json::{Value, json};

fn connected(lines: Value) -> WidgetSim {
    let mut sim = WidgetSim::running();
    sim.polled(snapshot_with(
        4,
        "connected",
        json!({"report": {"at": 1, "lines": lines}}),
    ));
    sim
}

fn lines(shown: &WidgetDom) -> Vec<(&str, &str)> {
    let all = shown.all().into_iter();
    all.filter(|node| node.tag == "li.em-line")
        .map(|node| {
            (
                node.get("data-testid").unwrap(),
                node.get("data-state").unwrap(),
            )
        })
        .collect()
}

#[test]
fn report_missing_or_empty_renders_nothing() {
    let mut without_report = WidgetSim::running();
    without_report.polled(snapshot_with(4, "connected", json!({})));
    for (sim, ready) in [(without_report, false), (connected(json!([])), true)] {
        let shown = render_dom(&sim);
        let text = shown.text_content();
        assert!(!text.contains("Next steps"));
        assert!(shown.find("embark-check").is_none());
        // Before the report is read, nobody knows.
        assert_eq!(text.contains("ready for WhatsApp"), ready, "{text}");
    }
}

#[test]
fn what_only_the_operator_can_do_hides_ready_text_too() {
    for ready in [true, false] {
        let mut sim = WidgetSim::running();
        let report = json!({"at": 1, "lines": [], "ready": ready});
        sim.polled(snapshot_with(4, "connected", json!({"report": report})));
        let text = render_dom(&sim).text_content();
        assert!(text.contains("You’re connected"), "{text}");
        assert_eq!(text.contains("ready for WhatsApp"), ready, "{text}");
        assert!(!text.contains("is left"), "{text}");
    }
}

#[test]
fn report_with_something_to_do_first_hides_ready_text() {
    for (item, state, ready) in [
        ("quality", "attention", true),
        ("payment", "attention", false),
        ("health", "problem", false),
    ] {
        let sim = connected(json!([{"item": item, "state": state, "next": "see_reasons"}]));
        let text = render_dom(&sim).text_content();
        assert!(text.contains("You’re connected"), "{text}");
        assert_eq!(text.contains("ready for WhatsApp"), ready, "{text}");
        assert_eq!(text.contains("One thing is left:"), !ready, "{text}");
        assert_eq!(text.contains("Next steps"), ready, "{text}");
    }
}

#[test]
fn report_lines_render_problems_first_with_icon_per_state() {
    let sim = connected(json!([
        {"item": "business_verification", "state": "attention", "next": "wait_for_meta"},
        {"item": "payment", "state": "attention", "next": "add_payment"},
        {"item": "display_name", "state": "problem", "next": "change_name"},
    ]));
    let shown = render_dom(&sim);
    assert_eq!(
        lines(&shown),
        [
            ("embark-line-display_name", "problem"),
            ("embark-line-business_verification", "active"),
            ("embark-line-payment", "todo"),
        ]
    );
    let icons: Vec<_> = ["display_name", "business_verification", "payment"]
        .map(|item| {
            let line = shown.find(&format!("embark-line-{item}")).unwrap();
            line.all()
                .into_iter()
                .find_map(|node| node.get("d").map(str::to_owned))
        })
        .into();
    assert!(icons[0] != icons[1] && icons[1] != icons[2] && icons[0].is_some());
    let text = shown.text_content();
    for part in [
        "reviewing your business",
        "Add a payment method",
        "another display name",
        "important",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn meta_reasons_render_as_english_text() {
    let sim = connected(
        json!([{"item": "health", "state": "problem", "next": "see_reasons",
        "reasons": [{"code": 141006, "text": "<b>There is an error with the payment method.</b>"}, {"text": "Two"}]}]),
    );
    let shown = render_dom(&sim);
    let reasons: Vec<_> = shown
        .all()
        .into_iter()
        .filter(|node| node.tag.starts_with("p.em-fine"))
        .collect();
    assert_eq!(reasons.len(), 2);
    assert_eq!(
        reasons[0].text,
        "<b>There is an error with the payment method.</b>"
    );
    assert_eq!(
        (reasons[0].get("lang"), reasons[0].get("dir")),
        (Some("en"), Some("ltr"))
    );
}

#[test]
fn unknown_report_line_renders_general_text() {
    let sim = connected(json!([
        {"item": "aura", "state": "attention", "next": "meditate"},
        {"item": "moon", "state": "attention", "next": "wait_for_meta"},
    ]));
    let text = render_dom(&sim).text_content();
    assert!(
        text.contains("needs your attention") && text.contains("Meta is still looking"),
        "{text}"
    );
}

#[test]
fn report_refresh_renders_list_and_busy_button() {
    let mut sim =
        connected(json!([{"item": "payment", "state": "attention", "next": "add_payment"}]));
    let announcement = |sim: &WidgetSim| {
        let shown = render_dom(sim);
        shown
            .all()
            .into_iter()
            .find(|node| node.tag == "p.em-spoken role=status")
            .unwrap()
            .text
            .clone()
    };
    assert!(
        announcement(&sim).contains("Add a payment method"),
        "{}",
        announcement(&sim)
    );
    sim.action(Action::RefreshReport);
    let shown = render_dom(&sim);
    let button = shown.find("embark-check").unwrap();
    assert_eq!(
        (button.text.as_str(), button.get("aria-disabled")),
        ("Checking …", Some("true"))
    );
    assert_eq!(lines(&shown).len(), 1);
    assert!(
        !announcement(&sim).contains("Add a payment method"),
        "it is announced again afterwards"
    );
    sim.pass(20_000);
    let shown = render_dom(&sim);
    let button = shown.find("embark-check").unwrap();
    assert_eq!(
        (button.text.as_str(), button.get("aria-disabled")),
        ("Check again", None)
    );
}

#[test]
fn every_customer_action_has_message() {
    let en = locale("en");
    let string = |value: Value| value.as_str().unwrap().to_owned();
    for next in NEXT {
        let key = format!("report.{}", string(serde_json::to_value(next).unwrap()));
        assert_eq!(en.get(&key).is_some(), next.is_for_customer(), "{key}");
    }
    for item in [
        CheckItem::BusinessVerification,
        CheckItem::AccountReview,
        CheckItem::DisplayName,
        CheckItem::Number,
        CheckItem::Payment,
    ] {
        let key = format!(
            "report.wait_for_meta.{}",
            string(serde_json::to_value(item).unwrap())
        );
        assert!(en[&key].is_string(), "{key}");
    }
}

const NEXT: &[NextAction] = &[
    NextAction::WaitForMeta,
    NextAction::VerifyBusiness,
    NextAction::AppealAccount,
    NextAction::ChangeName,
    NextAction::VerifyNumber,
    NextAction::ImproveQuality,
    NextAction::AddPayment,
    NextAction::SeeReasons,
    NextAction::Renew,
    NextAction::ShareCredit,
    NextAction::SetWebhook,
    NextAction::Subscribe,
    NextAction::ActivateSolution,
    NextAction::InspectNumber,
    NextAction::RefreshReport,
];
