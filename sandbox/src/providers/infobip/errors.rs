//! Infobip's errors, and parameters whose absence is one.
//! <https://www.infobip.com/docs/essentials/response-status-and-error-codes>

use crate::http::{IncomingRequest, Reply};
use serde_json::json;

/// `Err` is an error of Infobip's as a reply.
pub type InfobipResult = Result<Reply, Reply>;

/// # Errors
/// 400 when the parameter is missing or empty.
pub fn required_param(request: &IncomingRequest, name: &str) -> Result<String, Reply> {
    let value = request.param_text(name).filter(|text| !text.is_empty());
    value.ok_or_else(|| invalid_field(name, "must not be blank"))
}

pub fn not_found() -> Reply {
    error_reply(404, "NOT_FOUND", "Requested resource not found")
}

/// 400 with one validation error.
pub fn invalid_field(field: &str, reason: &str) -> Reply {
    let exception = json!({
        "messageId": "BAD_REQUEST", "text": "Bad Request", "validationErrors": {field: [reason]},
    });
    Reply::json(
        400,
        &json!({"requestError": {"serviceException": exception}}),
    )
}

pub fn error_reply(status: u16, message_id: &str, text: &str) -> Reply {
    let exception = json!({"messageId": message_id, "text": text});
    Reply::json(
        status,
        &json!({"requestError": {"serviceException": exception}}),
    )
}
