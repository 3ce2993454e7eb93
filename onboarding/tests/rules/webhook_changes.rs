//! What the bodies of Meta's webhooks are read as, and which event each change is.

use crate::webhook_documented::{WABA, documented};
use embark_onboarding::meta::webhook::{ChangeContent, MetaChange, Webhook, parse_webhook};
use embark_onboarding::resources::waba::event_type;
use embark_onboarding::time::UnixMillis;
use embark_protocol::AppKey;
use embark_protocol::site_events::SiteEventType;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const PARTNER: &str = "2000000000000001";
const NOW: UnixMillis = UnixMillis::from_secs(1_760_000_100);

fn parse_text(body: &str) -> Webhook {
    parse_webhook(&AppKey::parse("main").unwrap(), body.as_bytes(), NOW).unwrap()
}

fn parse(body: Value) -> Webhook {
    parse_text(&body.to_string())
}

fn entry(id: &str, change: Value) -> Value {
    json!({"object": "whatsapp_business_account",
        "entry": [{"id": id, "time": 1_760_000_000, "changes": [change]}]})
}

/// The account, and the name of the event; `traffic` for what is counted.
fn read(body: Value) -> (String, &'static str) {
    let webhook = parse(body);
    let [(waba, change)] = webhook.changes.as_slice() else {
        panic!("{webhook:?}");
    };
    (waba.to_string(), name(change))
}

fn name(change: &MetaChange) -> &'static str {
    match &change.content {
        ChangeContent::Event(event) => event_type(event).as_str(),
        ChangeContent::Traffic(_) => "traffic",
    }
}

#[test]
fn documented_change_has_its_event_and_account() {
    let mut seen = BTreeSet::new();
    for (field, value, want) in documented() {
        // The entry of these is the partner's.
        let id = if value.get("waba_info").is_some() {
            PARTNER
        } else {
            WABA
        };
        let change = json!({"field": field, "value": value});
        assert_eq!(
            read(entry(id, change)),
            (WABA.to_owned(), want),
            "{field} {value}"
        );
        seen.insert(want);
    }
    let of_meta = |name: &&str| {
        let (subject, _) = name.split_once('.').unwrap_or_default();
        let subjects = ["account", "history", "number", "template"];
        let own = [
            SiteEventType::AccountOwnerAdded,
            SiteEventType::NumberNameNotApplied,
        ];
        subjects.contains(&subject) && own.iter().all(|own| own.as_str() != *name)
    };
    let names = SiteEventType::ALL.iter().map(|kind| kind.as_str());
    for name in names.filter(of_meta) {
        assert!(seen.contains(name), "{name} is of no change");
    }
}

#[test]
fn change_is_read_wherever_field_and_object_stand() {
    for (field, value, want) in documented() {
        let mut inside = value.clone();
        inside["field"] = field.into();
        inside["object"] = "whatsapp_business_account".into();
        let change = json!({"value": value});
        for body in [
            json!({"entry": [{"id": WABA, "changes": [{"field": field.to_uppercase(), "value": value}]}]}),
            json!({"entry": [{"id": WABA, "object": "whatsapp_business_account", "field": field, "changes": [change]}]}),
            json!({"object": "whatsapp_business_account", "entry": [{"id": WABA, "changes": [{"value": inside}]}]}),
            json!({"entry": [{"id": WABA, "field": field, "value": value}]}),
        ] {
            assert_eq!(read(body.clone()), (WABA.to_owned(), want), "{body}");
        }
    }
}

#[test]
fn change_without_field_is_known_by_its_content() {
    let known_by_field_alone = [
        "message_template_components_update",
        "payment_configuration_update",
        "calls",
        "user_preferences",
        "automatic_events",
    ];
    for (field, value, want) in documented() {
        let is_status = field == "message_template_status_update" || value.get("errors").is_some();
        if known_by_field_alone.contains(&field) || is_status {
            continue;
        }
        let got = read(json!({"entry": [{"id": WABA, "changes": [{"value": value}]}]}));
        assert_eq!(got, (WABA.to_owned(), want), "{value}");
    }
}

