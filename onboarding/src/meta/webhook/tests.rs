//! What webhooks of Meta's, documented and odd ones, are read as.

use super::*;
use serde_json::{Value as Json, json};

const PARTNER: &str = "2000000000000001";
const WABA: &str = "5000000000000001";

fn parse(entry: &str, change: Json) -> Option<MetaEvent> {
    parse_change(entry, change.to_string().as_bytes())
}

fn waba() -> WabaId {
    WabaId::parse(WABA).unwrap()
}

fn phone() -> PhoneNumberId {
    PhoneNumberId::parse("6000000000000001").unwrap()
}

#[test]
fn partner_added_is_read_wherever_the_field_stands() {
    let info = json!({"waba_id": WABA, "owner_business_id": "4000000000000001",
        "solution_id": "7000000000000001", "solution_partner_business_ids": ["1"]});
    let value = json!({"event": "PARTNER_ADDED", "waba_info": info});
    let want = MetaEvent::PartnerAdded {
        waba: waba(),
        owner: BusinessId::parse("4000000000000001").ok(),
        solutions: vec!["7000000000000001".into()],
    };
    for change in [
        json!({"field": "account_update", "value": value}),
        json!({"value": value}),
        json!({"value": {"field": "account_update", "event": "PARTNER_ADDED", "waba_info": info}}),
    ] {
        assert_eq!(parse(PARTNER, change).as_ref(), Some(&want));
    }
    let alone = json!({"field": "account_update", "value": {"event": "PARTNER_ADDED"}});
    assert_eq!(parse(PARTNER, alone), None, "the entry is the partner's");
}

#[test]
fn removal_and_return_of_a_number_are_read() {
    let number = Some("16315550101".to_owned());
    for (event, want) in [
        (
            "PARTNER_REMOVED",
            MetaEvent::PartnerRemoved {
                waba: waba(),
                number: number.clone(),
            },
        ),
        (
            "ACCOUNT_OFFBOARDED",
            MetaEvent::Offboarded {
                waba: waba(),
                number: number.clone(),
            },
        ),
        (
            "ACCOUNT_RECONNECTED",
            MetaEvent::Reconnected {
                waba: waba(),
                number,
            },
        ),
    ] {
        let value = json!({"event": event, "phone_number": "16315550101"});
        let change = json!({"field": "account_update", "value": value});
        assert_eq!(parse(WABA, change), Some(want), "{event}");
    }
}

#[test]
fn history_contacts_and_echoes_are_read_by_field() {
    let with = |field: &str, more: Json| {
        let mut value = json!({"messaging_product": "whatsapp", "metadata":
            {"display_phone_number": "16315550101", "phone_number_id": "6000000000000001"}});
        value
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        parse(WABA, json!({"field": field, "value": value}))
    };
    let chunk = json!({"history": [{"metadata": {"phase": 1, "chunk_order": 2, "progress": 55}, "threads": [{}]}]});
    let want = MetaEvent::History {
        phone: phone(),
        phase: 1,
        chunk: 2,
        progress: 55,
    };
    assert_eq!(with("history", chunk), Some(want));
    let declined = json!({"history": [{"errors": [{"code": 2_593_109, "title": "x"}]}]});
    assert_eq!(
        with("history", declined),
        Some(MetaEvent::HistoryDeclined { phone: phone() })
    );
    let contacts = json!({"state_sync": [{"type": "contact", "action": "add"}, {"action": "remove"}, {"action": "add"}]});
    let want = MetaEvent::Contacts {
        phone: phone(),
        added: 2,
        removed: 1,
    };
    assert_eq!(with("smb_app_state_sync", contacts), Some(want));
    let echoes = json!({"message_echoes": [{"id": "wamid.1"}]});
    assert_eq!(
        with("smb_message_echoes", echoes),
        Some(MetaEvent::Echoes {
            phone: phone(),
            count: 1
        })
    );
}

