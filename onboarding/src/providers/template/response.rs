//! What the responses of a template's provider mean.

use super::placeholder::{resolve, substitute_in_url};
use crate::meta::ApiError;
use crate::providers::order::{OrderContext, OrderError, OrderOutcome, ProviderStatus};
use crate::providers::response::check_provider;
use crate::transport::ApiResult;
use embark_protocol::handoff::{HandoffStatusPoll, HandoffSuccess, HandoffTemplate};
use serde_json::Value;

/// Reads the response to the order.
///
/// # Errors
/// The order was not accepted, or its outcome is unknown. A 2xx that does not contain what the template expects, or
/// does not lead to the URL of the status, is [`ErrorClass::Refused`](crate::meta::ErrorClass::Refused).
pub fn parse_order_response(
    template: &HandoffTemplate,
    result: ApiResult,
    order: &OrderContext<'_>,
) -> Result<OrderOutcome, ApiError> {
    let response = match result {
        Ok(response) if template.already.contains(&response.status) => response,
        result => {
            let response = check_provider(result)?;
            match &template.success {
                Some(expected) if !is_success(&response.body, expected) => {
                    return Err(ApiError::refused(response.status));
                }
                _ => response,
            }
        }
    };
    let Some(status) = &template.status else {
        return Ok(OrderOutcome::Done);
    };
    let json: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let lookup = |name: &str| match name.strip_prefix("answer:") {
        Some(pointer) => {
            text_at(&json, pointer).ok_or_else(|| OrderError::MissingValue(name.to_owned()))
        }
        None => resolve(template, order, name),
    };
    match substitute_in_url(&status.url, &lookup) {
        Ok(status_url) => Ok(OrderOutcome::Pending {
            status_url: Some(status_url),
        }),
        // The account was handed over before, and this response does not say where its status is.
        Err(_) if template.already.contains(&response.status) => Ok(OrderOutcome::Done),
        Err(_) => Err(ApiError::refused(response.status)),
    }
}

/// Reads the response to the request for the status.
///
/// # Errors
/// The status could not be read, or the response does not contain it.
pub fn parse_status(
    status: &HandoffStatusPoll,
    result: ApiResult,
) -> Result<ProviderStatus, ApiError> {
    let response = check_provider(result)?;
    let json: Value = serde_json::from_slice(&response.body)
        .map_err(|error| ApiError::unreadable_json(&error))?;
    let text = text_at(&json, &status.pointer).ok_or_else(ApiError::unreadable)?;
    Ok(if contains_word(&status.done, &text) {
        ProviderStatus::Done
    } else if contains_word(&status.failed, &text) {
        ProviderStatus::Failed(text)
    } else {
        ProviderStatus::Pending(text)
    })
}

fn is_success(body: &[u8], expected: &HandoffSuccess) -> bool {
    serde_json::from_slice::<Value>(body)
        .ok()
        .and_then(|json| text_at(&json, &expected.pointer))
        .is_some_and(|text| contains_word(&expected.values, &text))
}

/// Whether a provider's word is among these, in any case.
fn contains_word(words: &[String], text: &str) -> bool {
    let text = text.trim();
    words.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// The string, number or boolean at a JSON pointer (<https://www.rfc-editor.org/rfc/rfc6901>), as text of at most
/// 200 characters. `None`: there is none.
fn text_at(json: &Value, pointer: &str) -> Option<String> {
    match json.pointer(pointer)? {
        Value::String(text) => Some(text.chars().take(200).collect()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}