#[test]
fn ids_as_numbers_keep_their_digits() {
    let body = r#"{"object":"whatsapp_business_account","entry":[{"id":9007199254740993,"time":"1760000000",
        "changes":[{"field":"account_review_update","value":{"decision":"APPROVED","n":9007199254740995}}]},
        {"id":18446744073709551617,"changes":[{"field":"security","value":{"waba_info":{"waba_id":9007199254740997}}}]}]}"#;
    let webhook = parse_text(body);
    let ids: Vec<_> = webhook
        .changes
        .iter()
        .map(|(waba, _)| waba.as_str())
        .collect();
    assert_eq!(ids, ["9007199254740993", "9007199254740997"]);
    let (_, change) = &webhook.changes[0];
    assert_eq!(change.at, UnixMillis::from_secs(1_760_000_000));
    let ChangeContent::Event(event) = &change.content else {
        panic!("{change:?}");
    };
    assert!(event.meta.to_string().contains("9007199254740995"));
}

#[test]
fn event_has_the_change_as_it_came_without_the_messages_of_a_history() {
    for (field, value, want) in documented() {
        let change = json!({"field": field, "value": value, "unknown": [1, null]});
        let webhook = parse(entry(WABA, change.clone()));
        match &webhook.changes[0].1.content {
            ChangeContent::Event(event) if want.starts_with("history.") => {
                assert!(!event.meta.to_string().contains("wamid"), "{}", event.meta);
            }
            ChangeContent::Event(event) => assert_eq!(*event.meta, change),
            ChangeContent::Traffic(counts) => {
                let mut rest = webhook.changes[0].1.clone();
                let messages = rest.messages.take();
                let forwarded = messages.map(|messages| *messages.meta);
                assert_eq!(forwarded, (field == "messages").then_some(change));
                let json = serde_json::to_string(&rest).unwrap();
                assert!(!json.contains("wamid"), "{counts:?} {json}");
            }
        }
    }
}

#[test]
fn change_that_is_no_value_is_kept_as_text_beside_the_others() {
    let deep = format!("{}{}", "[".repeat(4_000), "]".repeat(4_000));
    let large = format!("\"{}\"", "x".repeat(2 << 20));
    for odd in [
        r#"{"field":"security","value":1e400}"#,
        &deep,
        &large,
        "7",
        "null",
        "[]",
    ] {
        let body = format!(
            r#"{{"object":"whatsapp_business_account","entry":[{{"id":"{WABA}","changes":[{odd},
            {{"field":"account_review_update","value":{{"decision":"APPROVED"}}}}]}}]}}"#
        );
        let webhook = parse_text(&body);
        let names: Vec<_> = webhook
            .changes
            .iter()
            .map(|(_, change)| name(change))
            .collect();
        assert_eq!(
            names,
            ["account.other", "account.reviewed"],
            "{}",
            &odd[..odd.len().min(40)]
        );
        let json = serde_json::to_string(&webhook.changes[0].1).unwrap();
        assert!(json.len() < 100_000, "{}", json.len());
    }
}

#[test]
fn body_that_is_no_json_object_is_refused_and_nothing_panics() {
    let app = AppKey::parse("main").unwrap();
    let whole = entry(
        WABA,
        json!({"field": "security", "value": {"event": "PIN_CHANGED", "é": "\u{1F600}"}}),
    );
    let text = whole.to_string();
    for cut in 0..text.len() {
        assert!(
            parse_webhook(&app, &text.as_bytes()[..cut], NOW).is_err(),
            "{cut}"
        );
    }
    let deep = "[".repeat(200_000);
    for bad in [
        "",
        "null",
        "7",
        "[]",
        " [{}]",
        "[null,[]]",
        "true",
        "\"text\"",
        "[]x",
        "\u{feff}{}",
        "{}\0",
        "{\"entry\":\"\\ud800\"",
        &deep,
    ] {
        let body = bad.as_bytes();
        assert!(
            parse_webhook(&app, body, NOW).is_err(),
            "{}",
            &bad[..bad.len().min(20)]
        );
    }
    assert!(parse_webhook(&app, b"{\"entry\":[{\"id\":\"\xff\"}]}", NOW).is_err());
}

#[test]
fn entry_that_names_no_account_is_skipped_and_counted() {
    let review = json!({"field": "account_review_update", "value": {"decision": "APPROVED"}});
    for (body, skipped) in [
        (json!({}), 0),
        (json!({"entry": null}), 0),
        (json!({"entry": {"id": WABA}}), 0),
        (json!({"entry": [7, "x", {}]}), 3),
        (
            json!({"entry": [{"id": "x", "changes": [review, review]}]}),
            2,
        ),
        (json!({"entry": [{"id": {"a": 1}, "changes": [review]}]}), 1),
        (
            json!({"object": "permissions", "entry": [{"id": WABA, "changes": [review]}]}),
            1,
        ),
        (json!({"object": "page"}), 1),
    ] {
        let webhook = parse(body.clone());
        assert_eq!(
            (webhook.changes.len(), webhook.skipped),
            (0, skipped),
            "{body}"
        );
    }
}

