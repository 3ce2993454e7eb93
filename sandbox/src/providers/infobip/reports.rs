//! `GET /messages-api/1/reports`: delivery reports, each handed out once; and the statuses that messages have.
//! <https://www.infobip.com/docs/essentials/response-status-and-error-codes>

use super::errors::InfobipResult;
use crate::http::{IncomingRequest, Reply};
use crate::rules::DeliveryOutcome;
use crate::state::SandboxState;
use crate::timestamp::format_millis;
use crate::world::Message;
use serde_json::{Value, json};

/// Filtered by `messageId`, `bulkId`, `entityId`, `applicationId` and `channel`; at most `limit`, or 50.
///
/// # Errors
/// None so far.
pub fn delivery_reports(state: &mut SandboxState, request: &IncomingRequest) -> InfobipResult {
    let limit = request.param_text("limit");
    let limit = limit.and_then(|text| text.parse().ok()).unwrap_or(50);
    let matches_filter = |name: &str, value: Option<&str>| {
        let filter = request.param_text(name);
        filter.is_none_or(|filter| Some(filter.as_str()) == value)
    };
    let outcome = state.rules.infobip_delivery;
    let mut results = Vec::new();
    for message in state.world.messages.values_mut() {
        let is_requested = matches_filter("messageId", Some(&message.id))
            && matches_filter("bulkId", message.bulk_id.as_deref())
            && matches_filter("entityId", message.entity_id.as_deref())
            && matches_filter("applicationId", message.application_id.as_deref())
            && matches_filter("channel", Some("WHATSAPP"));
        let has_report = message.rejected || outcome != DeliveryOutcome::None;
        if is_requested && has_report && !message.reported && results.len() < limit {
            message.reported = true;
            results.push(report(message, outcome));
        }
    }
    let effect = !results.is_empty();
    Ok(Reply::json(200, &json!({"results": results})).with_effect(effect))
}

fn report(message: &Message, outcome: DeliveryOutcome) -> Value {
    let (status, error) = match outcome {
        _ if message.rejected => (REJECTED_SOURCE, ILLEGAL_SUBSCRIBER),
        DeliveryOutcome::Undeliverable => (UNDELIVERABLE, ABSENT_SUBSCRIBER),
        _ => (DELIVERED, NO_ERROR),
    };
    let mut error_json = status_json(error);
    error_json["permanent"] = (error.group_id != NO_ERROR.group_id).into();
    let mut report = json!({
        "event": "DELIVERY",
        "channel": "WHATSAPP",
        "sender": message.from,
        "destination": message.to,
        "sentAt": format_millis(message.sent_ms),
        "doneAt": format_millis(message.sent_ms + 900),
        "bulkId": message.bulk_id.as_ref().unwrap_or(&message.id),
        "messageId": message.id,
        "messageCount": 1,
        "status": status_json(status),
        "error": error_json,
        "platform": {"entityId": message.entity_id, "applicationId": message.application_id},
    });
    if let Some(data) = &message.callback_data {
        report["callbackData"] = data.clone().into();
    }
    report
}

/// A message status or an error code of Infobip's.
#[derive(Clone, Copy)]
pub struct Status {
    group_id: u8,
    group_name: &'static str,
    id: u16,
    name: &'static str,
    description: &'static str,
}

/// As in receipts and reports.
pub fn status_json(status: Status) -> Value {
    json!({
        "groupId": status.group_id,
        "groupName": status.group_name,
        "id": status.id,
        "name": status.name,
        "description": status.description,
    })
}

const fn status(
    (group_id, group_name): (u8, &'static str),
    id: u16,
    name: &'static str,
    description: &'static str,
) -> Status {
    Status {
        group_id,
        group_name,
        id,
        name,
        description,
    }
}

pub const PENDING_ENROUTE: Status = status(
    (1, "PENDING"),
    7,
    "PENDING_ENROUTE",
    "Message sent to next instance",
);
pub const REJECTED_SOURCE: Status = status(
    (5, "REJECTED"),
    11,
    "REJECTED_SOURCE",
    "Invalid Source address",
);
const DELIVERED: Status = status(
    (3, "DELIVERED"),
    5,
    "DELIVERED_TO_HANDSET",
    "Message delivered to handset",
);
const UNDELIVERABLE: Status = status(
    (2, "UNDELIVERABLE"),
    9,
    "UNDELIVERABLE_NOT_DELIVERED",
    "Message sent not delivered",
);
const NO_ERROR: Status = status((0, "OK"), 0, "NO_ERROR", "No Error");
const ABSENT_SUBSCRIBER: Status = status(
    (1, "HANDSET_ERRORS"),
    27,
    "EC_ABSENT_SUBSCRIBER",
    "Absent Subscriber",
);
const ILLEGAL_SUBSCRIBER: Status = status(
    (2, "USER_ERRORS"),
    11,
    "EC_ILLEGAL_SUBSCRIBER",
    "Illegal Subscriber",
);
