//! Parameters that more than one call reads, and the errors for wrong ones.

use super::context::GraphContext;
use super::error::GraphError;
use crate::http::IncomingRequest;
use serde_json::Value;

/// # Errors
/// 100 when the parameter is missing or empty.
pub fn required_param(ctx: &GraphContext, name: &str) -> Result<String, GraphError> {
    let value = ctx.request.param_text(name);
    let value = value.filter(|text| !text.is_empty());
    value.ok_or_else(|| missing_param(name))
}

/// The error for a missing parameter.
pub fn missing_param(name: &str) -> GraphError {
    GraphError::invalid_parameter(format_args!("The parameter {name} is required."))
}

/// Checks that `messaging_product` is `whatsapp`.
///
/// # Errors
/// 100 when it is missing or something else.
pub fn require_whatsapp(request: &IncomingRequest) -> Result<(), GraphError> {
    match request.param_text("messaging_product").as_deref() {
        Some("whatsapp") => Ok(()),
        Some(other) => Err(GraphError::invalid_parameter(format_args!(
            "Param messaging_product must be one of {{WHATSAPP}} - got \"{other}\"."
        ))),
        None => Err(missing_param("messaging_product")),
    }
}

/// The PIN of two-step verification: six digits as a JSON string, because a number would lose leading zeros.
///
/// # Errors
/// 100 when it is missing, not a string, or not six digits.
pub fn required_pin(request: &IncomingRequest) -> Result<String, GraphError> {
    match request.param("pin") {
        Some(Value::String(pin)) if is_pin(pin) => Ok(pin.clone()),
        Some(Value::String(_)) => Err(GraphError::invalid_parameter(
            "Param pin must be 6 digits long.",
        )),
        Some(_) => Err(GraphError::invalid_parameter("Param pin must be a string.")),
        None => Err(missing_param("pin")),
    }
}

fn is_pin(pin: &str) -> bool {
    pin.len() == 6 && pin.bytes().all(|b| b.is_ascii_digit())
}
