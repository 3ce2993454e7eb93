//! Responses in the form of the Graph API.

use embark_onboarding::transport::{ApiResponse, ApiResult};

pub fn ok(body: String) -> ApiResult {
    http_response(200, None, body)
}

pub fn success() -> ApiResult {
    ok(r#"{"success":true}"#.into())
}

/// `retry_after`: seconds of a `Retry-After` header.
pub fn http_response(status: u16, retry_after: Option<u32>, body: String) -> ApiResult {
    Ok(ApiResponse {
        status,
        retry_after,
        body: body.into_bytes(),
    })
}

/// An error of the Graph API
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes>).
pub fn graph_error(
    status: u16,
    code: i64,
    subcode: Option<i64>,
    details: Option<&str>,
) -> ApiResult {
    let subcode = subcode.map_or(String::new(), |n| format!(r#","error_subcode":{n}"#));
    let details = details.map_or(String::new(), |text| {
        format!(r#","error_data":{{"details":"{text}"}}"#)
    });
    let body = format!(
        r#"{{"error":{{"message":"no","type":"OAuthException","code":{code}{subcode}{details},"fbtrace_id":"A1"}}}}"#
    );
    http_response(status, None, body)
}
