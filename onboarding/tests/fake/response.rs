//! Responses of Meta and of providers.

use embark_onboarding::transport::{ApiResponse, ApiResult};
use serde_json::{Value, json};

/// A response of 200 with this JSON.
pub fn success(body: Value) -> ApiResult {
    http_response(200, &body.to_string())
}

/// Meta's error envelope.
pub fn graph_error(status: u16, code: i64, subcode: Option<i64>) -> ApiResult {
    let body = json!({"error": {"message": "no", "type": "OAuthException", "code": code,
        "error_subcode": subcode, "fbtrace_id": "Atrace"}});
    http_response(status, &body.to_string())
}

/// A response with this body and no `Retry-After`.
pub fn http_response(status: u16, body: &str) -> ApiResult {
    Ok(ApiResponse {
        status,
        retry_after: None,
        body: body.as_bytes().to_vec(),
    })
}
