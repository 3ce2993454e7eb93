//! The messages that the closing page posts to its opener: the session info event, and the SDK's own message.
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/implementation>

use crate::rules::{IdsTiming, Rules};
use crate::world::Dialog;
use serde::Serialize;
use serde_json::{Value, json};

/// One `postMessage` of the closing page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WindowMessage {
    /// Milliseconds after the page loaded.
    pub delay_ms: u64,
    pub target_origin: String,
    /// Text, or an object.
    pub data: Value,
}

/// The event and the SDK's message with the code, in the order the rules say. Embedded Signup v2 posts the event only
/// where `sessionInfoVersion` requests it; newer versions always do.
pub fn finish_messages(
    rules: &Rules,
    dialog: &Dialog,
    event: Value,
    code: WindowMessage,
) -> Vec<WindowMessage> {
    let without_event = dialog.extras.version.as_deref() == Some("v2")
        && dialog.extras.session_info_version.is_none();
    match rules.ids {
        _ if without_event => vec![code],
        IdsTiming::Before => [event_messages(rules, event, 0), vec![code]].concat(),
        IdsTiming::After => [vec![code], event_messages(rules, event, rules.ids_delay_ms)].concat(),
        IdsTiming::Never => vec![code],
    }
}

/// The event as the rules alter it, after the unrelated messages they add.
pub fn event_messages(rules: &Rules, mut event: Value, delay_ms: u64) -> Vec<WindowMessage> {
    if let Some(data) = event["data"].as_object_mut() {
        data.extend(rules.event_data.clone());
        data.retain(|_, value| !value.is_null());
    }
    let event = if rules.as_object {
        event
    } else {
        event.to_string().into()
    };
    let mut all = Vec::new();
    if rules.unrelated_messages {
        all.extend(unrelated_messages());
    }
    all.push(event);
    let to_message = |data| WindowMessage {
        delay_ms,
        target_origin: "*".into(),
        data,
    };
    all.into_iter().map(to_message).collect()
}

/// The SDK's own message, for the opener only. It is a query string, not JSON.
pub fn sdk_message(cb: &str, opener: &str, key: &str, value: &str) -> WindowMessage {
    let data = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("cb", cb)
        .append_pair("origin", opener)
        .append_pair("relation", "opener")
        .append_pair(key, value)
        .finish();
    WindowMessage {
        delay_ms: 0,
        target_origin: opener.to_owned(),
        data: data.into(),
    }
}

/// Messages that a page receives from Meta's origins and must ignore.
fn unrelated_messages() -> Vec<Value> {
    let text = |value: Value| Value::from(value.to_string());
    vec![
        "cb=f1&domain=shop.example&is_canvas=false&relation=opener&frame=f2".into(),
        "{\"type\":\"WA_EMBEDDED_SIGNUP\"".into(),
        "null".into(),
        "[]".into(),
        Value::Null,
        7.into(),
        text(json!({"type": "OTHER", "event": "FINISH"})),
        text(json!({"type": EVENT_TYPE})),
        text(json!({"type": EVENT_TYPE, "event": "PROGRESS", "data": {}})),
        json!({"type": EVENT_TYPE, "event": "CANCELLED"}),
    ]
}

/// The `type` of a session info event.
pub const EVENT_TYPE: &str = "WA_EMBEDDED_SIGNUP";
