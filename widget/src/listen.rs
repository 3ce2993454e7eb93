//! Meta's message events ("Session info"): which ones count, and what they say. Everything here comes
//! from another window: exact origin first, then size, then shape. Ids are decimal strings; a number has
//! already lost digits and is refused.

use crate::{doc::Doc, json::Object};
use alloc::string::String;
use embark_protocol::WabaId;

/// Longest message we look at, in bytes.
const LONGEST: usize = 8 * 1024;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Any `FINISH…` word, the ones Meta has yet to invent included.
    Finish(Finish),
    /// `CANCEL` or `ERROR`: the person left, or reported an error.
    Cancel(Cancel),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finish {
    pub event: String,
    /// `post::Ids` as JSON, where Meta named any.
    pub ids: Option<String>,
}

/// Why the person left, as far as Meta says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cancel {
    pub current_step: Option<String>,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    pub session_id: Option<String>,
}

impl Cancel {
    pub fn is_error(&self) -> bool {
        self.error_code.is_some() || self.error_message.is_some()
    }
}

/// Whether a message from `origin` counts: exactly one of the listed origins.
pub fn counts(sdk: &Doc, origin: &str) -> bool {
    sdk.items("origins")
        .any(|listed| listed.text().is_some_and(|listed| listed == origin))
}

/// Whether the text is worth parsing; most messages of that origin are not even JSON.
pub fn may_be_read(text: &str) -> bool {
    text.len() <= LONGEST && text.starts_with('{')
}

/// Reads the data of a message event.
pub fn read(doc: &Doc) -> Option<Message> {
    if doc.text_of("type")? != "WA_EMBEDDED_SIGNUP" {
        return None;
    }
    let event = doc.short("event", 64)?;
    let data = doc.get("data");
    if event.starts_with("FINISH") {
        return Some(Message::Finish(Finish {
            event,
            ids: data.and_then(|data| ids(&data)),
        }));
    }
    let left = event == "CANCEL" || event == "ERROR";
    left.then(|| Message::Cancel(data.as_ref().map(cancel).unwrap_or_default()))
}

fn ids(data: &Doc) -> Option<String> {
    let mut ids = None;
    for key in ["waba_id", "phone_number_id", "business_id"] {
        // The three have one shape.
        if let Some(id) = data.text_of(key).filter(|id| WabaId::parse(id).is_ok()) {
            ids.get_or_insert_with(Object::new).text(key, &id);
        }
    }
    ids.map(Object::end)
}

/// `error_code` is what Meta's page says since June 2026, `error_id` what it said before.
pub fn cancel(data: &Doc) -> Cancel {
    Cancel {
        current_step: data.short("current_step", 64),
        error_code: data
            .word_of("error_code", 32)
            .or_else(|| data.word_of("error_id", 32)),
        error_message: data.short("error_message", 500),
        session_id: data.short("session_id", 128),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_the_exact_origin_counts() {
        let sdk =
            Doc(json!({"origins": ["https://www.facebook.com", "https://web.facebook.com", 7]}));
        assert!(counts(&sdk, "https://www.facebook.com"));
        for bad in [
            "https://notfacebook.com",
            "https://facebook.com",
            "http://www.facebook.com",
            "https://www.facebook.com.evil.example",
            "https://www.facebook.com:444",
            "",
            "null",
        ] {
            assert!(!counts(&sdk, bad), "{bad:?}");
        }
    }

    #[test]
    fn noise_is_not_looked_at() {
        assert!(!may_be_read("cb=f1&domain=shop.example&type=WA"));
        assert!(!may_be_read(&format!("{{{}}}", " ".repeat(LONGEST))));
        assert!(may_be_read(r#"{"type":"WA_EMBEDDED_SIGNUP"}"#));
        for other in [
            json!(null),
            json!(7),
            json!("x"),
            json!([]),
            json!({"type": "OTHER", "event": "FINISH"}),
        ] {
            assert_eq!(read(&Doc(other.clone())), None, "{other}");
        }
    }

    #[test]
    fn ids_of_another_shape_are_dropped_one_by_one() {
        let ids = |data| {
            let doc = json!({"type": "WA_EMBEDDED_SIGNUP", "event": "FINISH", "data": data});
            match read(&Doc(doc)) {
                Some(Message::Finish(finish)) => finish.ids,
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
    fn every_finish_is_a_success_and_every_cancel_says_why() {
        for word in [
            "FINISH",
            "FINISH_ONLY_WABA",
            "FINISH_OBO_MIGRATION",
            "FINISH_SOMETHING_NEW",
        ] {
            let doc = json!({"type": "WA_EMBEDDED_SIGNUP", "event": word, "version": "3"});
            assert!(
                matches!(read(&Doc(doc)), Some(Message::Finish(f)) if f.event == word),
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
            match read(&Doc(
                json!({"type": "WA_EMBEDDED_SIGNUP", "event": event, "data": data}),
            )) {
                Some(Message::Cancel(c)) => {
                    assert_eq!((c.current_step.as_deref(), c.error_code.as_deref()), expect)
                }
                other => panic!("{other:?}"),
            }
        }
    }
}