#[test]
fn key_is_the_same_for_the_same_change_only() {
    let app = |name: &str| AppKey::parse(name).unwrap();
    let key = |app: &AppKey, body: &Value| {
        let webhook = parse_webhook(app, body.to_string().as_bytes(), NOW).unwrap();
        webhook.changes[0].1.key.clone()
    };
    let (one, two) = (app("one"), app("two"));
    let mut keys = BTreeSet::new();
    for (field, value, want) in documented() {
        let body = entry(WABA, json!({"field": field, "value": value}));
        let first = key(&one, &body);
        assert_eq!(key(&one, &body), first);
        let is_of_app =
            ["account.added", "account.app_installed", "account.removed"].contains(&want);
        assert_eq!(key(&two, &body) == first, !is_of_app, "{value}");
        let mut later = body.clone();
        later["entry"][0]["time"] = 1_760_000_001.into();
        let has_ids = want == "traffic" && value.to_string().contains("wamid");
        assert_eq!(key(&one, &later) == first, has_ids, "{value}");
        keys.insert(first);
    }
    // Also the message of a text and the medium of its history, which have one id.
    assert_eq!(keys.len(), documented().len());
}

#[test]
fn changes_that_differ_beyond_the_digits_of_a_number_are_two() {
    let app = AppKey::parse("main").unwrap();
    let key = |number: &str| {
        let change = ["{\"field\":\"new\",\"value\":", number, "}"].concat();
        let body = entry(WABA, json!("CHANGE")).to_string();
        let body = body.replace("\"CHANGE\"", &change);
        let webhook = parse_webhook(&app, body.as_bytes(), NOW).unwrap();
        webhook.changes[0].1.key.clone()
    };
    let (one, other) = ("100000000000000000000001", "100000000000000000000002");
    assert_ne!(key(one), key(other));
    assert_eq!(key(one), key(one), "repeated");
}

#[test]
fn change_that_is_no_object_or_nested_too_deeply_is_an_excerpt() {
    let nested = ["[".repeat(200), "]".repeat(200)].concat();
    let deep = ["{\"field\":\"new\",\"value\":", &nested, "}"].concat();
    for change in ["null", "17", "\"text\"", "[]", &deep] {
        let body = entry(WABA, json!("CHANGE")).to_string();
        let body = body.replace("\"CHANGE\"", change);
        let app = AppKey::parse("main").unwrap();
        let webhook = parse_webhook(&app, body.as_bytes(), NOW).unwrap();
        let ChangeContent::Event(event) = &webhook.changes[0].1.content else {
            panic!("{change}")
        };
        assert_eq!(*event.meta, json!({"excerpt": change}), "{change}");
    }
}

#[test]
fn statuses_of_a_group_message_are_one_change_for_each_participant() {
    let app = AppKey::parse("main").unwrap();
    let key = |participant: &str, time: u64| {
        let statuses = json!([{"id": "wamid.1", "status": "read", "recipient_type": "group",
            "recipient_participant_id": participant}]);
        let value =
            json!({"metadata": {"phone_number_id": "6000000000000001"}, "statuses": statuses});
        let mut body = entry(WABA, json!({"field": "messages", "value": value}));
        body["entry"][0]["time"] = time.into();
        let webhook = parse_webhook(&app, body.to_string().as_bytes(), NOW).unwrap();
        webhook.changes[0].1.key.clone()
    };
    assert_ne!(key("16315550101", 1), key("16315550102", 1));
    assert_eq!(key("16315550101", 1), key("16315550101", 2), "repeated");
}

#[test]
fn time_that_cannot_be_is_the_time_of_receipt() {
    let body = |time: Value| {
        let change = json!({"field": "account_review_update", "value": {"decision": "APPROVED"}});
        json!({"entry": [{"id": WABA, "time": time, "changes": [change]}]})
    };
    for (time, want) in [
        (json!(1_760_000_000), UnixMillis::from_secs(1_760_000_000)),
        (json!("1760000000"), UnixMillis::from_secs(1_760_000_000)),
        (json!(1_760_000_101), NOW),
        (json!(1_700_000_000), NOW),
        (json!(u64::MAX), NOW),
        (json!(-1), NOW),
        (json!(1.5), NOW),
        (json!(null), NOW),
        (json!([]), NOW),
    ] {
        assert_eq!(parse(body(time.clone())).changes[0].1.at, want, "{time}");
    }
}