#[test]
fn members_of_other_types_and_words_in_any_case_cost_nothing_else() {
    let odd = json!({"event": "partner_added", "phone_number": {"a": 1}, "history": "none", "state_sync": 7,
        "message_echoes": {}, "metadata": [], "extra": null,
        "waba_info": {"waba_id": 5_000_000_000_000_001_u64, "owner_business_id": [], "solution_id": 7}});
    let want = MetaEvent::PartnerAdded {
        waba: waba(),
        owner: None,
        solutions: vec!["7".into()],
    };
    assert_eq!(
        parse(PARTNER, json!({"field": {}, "value": odd})),
        Some(want)
    );
    let removed = MetaEvent::PartnerRemoved {
        waba: waba(),
        number: Some("16315550101".into()),
    };
    for value in [
        json!({"event": "Partner_Removed", "phone_number": "+1 631-555-0101"}),
        json!({"event": "PARTNER_REMOVED", "phone_number": 16_315_550_101_u64, "waba_info": "none"}),
        json!({"event": "PARTNER_REMOVED", "phone_number": "16315550101", "waba_info": {"waba_id": "x"}}),
    ] {
        let change = json!({"field": "ACCOUNT_UPDATE", "value": value});
        assert_eq!(parse(WABA, change), Some(removed.clone()), "{value}");
    }
    let metadata = json!({"display_phone_number": 7, "phone_number_id": 6_000_000_000_000_001_u64});
    let history = MetaEvent::History {
        phone: phone(),
        phase: 1,
        chunk: 0,
        progress: 100,
    };
    let declined = MetaEvent::HistoryDeclined { phone: phone() };
    let contacts = MetaEvent::Contacts {
        phone: phone(),
        added: 2,
        removed: 1,
    };
    let echoes = MetaEvent::Echoes {
        phone: phone(),
        count: 3,
    };
    for (value, want) in [
        (
            json!({"history": [{"metadata": {"phase": "1", "progress": 100.0, "chunk_order": null}, "errors": "none"}, 5]}),
            &history,
        ),
        // An event that is not acted on hides nothing.
        (
            json!({"event": "NEW_EVENT", "history": [{"metadata": {"phase": 1, "progress": 100}}]}),
            &history,
        ),
        (
            json!({"history": [{"errors": [7, {"code": "2593109"}]}]}),
            &declined,
        ),
        (
            json!({"state_sync": [{"action": "ADD"}, {"action": "Remove"}, {"action": []}]}),
            &contacts,
        ),
        (json!({"message_echoes": [{}, "x", null]}), &echoes),
    ] {
        let mut value = value;
        value["metadata"] = metadata.clone();
        assert_eq!(
            parse(WABA, json!({"value": value})).as_ref(),
            Some(want),
            "{value}"
        );
    }
}

#[test]
fn event_of_the_partners_entry_without_an_account_is_ignored() {
    for event in [
        "PARTNER_ADDED",
        "PARTNER_APP_INSTALLED",
        "PARTNER_APP_UNINSTALLED",
    ] {
        let change = json!({"field": "account_update", "value": {"event": event}});
        assert_eq!(parse(PARTNER, change), None, "{event}");
    }
}

#[test]
fn other_changes_are_ignored() {
    for change in [
        json!({}),
        json!({"value": null}),
        json!({"field": "account_update", "value": "PARTNER_REMOVED"}),
        json!({"field": "account_update", "value": {"event": {"PARTNER_REMOVED": 1}}}),
        json!({"field": "messages", "value": {"metadata": {"phone_number_id": "6000000000000001"}}}),
        json!({"field": "account_update", "value": {"event": "DISABLED_UPDATE"}}),
        json!({"field": "history", "value": {"history": []}}),
        json!({"value": {"event": "PARTNER_ADDED", "waba_info": {"waba_id": "not digits"}}}),
        json!([]),
    ] {
        assert_eq!(parse(WABA, change.clone()), None, "{change}");
    }
    assert_eq!(parse_change(WABA, b"<html>"), None);
}
