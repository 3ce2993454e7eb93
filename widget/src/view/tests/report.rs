//! What is shown of the readiness report.

use super::*;
use embark_protocol::report::{Item, Next};

fn connected(lines: Value) -> Play {
    let mut play = Play::running();
    play.polled(with(
        4,
        "connected",
        json!({"report": {"at": 1, "lines": lines}}),
    ));
    play
}

fn lines(shown: &Node) -> Vec<(&str, &str)> {
    let all = shown.all().into_iter();
    all.filter(|node| node.sign == "li.em-line")
        .map(|node| {
            (
                node.get("data-testid").unwrap(),
                node.get("data-state").unwrap(),
            )
        })
        .collect()
}

#[test]
fn where_there_is_nothing_to_do_nothing_is_shown() {
    let mut unread = Play::running();
    unread.polled(with(4, "connected", json!({})));
    for play in [unread, connected(json!([]))] {
        let shown = draw(&play);
        assert!(!shown.words().contains("Next steps"));
        assert!(shown.find("embark-check").is_none());
    }
}

#[test]
fn a_number_that_meta_holds_back_is_not_called_ready() {
    for (state, ready) in [("attention", true), ("problem", false)] {
        let play = connected(json!([{"item": "health", "state": state, "next": "see_reasons"}]));
        let words = draw(&play).words();
        assert!(words.contains("You’re connected"), "{words}");
        assert_eq!(words.contains("ready for WhatsApp"), ready, "{words}");
    }
}

#[test]
fn problems_come_first_and_each_state_has_its_own_sign() {
    let play = connected(json!([
        {"item": "business_verification", "state": "attention", "next": "wait_for_meta"},
        {"item": "payment", "state": "attention", "next": "add_payment"},
        {"item": "display_name", "state": "problem", "next": "change_name"},
    ]));
    let shown = draw(&play);
    assert_eq!(
        lines(&shown),
        [
            ("embark-line-display_name", "problem"),
            ("embark-line-business_verification", "active"),
            ("embark-line-payment", "todo"),
        ]
    );
    let signs: Vec<_> = ["display_name", "business_verification", "payment"]
        .map(|item| {
            let line = shown.find(&format!("embark-line-{item}")).unwrap();
            line.all()
                .into_iter()
                .find_map(|node| node.get("d").map(str::to_owned))
        })
        .into();
    assert!(signs[0] != signs[1] && signs[1] != signs[2] && signs[0].is_some());
    let words = shown.words();
    for part in [
        "reviewing your business",
        "Add a payment method",
        "another display name",
        "important",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
}

#[test]
fn metas_reasons_are_text_in_metas_language() {
    let play = connected(
        json!([{"item": "health", "state": "problem", "next": "see_reasons",
        "reasons": [{"code": 141006, "text": "<b>There is an error with the payment method.</b>"}, {"text": "Two"}]}]),
    );
    let shown = draw(&play);
    let reasons: Vec<_> = shown
        .all()
        .into_iter()
        .filter(|node| node.sign.starts_with("p.em-fine"))
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
fn what_a_newer_edge_asks_for_is_said_in_general_words() {
    let play = connected(json!([
        {"item": "aura", "state": "attention", "next": "meditate"},
        {"item": "moon", "state": "attention", "next": "wait_for_meta"},
    ]));
    let words = draw(&play).words();
    assert!(
        words.contains("needs your attention") && words.contains("Meta is still looking"),
        "{words}"
    );
}

#[test]
fn while_it_is_read_anew_the_list_stays_and_the_button_says_so() {
    let mut play =
        connected(json!([{"item": "payment", "state": "attention", "next": "add_payment"}]));
    let said = |play: &Play| {
        let shown = draw(play);
        shown
            .all()
            .into_iter()
            .find(|node| node.sign == "p.em-spoken role=status")
            .unwrap()
            .text
            .clone()
    };
    assert!(
        said(&play).contains("Add a payment method"),
        "{}",
        said(&play)
    );
    play.act(Action::Check);
    let shown = draw(&play);
    let button = shown.find("embark-check").unwrap();
    assert_eq!(
        (button.text.as_str(), button.get("aria-disabled")),
        ("Checking …", Some("true"))
    );
    assert_eq!(lines(&shown).len(), 1);
    assert!(
        !said(&play).contains("Add a payment method"),
        "so that it is said again"
    );
    play.pass(20_000);
    let shown = draw(&play);
    let button = shown.find("embark-check").unwrap();
    assert_eq!(
        (button.text.as_str(), button.get("aria-disabled")),
        ("Check again", None)
    );
}

#[test]
fn every_action_of_a_customer_has_a_sentence() {
    let en = locale("en");
    let word = |value: Value| value.as_str().unwrap().to_owned();
    for next in NEXT {
        let key = format!("report.{}", word(serde_json::to_value(next).unwrap()));
        assert_eq!(en.get(&key).is_some(), next.is_customers(), "{key}");
    }
    for item in [
        Item::BusinessVerification,
        Item::AccountReview,
        Item::DisplayName,
        Item::Number,
        Item::Payment,
    ] {
        let key = format!(
            "report.wait_for_meta.{}",
            word(serde_json::to_value(item).unwrap())
        );
        assert!(en[&key].is_string(), "{key}");
    }
}

const NEXT: &[Next] = &[
    Next::WaitForMeta,
    Next::VerifyBusiness,
    Next::AppealAccount,
    Next::ChangeName,
    Next::VerifyNumber,
    Next::ImproveQuality,
    Next::AddPayment,
    Next::SeeReasons,
    Next::Renew,
    Next::ShareCredit,
    Next::SetWebhook,
    Next::Subscribe,
    Next::ActivateSolution,
    Next::LookIntoNumber,
    Next::ReadAgain,
];
