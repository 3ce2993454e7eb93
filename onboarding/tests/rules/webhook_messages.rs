//! Messages and statuses are events of the sites that have them forwarded, and are only counted for all others.

use embark_onboarding::meta::webhook::{ChangeContent, MetaChange, parse_webhook};
use embark_onboarding::resources::waba::{Listing, WabaRecord, WabaRequest};
use embark_onboarding::time::UnixMillis;
use embark_protocol::{AppKey, SiteId, WabaId};
use serde_json::{Value, json};

const WABA: &str = "5000000000000001";
const NOW: UnixMillis = UnixMillis(1_790_000_000_000);

fn site(name: &str) -> SiteId {
    SiteId::parse(name).unwrap()
}

/// What the account's object stores of a change: the type of each event, its sites and its change.
fn received(
    owners: &[&str],
    forwarding: &[&str],
    change: &Value,
) -> (WabaRecord, Vec<(String, Vec<String>, Value)>) {
    let (app, waba) = (AppKey::parse("main").unwrap(), WabaId::parse(WABA).unwrap());
    let body = json!({"entry": [{"id": WABA, "changes": [change]}]}).to_string();
    let webhook = parse_webhook(&app, body.as_bytes(), NOW).unwrap();
    let mut record = WabaRecord {
        owners: owners.iter().map(|name| site(name)).collect(),
        ..WabaRecord::default()
    };
    let forwarding: Vec<SiteId> = forwarding.iter().map(|name| site(name)).collect();
    let changes = webhook
        .changes
        .into_iter()
        .map(|(_, change)| change)
        .collect();
    let pending = record.receive(&waba, &app, changes, &forwarding, 0, NOW);
    let events = pending
        .iter()
        .map(|pending| {
            let events = record.events_of(&waba, pending);
            let sites = events.iter().map(|event| event.site.to_string()).collect();
            (pending.name.clone(), sites, (*pending.meta).clone())
        })
        .collect();
    (record, events)
}

#[test]
fn messages_reach_the_sites_that_have_them_forwarded_only() {
    let message = json!({"field": "messages", "value": {"messaging_product": "whatsapp",
        "metadata": {"phone_number_id": "6000000000000001"}, "later": [1],
        "messages": [{"id": "wamid.1", "type": "text", "text": {"body": "Grüße"}}]}});
    let status =
        json!({"field": "messages", "value": {"statuses": [{"id": "wamid.1", "status": "read"}]}});
    let unnamed = json!({"value": {"messages": [{"id": "wamid.1"}]}});
    let named = json!({"field": "messages", "value": {"messages": [{"id": "wamid.1"}]}});
    for (change, meta, owners, forwarding, want) in [
        (
            &message,
            &message,
            &["acme", "rival"][..],
            &["acme"][..],
            Some(("message.received", &["acme"][..])),
        ),
        (
            &message,
            &message,
            &["acme", "rival"],
            &["rival", "acme"],
            Some(("message.received", &["acme", "rival"])),
        ),
        (
            &status,
            &status,
            &["acme"],
            &["acme"],
            Some(("message.status", &["acme"])),
        ),
        // A field that Meta leaves out.
        (
            &unnamed,
            &unnamed,
            &["acme"],
            &["acme"],
            Some(("message.received", &["acme"])),
        ),
        (&named, &named, &["acme"], &[], None),
        // Nobody owns the account, or another site than the one that has messages forwarded.
        (&message, &message, &[], &["acme"], None),
        (&message, &message, &["rival"], &["acme"], None),
    ] {
        let (record, events) = received(owners, forwarding, change);
        let want: Vec<(String, Vec<String>, Value)> = want
            .into_iter()
            .map(|(name, sites)| {
                let sites = sites.iter().map(|site| (*site).to_owned()).collect();
                (name.to_owned(), sites, meta.clone())
            })
            .collect();
        assert_eq!(events, want, "{change} {owners:?} {forwarding:?}");
        assert_eq!(record.traffic.len(), 1, "counted all the same");
    }
}

