//! Meta's message events ("session info"): which are accepted, and what they say. They come from another
//! window, so the exact origin is checked first, then the size, then the form. Ids are decimal strings;
//! one sent as a number has lost digits and is ignored.
//!
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/implementation>

use crate::{json_object::JsonObject, json_value::JsonValue};
use alloc::string::String;
use embark_protocol::WabaId;

/// Longest message that is read, in bytes.
const MAX_MESSAGE: usize = 8 * 1024;

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
    /// `protocol::requests::SessionInfoIds` as JSON. `None` if the message has no valid id.
    pub ids: Option<String>,
}

/// Why the person left. Meta sends only some of these.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cancellation {
    /// Meta's screen, e.g. `PHONE_NUMBER_SETUP`.
    pub current_step: Option<String>,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    /// For Meta's support.
    pub session_id: Option<String>,
}

impl Cancellation {
    pub fn is_error(&self) -> bool {
        self.error_code.is_some() || self.error_message.is_some()
    }
}

/// Whether the origin is exactly one of those in `sdk` (`protocol::launch::SdkSettings`).
pub fn is_allowed_origin(sdk: &JsonValue, origin: &str) -> bool {
    sdk.items("origins")
        .any(|allowed| allowed.as_string().is_some_and(|allowed| allowed == origin))
}

/// Whether the text can be a message. Most messages of Meta's origins are not JSON.
pub fn may_be_message(text: &str) -> bool {
    text.len() <= MAX_MESSAGE && text.starts_with('{')
}

/// Reads the data of a message event. `None` if it is not a message of Embedded Signup.
pub fn read(doc: &JsonValue) -> Option<MetaMessage> {
    if doc.string("type")? != "WA_EMBEDDED_SIGNUP" {
        return None;
    }
    let event = doc.bounded_string("event", 64)?;
    let data = doc.get("data");
    if event.starts_with("FINISH") {
        return Some(MetaMessage::Finish(Finish {
            event,
            ids: data.and_then(|data| read_ids(&data)),
        }));
    }
    let is_cancel = event == "CANCEL" || event == "ERROR";
    is_cancel.then(|| MetaMessage::Cancel(data.as_ref().map(read_cancellation).unwrap_or_default()))
}

fn read_ids(data: &JsonValue) -> Option<String> {
    let mut ids = None;
    for key in ["waba_id", "phone_number_id", "business_id"] {
        // All three ids have the same form.
        if let Some(id) = data.string(key).filter(|id| WabaId::parse(id).is_ok()) {
            ids.get_or_insert_with(JsonObject::new).string(key, &id);
        }
    }
    ids.map(JsonObject::finish)
}

/// Reads the details of a cancellation. Meta's documentation names the code `error_code` since June 2026
/// and `error_id` before.
pub fn read_cancellation(data: &JsonValue) -> Cancellation {
    Cancellation {
        current_step: data.bounded_string("current_step", 64),
        error_code: data
            .string_or_number("error_code", 32)
            .or_else(|| data.string_or_number("error_id", 32)),
        error_message: data.bounded_string("error_message", 500),
        session_id: data.bounded_string("session_id", 128),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_the_exact_origin_is_allowed_origin() {
        let sdk = JsonValue(
            json!({"origins": ["https://www.facebook.com", "https://web.facebook.com", 7]}),
        );
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
        assert!(!may_be_message("cb=f1&domain=shop.example&type=WA"));
        assert!(!may_be_message(&format!("{{{}}}", " ".repeat(MAX_MESSAGE))));
        assert!(may_be_message(r#"{"type":"WA_EMBEDDED_SIGNUP"}"#));
        for other in [
            json!(null),
            json!(7),
            json!("x"),
            json!([]),
            json!({"type": "OTHER", "event": "FINISH"}),
        ] {
            assert_eq!(read(&JsonValue(other.clone())), None, "{other}");
        }
    }

    #[test]
    fn malformed_id_is_dropped_and_others_kept() {
        let ids = |data| {
            let doc = json!({"type": "WA_EMBEDDED_SIGNUP", "event": "FINISH", "data": data});
            match read(&JsonValue(doc)) {
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
        assert_eq!(half.as_deref(), Some(r#"{"waba_id":"100000000000002"}"#));
    }

    #[test]
    fn finish_and_cancel_events_are_read_with_details() {
        for word in [
            "FINISH",
            "FINISH_ONLY_WABA",
            "FINISH_OBO_MIGRATION",
            "FINISH_SOMETHING_NEW",
        ] {
            let doc = json!({"type": "WA_EMBEDDED_SIGNUP", "event": word, "version": "3"});
            assert!(
                matches!(read(&JsonValue(doc)), Some(MetaMessage::Finish(f)) if f.event == word),
                "{word}"
            );
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
            match read(&JsonValue(
                json!({"type": "WA_EMBEDDED_SIGNUP", "event": event, "data": data}),
            )) {
                Some(MetaMessage::Cancel(c)) => {
                    assert_eq!((c.current_step.as_deref(), c.error_code.as_deref()), expect)
                }
                other => panic!("{other:?}"),
            }
        }
    }
}
