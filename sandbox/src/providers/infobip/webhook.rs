//! Infobip's registration webhook: its body, and posting it to the URL of `PUT /_sandbox/infobip`. In the body the
//! WABA's id is a JSON number, and timestamps have an offset without a colon.

use crate::http::post_json;
use crate::state::SharedState;
use crate::timestamp::format_millis;
use crate::world::{Phone, WebhookDelivery, World};
use serde_json::{Value, json};

/// With this status of the registration. `sender_status` is the status of every number; `None`: the registration's, or
/// FAILED for numbers that could not be registered.
pub fn webhook_body(world: &World, waba: &str, status: &str, sender_status: Option<&str>) -> Value {
    let registration = world.registrations.get(waba);
    let to_sender = |phone: &Phone| {
        let failed = registration.is_some_and(|row| row.failed.contains(&phone.id));
        let own_status = match status {
            "FINISHED" if failed => "FAILED",
            other => other,
        };
        json!({
            "phoneNumberId": phone.id,
            "displayPhoneNumber": phone.display_phone_number,
            "type": "CLOUD",
            "status": sender_status.unwrap_or(own_status),
        })
    };
    let senders: Vec<Value> = world.phones_in_waba(waba).map(to_sender).collect();
    let number = waba.parse::<u64>();
    json!({
        "businessAccountId": number.map_or_else(|_| Value::from(waba), Value::from),
        "status": status,
        "createdAt": format_millis(registration.map_or(0, |row| row.created_ms)),
        "lastModifiedAt": format_millis(registration.map_or(0, |row| row.modified_ms)),
        "senders": senders,
    })
}

/// Posts `text` now, once, and records the delivery.
pub async fn post_webhook(shared: &SharedState, text: String) -> WebhookDelivery {
    let (url, host) = {
        let infobip = &shared.lock().infobip;
        (infobip.webhook.clone(), infobip.host_header.clone())
    };
    let response = match url {
        Some(url) => post_json(&url, host.as_deref(), text.clone())
            .await
            .map_err(|error| error.to_string()),
        None => Err("no webhook is set".into()),
    };
    let delivery = WebhookDelivery {
        body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
        status: response.as_ref().ok().map(|(status, _)| *status),
        error: response.err(),
    };
    shared.lock().infobip.sent.push(delivery.clone());
    delivery
}
