//! Responses of the Worker: from status and text to a document or an `ApiError`.

use crate::{
    error::{ApiError, Problem},
    json_value::JsonValue,
};
use alloc::string::String;

/// Longest response that is read, in bytes.
const MAX_RESPONSE: usize = 64 * 1024;
/// The Worker holds a poll for up to 20 seconds.
pub const GET_TIMEOUT_MS: u32 = 30_000;
/// A post is answered at once. The code in it lives 30 seconds, retries included.
pub const POST_TIMEOUT_MS: u32 = 8_000;

/// Reads a response. `status` 0 means that there was none.
pub fn read_response(status: u32, text: Option<String>) -> Result<JsonValue, ApiError> {
    let document = text
        .filter(|text| text.len() <= MAX_RESPONSE)
        .and_then(|text| JsonValue::parse(&text));
    match (status, document) {
        (200..300, Some(document)) => Ok(document),
        // No response, or a successful one that is not JSON, of a captive portal for example.
        (0..300, _) => Err(ApiError::Unreachable),
        (status, document) => {
            let problem = document.and_then(|document| Problem::read(&document));
            let unnamed = || Problem::local("internal", "contact");
            Err(ApiError::Refused {
                status,
                problem: problem.unwrap_or_else(unnamed),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_of_any_kind_is_a_document_or_an_error() {
        let read = |status, text: &str| read_response(status, Some(text.to_owned()));
        for (status, text) in [
            (0, ""),
            (200, "<html>"),
            (202, ""),
            (200, &"1".repeat(MAX_RESPONSE + 1)),
        ] {
            assert_eq!(read(status, text), Err(ApiError::Unreachable), "{status}");
        }
        for (status, text, code) in [
            (
                404,
                r#"{"code":"not_launched","remedy":"relaunch"}"#,
                "not_launched",
            ),
            (502, "<html>Bad gateway", "internal"),
            (403, r#"{"title":"no code"}"#, "internal"),
        ] {
            match read(status, text) {
                Err(ApiError::Refused {
                    status: actual,
                    problem,
                }) => {
                    assert_eq!((actual, problem.code.as_str()), (status, code));
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(read(202, r#"{"id":"x"}"#).is_ok());
    }
}
