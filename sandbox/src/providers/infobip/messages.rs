//! `POST /whatsapp/1/message/text` and `/template`: messages from registered senders.
//! <https://www.infobip.com/docs/api/channels/whatsapp/whatsapp-outbound-messages>

use super::errors::{InfobipResult, invalid_field};
use super::reports::{PENDING_ENROUTE, REJECTED_SOURCE, status_json};
use super::senders::find_sender;
use crate::http::{IncomingRequest, Reply};
use crate::state::SandboxState;
use crate::world::{Message, random_alphanumeric};
use serde_json::{Value, json};

/// # Errors
/// 400 for a missing field, or an entity or application that is not the sender's.
pub fn send_text(state: &mut SandboxState, request: &IncomingRequest) -> InfobipResult {
    let body = Value::Object(request.body.clone());
    if body["content"]["text"].as_str().is_none_or(str::is_empty) {
        return Err(invalid_field("content.text", "must not be blank"));
    }
    let message = accept_message(state, &body, None)?;
    Ok(Reply::json(200, &receipt(&message)).with_effect(!message.rejected))
}

/// # Errors
/// 400 for a missing field, or an entity or application that is not the sender's.
pub fn send_templates(state: &mut SandboxState, request: &IncomingRequest) -> InfobipResult {
    let body = Value::Object(request.body.clone());
    let messages = body["messages"].as_array().filter(|list| !list.is_empty());
    let messages = messages.ok_or_else(|| invalid_field("messages", "must not be empty"))?;
    for message in messages {
        for field in ["templateName", "language"] {
            if message["content"][field].as_str().is_none_or(str::is_empty) {
                return Err(invalid_field(
                    &format!("messages[0].content.{field}"),
                    "must not be blank",
                ));
            }
        }
        if !message["content"]["templateData"]["body"].is_object() {
            return Err(invalid_field(
                "messages[0].content.templateData.body",
                "must not be null",
            ));
        }
    }
    let bulk_id = body["bulkId"].as_str();
    let accepted: Vec<Message> = messages
        .iter()
        .map(|message| accept_message(state, message, bulk_id))
        .collect::<Result<_, _>>()?;
    let mut reply = json!({"messages": accepted.iter().map(receipt).collect::<Vec<_>>()});
    if let Some(bulk_id) = bulk_id {
        reply["bulkId"] = bulk_id.into();
    }
    let any_sent = accepted.iter().any(|message| !message.rejected);
    Ok(Reply::json(200, &reply).with_effect(any_sent))
}

/// Stores one message; it is rejected when its sender is not registered through Infobip.
///
/// # Errors
/// 400 without `from` or `to`, or with an entity or application that is not associated with the sender.
fn accept_message(
    state: &mut SandboxState,
    body: &Value,
    bulk_id: Option<&str>,
) -> Result<Message, Reply> {
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let required = |name: &str| {
        let value = text(name).filter(|text| !text.is_empty());
        value.ok_or_else(|| invalid_field(name, "must not be blank"))
    };
    let (from, to) = (required("from")?, required("to")?);
    let phone = find_sender(state, &from).and_then(|id| state.world.phones.get(&id));
    let registration = phone.and_then(|phone| state.world.registrations.get(&phone.waba_id));
    if let Some(registration) = registration {
        for (name, associated) in [
            ("entityId", &registration.entity_id),
            ("applicationId", &registration.application_id),
        ] {
            if text(name).is_some_and(|value| value != *associated) {
                return Err(invalid_field(name, "is not associated with this sender"));
            }
        }
    }
    let can_send = phone.is_some_and(|phone| {
        phone.platform_type == "CLOUD_API"
            && phone.status == "CONNECTED"
            && registration.is_some_and(|registration| !registration.failed.contains(&phone.id))
    });
    let message = Message {
        id: text("messageId").unwrap_or_else(|| random_alphanumeric(32).to_ascii_lowercase()),
        bulk_id: bulk_id.map(str::to_owned),
        from,
        to,
        content: body["content"].clone(),
        entity_id: text("entityId"),
        application_id: text("applicationId"),
        callback_data: text("callbackData"),
        sent_ms: state.now_ms(),
        rejected: !can_send,
        reported: false,
    };
    let id = message.id.clone();
    state.world.messages.insert(id, message.clone());
    Ok(message)
}

/// The message as the response to sending it shows it.
fn receipt(message: &Message) -> Value {
    let status = if message.rejected {
        REJECTED_SOURCE
    } else {
        PENDING_ENROUTE
    };
    json!({
        "to": message.to,
        "messageCount": 1,
        "messageId": message.id,
        "status": status_json(status),
    })
}
