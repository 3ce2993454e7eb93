//! The faults, by the names of the table's rows: the reply to a call, and whether Meta acted on it.

use core::time::Duration;
use embark_onboarding::transport::{ApiResponse, ApiResult, TransportError};

/// A fault of one call.
pub struct Fault {
    /// The reply, or why there is none.
    pub reply: ApiResult,
    /// Whether Meta acted on the call all the same.
    pub takes_effect: bool,
    /// The wait that Meta asks for. Zero: none.
    pub min_wait: Duration,
}

impl Fault {
    /// No reply, and no effect.
    pub fn timeout() -> Self {
        Self {
            reply: Err(TransportError::Timeout),
            takes_effect: false,
            min_wait: Duration::ZERO,
        }
    }

    /// The fault of a row. A name ends in `_done` if Meta acted on the call, and in `+n` if the response has
    /// `Retry-After: n`. Any other name is one of Meta's error codes, perhaps with a subcode after `/`.
    pub fn by_name(name: &str) -> Self {
        let (kind, retry_after) = match name.split_once('+') {
            Some((kind, seconds)) => (kind, seconds.parse().ok()),
            None => (name, None),
        };
        let is_unreadable_success =
            matches!(kind, "truncated" | "wrong_types" | "nested" | "large");
        let nested = "[".repeat(100_000);
        let respond = |status, body: &str| response(status, retry_after, body);
        let reply = match kind {
            "timeout" => Err(TransportError::Timeout),
            "reset" | "reset_done" => Err(TransportError::Connection),
            "large" => Err(TransportError::TooLarge),
            "truncated" => respond(200, r#"{"data":[{"id":"60000"#),
            "wrong_types" => respond(
                200,
                r#"{"access_token":7,"success":"yes","data":"none","id":7}"#,
            ),
            "nested" => respond(200, &nested),
            "html502" | "html502_done" => respond(502, "<html><h1>502 Bad Gateway</h1></html>"),
            "html503" => respond(503, "<html>Service Unavailable</html>"),
            "html302" => respond(302, "<html>Moved</html>"),
            "nested400" => respond(400, &nested),
            "text429" => respond(429, "slow down"),
            "2_as_200" => graph_error(200, "2", None, ""),
            "transient" => graph_error(400, "987655", None, r#","is_transient":true"#),
            "80007_text" => respond(400, r#"{"error":{"code":"80007","error_data":[]}}"#),
            "133005_data" => respond(
                400,
                r#"{"error":{"code":"133005","error_data":"{\"details\":7}"}}"#,
            ),
            "101_system" => respond(
                400,
                r#"{"error":{"code":101,"message":"Cannot get application info due to a system error."}}"#,
            ),
            "1_as_500" => graph_error(500, "1", None, ""),
            "987654_as_500" => graph_error(500, "987654", None, ""),
            code => documented_error(code),
        };
        Self {
            reply,
            takes_effect: is_unreadable_success || kind.ends_with("_done"),
            min_wait: min_wait(kind, retry_after),
        }
    }
}

/// How long Meta asks to wait: by `Retry-After`, by the text of the error, or by its documentation.
fn min_wait(kind: &str, retry_after: Option<u32>) -> Duration {
    match (kind, retry_after) {
        (_, Some(seconds)) => Duration::from_secs(seconds.into()),
        ("133008", _) => Duration::from_hours(3),
        ("133009", _) => Duration::from_secs(40),
        ("133015", _) => Duration::from_mins(5),
        ("133016", _) => Duration::from_hours(72),
        _ => Duration::ZERO,
    }
}

/// The response to an error of Meta's, with the status that its documentation has for the code
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes>).
fn documented_error(name: &str) -> ApiResult {
    let (code, subcode) = match name.split_once('/') {
        Some((code, subcode)) => (code, Some(subcode)),
        None => (name, None),
    };
    let status = match code {
        "2" | "133004" => 503,
        "3" | "131000" | "131057" | "133000" => 500,
        "10" | "200" | "131031" | "368" => 403,
        "102" | "190" => 401,
        _ => 400,
    };
    let details = match code {
        "133008" => r#","error_data":{"details":"Please try again after 3 hours"}"#,
        "133009" => r#","error_data":{"details":"Please try again in 40 seconds"}"#,
        _ => "",
    };
    graph_error(status, code, subcode, details)
}

fn graph_error(status: u16, code: &str, subcode: Option<&str>, more_fields: &str) -> ApiResult {
    let subcode = subcode.map_or(String::new(), |n| format!(r#","error_subcode":{n}"#));
    let body = format!(
        r#"{{"error":{{"message":"(#{code}) no","type":"OAuthException","code":{code}{subcode}{more_fields},"fbtrace_id":"Atrace"}}}}"#
    );
    response(status, None, &body)
}

fn response(status: u16, retry_after: Option<u32>, body: &str) -> ApiResult {
    Ok(ApiResponse {
        status,
        retry_after,
        body: body.as_bytes().to_vec(),
    })
}
