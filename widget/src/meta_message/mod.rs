//! Meta's message events ("session info"): which are accepted, and what they say. They come from another
//! window, so the exact origin is checked first, then the size, then the form. Ids are decimal strings;
//! one sent as a number has lost digits and is ignored.
//!
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/implementation>

mod field;

use crate::json;
use embark_protocol::{
    BusinessId, PhoneNumberId, WabaId, granted::GrantedIds, launch::SdkSettings,
    requests::SessionInfoIds,
};
use embark_view::model::Cancellation;
use field::Field;
use serde::Deserialize;

/// Longest message that is read, in bytes.
const MAX_MESSAGE: usize = 8 * 1024;

/// The data of a message event.
#[derive(Deserialize)]
pub struct SessionInfo {
    #[serde(rename = "type")]
    kind: String,
    /// `FINISH`, `CANCEL`, `ERROR` or another name.
    event: String,
    #[serde(default)]
    data: Option<SessionData>,
}

/// What belongs to the event. A field of another type than expected counts as missing and spoils no other.
#[derive(Default, Deserialize)]
#[serde(default)]
struct SessionData {
    waba_id: Field,
    phone_number_id: Field,
    business_id: Field,
    current_step: Field,
    error_code: Field,
    /// The name of `error_code` in Meta's documentation before June 2026.
    error_id: Field,
    error_message: Field,
    session_id: Field,
    ad_account_ids: Field,
    page_ids: Field,
    dataset_ids: Field,
    catalog_ids: Field,
    instagram_account_ids: Field,
    waba_ids: Field,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetaMessage {
    /// Any event that begins with `FINISH`, also one that Meta adds later.
    Finish(Finish),
    /// `CANCEL` or `ERROR`: the person left, or reported an error to Meta.
    Cancel(Cancellation),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finish {
    /// Name of the event, e.g. `FINISH_ONLY_WABA`.
    pub event: String,
    /// `None` if the message has no valid id.
    pub ids: Option<SessionInfoIds>,
    /// Other assets: text of any form, which the Worker checks.
    pub granted: GrantedIds,
}

/// Whether the origin is exactly one of Meta's.
pub fn is_allowed_origin(sdk: &SdkSettings, origin: &str) -> bool {
    sdk.origins.iter().any(|allowed| allowed == origin)
}

/// Parses a message that is text. Most messages of Meta's origins are not JSON. `None` if it is not a message of
/// Embedded Signup.
pub fn parse(text: &str) -> Option<MetaMessage> {
    if text.len() > MAX_MESSAGE || !text.starts_with('{') {
        return None;
    }
    read(json::parse(text)?)
}

/// Reads the data of a message event. `None` if it is not a message of Embedded Signup.
pub fn read(info: SessionInfo) -> Option<MetaMessage> {
    let SessionInfo { kind, event, data } = info;
    let data = data.unwrap_or_default();
    if !kind.eq_ignore_ascii_case("WA_EMBEDDED_SIGNUP") || event.len() > 64 {
        return None;
    }
    // Meta's words have been seen in lower case too.
    let event = event.trim().to_ascii_uppercase();
    if event.starts_with("FINISH") {
        let ids = read_ids(&data);
        let granted = GrantedIds {
            ad_account_ids: data.ad_account_ids.texts(),
            page_ids: data.page_ids.texts(),
            dataset_ids: data.dataset_ids.texts(),
            catalog_ids: data.catalog_ids.texts(),
            instagram_account_ids: data.instagram_account_ids.texts(),
            waba_ids: data.waba_ids.texts(),
        };
        return Some(MetaMessage::Finish(Finish {
            event,
            ids,
            granted,
        }));
    }
    let is_cancel = event == "CANCEL" || event == "ERROR";
    is_cancel.then(|| MetaMessage::Cancel(read_cancellation(data)))
}

fn read_ids(data: &SessionData) -> Option<SessionInfoIds> {
    let ids = SessionInfoIds {
        waba_id: data.waba_id.parse(WabaId::parse),
        phone_number_id: data.phone_number_id.parse(PhoneNumberId::parse),
        business_id: data.business_id.parse(BusinessId::parse),
    };
    Some(ids).filter(|ids| *ids != SessionInfoIds::default())
}

fn read_cancellation(data: SessionData) -> Cancellation {
    let error_code = data.error_code.text_or_number(32);
    Cancellation {
        current_step: data.current_step.text(64),
        error_code: error_code.or_else(|| data.error_id.text_or_number(32)),
        error_message: data.error_message.text(500),
        session_id: data.session_id.text(128),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use embark_protocol::MetaAppId;
    use serde_json::json;

    #[test]
    fn only_the_exact_origin_is_allowed_origin() {
        let sdk = SdkSettings {
            url: String::new(),
            app_id: MetaAppId::parse("1000000000000001").unwrap(),
            version: String::new(),
            origins: vec![
                "https://www.facebook.com".into(),
                "https://web.facebook.com".into(),
            ],
        };
        assert!(is_allowed_origin(&sdk, "https://www.facebook.com"));
        for bad in [
            "https://notfacebook.com",
            "https://facebook.com",
            "http://www.facebook.com",
            "https://www.facebook.com.evil.example",
            "https://www.facebook.com:444",
            "",
            "null",
        ] {
            assert!(!is_allowed_origin(&sdk, bad), "{bad:?}");
        }
    }

    #[test]
    fn message_of_another_kind_is_ignored() {
        let finish = r#"{"type":"WA_EMBEDDED_SIGNUP","event":"FINISH"}"#;
        assert!(parse(finish).is_some());
        let long = finish.replace('}', &format!("{}}}", " ".repeat(MAX_MESSAGE)));
        for other in [
            long.as_str(),
            "cb=f1&domain=shop.example&type=WA",
            r#"{"type":"WA_EMBEDDED_SIGNUP"}"#,
        ] {
            assert_eq!(parse(other), None);
        }
        for other in [
            json!(null),
            json!(7),
            json!("x"),
            json!([]),
            json!({"type": "OTHER", "event": "FINISH"}),
            json!({"type": 7, "event": "FINISH"}),
            json!({"type": "WA_EMBEDDED_SIGNUP", "event": "F".repeat(65)}),
        ] {
            assert_eq!(parse(&other.to_string()), None, "{other}");
        }
    }

    #[test]
    fn malformed_id_is_dropped_and_others_kept() {
        let ids = |data| {
            let doc = json!({"type": "WA_EMBEDDED_SIGNUP", "event": "FINISH", "data": data});
            match parse(&doc.to_string()) {
                Some(MetaMessage::Finish(finish)) => finish.ids,
                other => panic!("{other:?}"),
            }
        };
        for bad in [
            json!({"waba_id": 100000000000002u64}),
            json!({"waba_id": "1e15000"}),
            json!({"waba_id": "1234"}),
            json!({"waba_id": ["100000000000002"]}),
            json!({"waba_id": "../../x"}),
            json!({}),
            json!(null),
        ] {
            assert_eq!(ids(bad.clone()), None, "{bad}");
        }
        let half = ids(json!({"waba_id": "100000000000002", "phone_number_id": 7}));
        let expect = SessionInfoIds {
            waba_id: WabaId::parse("100000000000002").ok(),
            ..SessionInfoIds::default()
        };
        assert_eq!(half, Some(expect));
    }

    #[test]
    fn lists_of_other_assets_are_passed_on_as_far_as_they_are_text() {
        let data = json!({"waba_id": "100000000000002", "page_ids": ["1", 2, null, {"a": []}, "3"], "catalog_ids": [],
            "dataset_ids": "4", "waba_ids": {"0": "5"}, "ad_account_ids": ["x".repeat(25), "act_6"]});
        let doc = json!({"type": "WA_EMBEDDED_SIGNUP", "event": "FINISH", "data": data});
        let Some(MetaMessage::Finish(finish)) = parse(&doc.to_string()) else {
            panic!("a finish")
        };
        assert!(finish.ids.is_some());
        let want = GrantedIds {
            page_ids: vec!["1".into(), "3".into()],
            ad_account_ids: vec!["act_6".into()],
            ..GrantedIds::default()
        };
        assert_eq!(finish.granted, want);
    }

    #[test]
    fn finish_and_cancel_events_are_read_with_details() {
        for word in [
            "FINISH",
            "FINISH_ONLY_WABA",
            "FINISH_OBO_MIGRATION",
            "FINISH_SOMETHING_NEW",
            "finish",
            "Finish_Only_WABA ",
        ] {
            for kind in ["WA_EMBEDDED_SIGNUP", "wa_embedded_signup"] {
                let doc = json!({"type": kind, "event": word, "version": "3"});
                let read = parse(&doc.to_string());
                let expected = word.trim().to_ascii_uppercase();
                assert!(
                    matches!(&read, Some(MetaMessage::Finish(f)) if f.event == expected),
                    "{word} {read:?}"
                );
            }
        }
        for (event, data, expect) in [
            (
                "CANCEL",
                json!({"current_step": "PERMISSIONS"}),
                (Some("PERMISSIONS"), None),
            ),
            (
                "CANCEL",
                json!({"error_code": "524126", "error_message": "m"}),
                (None, Some("524126")),
            ),
            (
                "cancel",
                json!({"current_step": "PERMISSIONS"}),
                (Some("PERMISSIONS"), None),
            ),
            (
                "error",
                json!({"error_code": "524126"}),
                (None, Some("524126")),
            ),
            (
                "ERROR",
                json!({"error_id": "524126"}),
                (None, Some("524126")),
            ),
            (
                "ERROR",
                json!({"error_code": 524126, "timestamp": 1746041036}),
                (None, Some("524126")),
            ),
            ("CANCEL", json!({"error_code": 5.5}), (None, None)),
            ("CANCEL", json!({"error_code": {"a": 1}}), (None, None)),
            ("CANCEL", json!(null), (None, None)),
            ("CANCEL", json!({"current_step": 7}), (None, None)),
        ] {
            let doc = json!({"type": "WA_EMBEDDED_SIGNUP", "event": event, "data": data});
            match parse(&doc.to_string()) {
                Some(MetaMessage::Cancel(c)) => {
                    assert_eq!((c.current_step.as_deref(), c.error_code.as_deref()), expect)
                }
                other => panic!("{other:?}"),
            }
        }
    }
}
