//! Messages: `POST /whatsapp/1/message/text|template`, from registered senders, and
//! `GET /messages-api/1/reports`, which hands out each report once.

use super::senders::find;
use super::{Answer, invalid};
use crate::call::Call;
use crate::reply::Reply;
use crate::rules::Delivery;
use crate::state::State;
use crate::time;
use crate::world::{Message, random_word};
use serde_json::{Value, json};

pub fn text(state: &mut State, call: &Call) -> Answer {
    let body = Value::Object(call.body.clone());
    if body["content"]["text"].as_str().is_none_or(str::is_empty) {
        return Err(invalid("content.text", "must not be blank"));
    }
    let message = take(state, &body, None)?;
    Ok(Reply::json(200, &receipt(&message)).effect(!message.rejected))
}

pub fn template(state: &mut State, call: &Call) -> Answer {
    let body = Value::Object(call.body.clone());
    let messages = body["messages"].as_array().filter(|list| !list.is_empty());
    let messages = messages.ok_or_else(|| invalid("messages", "must not be empty"))?;
    for message in messages {
        for field in ["templateName", "language"] {
            if message["content"][field].as_str().is_none_or(str::is_empty) {
                return Err(invalid(
                    &format!("messages[0].content.{field}"),
                    "must not be blank",
                ));
            }
        }
        if !message["content"]["templateData"]["body"].is_object() {
            return Err(invalid(
                "messages[0].content.templateData.body",
                "must not be null",
            ));
        }
    }
    let bulk = body["bulkId"].as_str();
    let taken: Vec<Message> = messages
        .iter()
        .map(|message| take(state, message, bulk))
        .collect::<Result<_, _>>()?;
    let mut answer = json!({"messages": taken.iter().map(receipt).collect::<Vec<_>>()});
    if let Some(bulk) = bulk {
        answer["bulkId"] = bulk.into();
    }
    let sent = taken.iter().any(|message| !message.rejected);
    Ok(Reply::json(200, &answer).effect(sent))
}

/// Delivery reports of every way to send, by `messageId`, `bulkId`, `entityId`, `applicationId`, `limit`.
pub fn reports(state: &mut State, call: &Call) -> Answer {
    let limit = call.text("limit").and_then(|text| text.parse().ok());
    let asked = |name: &str, own: Option<&str>| {
        call.text(name)
            .is_none_or(|asked| Some(asked.as_str()) == own)
    };
    let delivery = state.rules.infobip_delivery;
    let mut results = Vec::new();
    for message in state.world.messages.values_mut() {
        let wanted = asked("messageId", Some(&message.id))
            && asked("bulkId", message.bulk_id.as_deref())
            && asked("entityId", message.entity_id.as_deref())
            && asked("applicationId", message.application_id.as_deref())
            && asked("channel", Some("WHATSAPP"));
        let due = !message.reported && (message.rejected || delivery != Delivery::None);
        if wanted && due && results.len() < limit.unwrap_or(50) {
            message.reported = true;
            results.push(report(message, delivery));
        }
    }
    let effect = !results.is_empty();
    Ok(Reply::json(200, &json!({"results": results})).effect(effect))
}

/// Accepts one message. An entity or application that is not the account's is refused: Infobip would have
/// been told of neither.
fn take(state: &mut State, body: &Value, bulk: Option<&str>) -> Result<Message, Reply> {
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let required = |name: &str| {
        let given = text(name).filter(|text| !text.is_empty());
        given.ok_or_else(|| invalid(name, "must not be blank"))
    };
    let (from, to) = (required("from")?, required("to")?);
    let phone = find(state, &from).and_then(|id| state.world.phones.get(&id));
    let registration = phone.and_then(|phone| state.world.registrations.get(&phone.waba_id));
    if let Some(own) = registration {
        for (name, right) in [
            ("entityId", &own.entity_id),
            ("applicationId", &own.application_id),
        ] {
            if text(name).is_some_and(|given| given != *right) {
                return Err(invalid(name, "is not associated with this sender"));
            }
        }
    }
    let ready = phone.is_some_and(|phone| {
        phone.platform_type == "CLOUD_API"
            && phone.status == "CONNECTED"
            && registration.is_some_and(|own| !own.failed.contains(&phone.id))
    });
    let message = Message {
        id: text("messageId").unwrap_or_else(|| random_word(32).to_ascii_lowercase()),
        bulk_id: bulk.map(str::to_owned),
        from,
        to,
        content: body["content"].clone(),
        entity_id: text("entityId"),
        application_id: text("applicationId"),
        callback_data: text("callbackData"),
        sent_ms: state.now_ms(),
        rejected: !ready,
        reported: false,
    };
    let id = message.id.clone();
    state.world.messages.insert(id, message.clone());
    Ok(message)
}

fn receipt(message: &Message) -> Value {
    let status = if message.rejected { SOURCE } else { ENROUTE };
    json!({
        "to": message.to,
        "messageCount": 1,
        "messageId": message.id,
        "status": told(status),
    })
}

fn report(message: &Message, delivery: Delivery) -> Value {
    let (status, error) = match delivery {
        _ if message.rejected => (SOURCE, REJECTED),
        Delivery::Undeliverable => (UNDELIVERABLE, ABSENT),
        _ => (DELIVERED, OK),
    };
    let mut error_told = told(error);
    error_told["permanent"] = (error.0 != OK.0).into();
    let mut report = json!({
        "event": "DELIVERY",
        "channel": "WHATSAPP",
        "sender": message.from,
        "destination": message.to,
        "sentAt": time::millis(message.sent_ms),
        "doneAt": time::millis(message.sent_ms + 900),
        "bulkId": message.bulk_id.as_ref().unwrap_or(&message.id),
        "messageId": message.id,
        "messageCount": 1,
        "status": told(status),
        "error": error_told,
        "platform": {"entityId": message.entity_id, "applicationId": message.application_id},
    });
    if let Some(data) = &message.callback_data {
        report["callbackData"] = data.clone().into();
    }
    report
}

fn told((group_id, group, id, name, text): Status) -> Value {
    json!({"groupId": group_id, "groupName": group, "id": id, "name": name, "description": text})
}

/// Group, its name, id, name, description ("Response status and error codes").
type Status = (u8, &'static str, u16, &'static str, &'static str);
const ENROUTE: Status = (
    1,
    "PENDING",
    7,
    "PENDING_ENROUTE",
    "Message sent to next instance",
);
const DELIVERED: Status = (
    3,
    "DELIVERED",
    5,
    "DELIVERED_TO_HANDSET",
    "Message delivered to handset",
);
const UNDELIVERABLE: Status = (
    2,
    "UNDELIVERABLE",
    9,
    "UNDELIVERABLE_NOT_DELIVERED",
    "Message sent not delivered",
);
const SOURCE: Status = (
    5,
    "REJECTED",
    11,
    "REJECTED_SOURCE",
    "Invalid Source address",
);
const OK: Status = (0, "OK", 0, "NO_ERROR", "No Error");
const ABSENT: Status = (
    1,
    "HANDSET_ERRORS",
    27,
    "EC_ABSENT_SUBSCRIBER",
    "Absent Subscriber",
);
const REJECTED: Status = (
    2,
    "USER_ERRORS",
    11,
    "EC_ILLEGAL_SUBSCRIBER",
    "Illegal Subscriber",
);