#[test]
fn echoes_contacts_and_other_traffic_are_not_forwarded() {
    for value in [
        json!({"message_echoes": [{"id": "wamid.1"}]}),
        json!({"state_sync": [{"type": "contact"}]}),
        json!({"calls": [{}]}),
    ] {
        let change = json!({"field": "calls", "value": value});
        let (_, events) = received(&["acme"], &["acme"], &change);
        assert!(events.is_empty(), "{change} {events:?}");
    }
    let media =
        json!({"field": "history", "value": {"messages": [{"id": "wamid.1", "type": "image"}]}});
    let (_, events) = received(&["acme"], &["acme"], &media);
    assert!(events.is_empty(), "{events:?}");
}

#[test]
fn messages_that_are_too_large_for_an_event_are_an_excerpt() {
    let text = "x".repeat(70_000);
    let change = json!({"field": "messages", "value": {"messages": [{"id": "wamid.1", "text": {"body": text}}]}});
    let (_, events) = received(&["acme"], &["acme"], &change);
    assert_eq!(events[0].2["field"], "messages");
    assert!(events[0].2["excerpt"].as_str().unwrap().starts_with("{"));
}

/// The changes of a body with this text as the only change.
fn changes(change: &str) -> Vec<MetaChange> {
    let app = AppKey::parse("main").unwrap();
    let body = format!(r#"{{"entry":[{{"id":"{WABA}","changes":[{change}]}}]}}"#);
    let webhook = parse_webhook(&app, body.as_bytes(), NOW).unwrap();
    let changes = webhook.changes.into_iter();
    changes.map(|(_, change)| change).collect()
}

#[test]
fn messages_with_half_an_emoji_are_messages() {
    let text = r#"{"field":"messages","value":{"contacts":[{"profile":{"name":"Ana \ud83d"}}],
        "messages":[{"id":"wamid.1","text":{"body":"secret \ude00"}}]}}"#;
    let read = changes(text);
    let messages = read[0].messages.as_ref().unwrap();
    let body = &messages.meta["value"]["messages"][0]["text"]["body"];
    assert_eq!(body, "secret \u{fffd}");
    assert!(matches!(&read[0].content, ChangeContent::Traffic(counts) if counts.messages == 1));
}

#[test]
fn traffic_that_cannot_be_read_has_no_excerpt() {
    let deep = |inner: &str| ["[".repeat(200), inner.to_owned(), "]".repeat(200)].concat();
    for change in [
        format!(
            r#"{{"field":"messages","value":{{"messages":{}}}}}"#,
            deep("1")
        ),
        format!(r#"{{"value":{{"statuses":{}}}}}"#, deep("{}")),
        format!(
            r#"{{"field":"history","value":{{"history":[{{"threads":{}}}]}}}}"#,
            deep("")
        ),
    ] {
        let read = changes(&change);
        assert!(
            matches!(read[0].content, ChangeContent::Traffic(_)),
            "{change}"
        );
        assert!(read[0].messages.is_none(), "{change}");
    }
}

#[test]
fn changes_of_any_depth_reach_the_object_of_their_account() {
    for depth in [1, 60, 64, 65, 100, 118, 124, 127, 200, 1_000] {
        let nested = ["[".repeat(depth), "]".repeat(depth)].concat();
        for field in ["account_alerts", "messages"] {
            let text = format!(r#"{{"field":"{field}","value":{{"x":{nested}}}}}"#);
            let request = WabaRequest::Changes {
                app: AppKey::parse("main").unwrap(),
                changes: changes(&text),
                listing: Listing::BySender,
            };
            let json = serde_json::to_string(&request).unwrap();
            let read: Result<WabaRequest, _> = serde_json::from_str(&json);
            assert!(read.is_ok(), "{field} {depth}: {:?}", read.err());
        }
    }
}
