//! The error type of every call to Meta and to other providers, and the check of a response of the Graph API.

use super::error_codes::{
    ErrorClass, LONGEST_WAIT, REGISTRATION_LIMIT, class_of_status, documented_wait,
};
use super::error_document::MetaError;
use crate::transport::{ApiResponse, ApiResult, TransportError};
use core::fmt;
use core::time::Duration;
use serde_json::error::Category;

/// A call that failed, or whose outcome is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// What the failure means for the caller.
    pub class: ErrorClass,
    /// HTTP status code; 0: there is no response.
    pub status: u16,
    /// Meta's error code. `None`: the response is not Meta's error document.
    pub code: Option<i64>,
    /// Meta's error subcode.
    pub subcode: Option<i64>,
    /// Meta's trace id, for its support.
    pub fbtrace_id: Option<String>,
    /// Meta says that the error passes by itself.
    pub is_transient: bool,
    /// How long the server asks to wait, or Meta's documentation of the code does; at most 72 h.
    pub retry_after: Option<Duration>,
    /// Why there is no readable response. `None`: the response itself is the error.
    pub cause: Option<ErrorCause>,
}

/// Why there is no readable response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorCause {
    /// There is no response.
    Transport(TransportError),
    /// The body of a success is not the expected JSON. The parser's message is not kept: it may quote the body,
    /// which may hold a token.
    Json(Category),
}

impl ApiError {
    /// An error of this class, with nothing but a status.
    pub fn new(class: ErrorClass, status: u16) -> Self {
        Self {
            class,
            status,
            code: None,
            subcode: None,
            fbtrace_id: None,
            is_transient: false,
            retry_after: None,
            cause: None,
        }
    }

    /// For a 2xx response without the expected content: the call took effect, its result is lost.
    pub fn unreadable() -> Self {
        Self::new(ErrorClass::Indeterminate, 200)
    }

    /// The same, for a body that could not be parsed.
    pub fn unreadable_json(error: &serde_json::Error) -> Self {
        Self {
            cause: Some(ErrorCause::Json(error.classify())),
            ..Self::unreadable()
        }
    }

    /// For a response that is no success for a reason of the caller's, whatever its status.
    pub fn refused(status: u16) -> Self {
        Self::new(ErrorClass::Refused, status)
    }

    /// For a request that has no response.
    pub fn from_transport(error: TransportError) -> Self {
        let class = match error {
            TransportError::Timeout | TransportError::Connection | TransportError::TooLarge => {
                ErrorClass::Indeterminate
            }
            TransportError::MissingSecret
            | TransportError::SecretUnreadable
            | TransportError::ForbiddenDestination
            | TransportError::InvalidRequest => ErrorClass::Config,
            TransportError::SecretUnavailable => ErrorClass::Transient,
        };
        Self {
            cause: Some(ErrorCause::Transport(error)),
            ..Self::new(class, 0)
        }
    }

    /// For a response without Meta's error document, e.g. of a proxy: the status decides.
    pub fn from_status(response: &ApiResponse) -> Self {
        Self {
            retry_after: response.retry_after().map(|wait| wait.min(LONGEST_WAIT)),
            ..Self::new(class_of_status(response.status), response.status)
        }
    }

    /// For Meta's error document and the response that has it as its body. Of the wait that the headers name and one in
    /// Meta's details, the longer one counts. A header does not shorten the lock of a number.
    fn from_meta(error: MetaError, response: &ApiResponse) -> Self {
        let header = response.retry_after().map(|wait| wait.min(LONGEST_WAIT));
        let documented = documented_wait(error.code);
        let retry_after = match error.wait {
            Some(named) => Some(named.max(header.unwrap_or_default())),
            None if error.code == Some(REGISTRATION_LIMIT) => documented,
            None => header.or(documented),
        };
        let class = error.class(response.status);
        let trace = error.fbtrace_id;
        Self {
            code: error.code,
            subcode: error.subcode,
            fbtrace_id: trace.map(|id| id.chars().take(MAX_TRACE_LENGTH).collect()),
            is_transient: error.is_transient,
            retry_after,
            ..Self::new(class, response.status)
        }
    }

    /// Meta's code as it is shown: `133005`, or `100/36009` with a subcode. `None`: there is no code.
    pub fn meta_code(&self) -> Option<String> {
        let code = self.code?.to_string();
        Some(match self.subcode {
            Some(subcode) => [code, "/".into(), subcode.to_string()].concat(),
            None => code,
        })
    }

    /// Whether Meta answered with this code.
    pub fn has_code(&self, code: i64) -> bool {
        self.code == Some(code)
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.class)?;
        if self.status != 0 {
            write!(f, ", HTTP status {}", self.status)?;
        }
        if let Some(code) = self.meta_code() {
            write!(f, ", Meta's code {code}")?;
        }
        if let Some(trace) = &self.fbtrace_id {
            write!(f, ", trace {trace}")?;
        }
        Ok(())
    }
}

impl core::error::Error for ApiError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as _)
    }
}

impl fmt::Display for ErrorCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(error) => write!(f, "{error}"),
            Self::Json(Category::Data) => f.write_str("the body lacks what is expected"),
            Self::Json(_) => f.write_str("the body is not JSON"),
        }
    }
}

impl core::error::Error for ErrorCause {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Transport(error) => Some(error),
            Self::Json(_) => None,
        }
    }
}

/// Returns the body of a success of the Graph API.
///
/// # Errors
/// There is no response, its status is no 2xx, or its body is Meta's error document, which Graph has sent with
/// status 200 as well. Meta's message is not kept: it is not stable, and may quote what was sent.
pub fn check(result: ApiResult) -> Result<Vec<u8>, ApiError> {
    let response = result.map_err(ApiError::from_transport)?;
    match MetaError::parse(&response.body) {
        Some(error) => Err(ApiError::from_meta(error, &response)),
        None if (200..300).contains(&response.status) => Ok(response.body),
        None => Err(ApiError::from_status(&response)),
    }
}

/// How many characters of a trace id are kept.
const MAX_TRACE_LENGTH: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, body: &str) -> ApiResult {
        Ok(ApiResponse {
            status,
            retry_after: None,
            body: body.as_bytes().to_vec(),
        })
    }

    fn failed(status: u16, body: &str) -> ApiError {
        check(response(status, body)).unwrap_err()
    }

    #[test]
    fn every_response_has_a_class() {
        let deep = "[".repeat(100_000);
        for (status, body, want) in [
            (
                400,
                r#"{"error":{"code":100,"error_subcode":33}}"#,
                ErrorClass::Unreachable,
            ),
            (400, r#"{"error":{"code":133005}}"#, ErrorClass::Refused),
            (503, r#"{"error":{"code":133004}}"#, ErrorClass::Transient),
            (400, r#"{"error":{"code":4}}"#, ErrorClass::Rate),
            (
                401,
                r#"{"error":{"code":190,"error_subcode":463}}"#,
                ErrorClass::Token,
            ),
            (403, r#"{"error":{"code":200}}"#, ErrorClass::Config),
            (403, r#"{"error":{"code":299}}"#, ErrorClass::Config),
            (
                400,
                r#"{"error":{"code":987654,"is_transient":true}}"#,
                ErrorClass::Transient,
            ),
            (400, r#"{"error":{"code":987654}}"#, ErrorClass::Refused),
            (200, r#"{"error":{"code":190}}"#, ErrorClass::Token),
            (500, "<html>oops</html>", ErrorClass::Indeterminate),
            (502, "", ErrorClass::Indeterminate),
            (429, "slow down", ErrorClass::Rate),
            (404, "", ErrorClass::Unreachable),
            (400, &deep, ErrorClass::Refused),
            (302, "", ErrorClass::Refused),
        ] {
            assert_eq!(
                failed(status, body).class,
                want,
                "{status} {}",
                &body[..body.len().min(60)]
            );
        }
        assert_eq!(
            check(Err(TransportError::Connection)).unwrap_err().class,
            ErrorClass::Indeterminate
        );
    }

    #[test]
    fn request_that_was_not_sent_has_no_unknown_outcome() {
        for (error, class) in [
            (TransportError::Timeout, ErrorClass::Indeterminate),
            (TransportError::Connection, ErrorClass::Indeterminate),
            (TransportError::TooLarge, ErrorClass::Indeterminate),
            (TransportError::MissingSecret, ErrorClass::Config),
            (TransportError::SecretUnavailable, ErrorClass::Transient),
            (TransportError::SecretUnreadable, ErrorClass::Config),
            (TransportError::ForbiddenDestination, ErrorClass::Config),
            (TransportError::InvalidRequest, ErrorClass::Config),
        ] {
            assert_eq!(ApiError::from_transport(error).class, class, "{error}");
            let is_known = class != ErrorClass::Indeterminate;
            assert_eq!(error.was_not_sent(), is_known, "{error}");
        }
    }

    #[test]
    fn unknown_codes_and_trace_are_kept() {
        let body =
            r#"{"error":{"message":"x","code":100,"error_subcode":36009,"fbtrace_id":"A1"}}"#;
        let error = failed(400, body);
        assert_eq!(error.meta_code().as_deref(), Some("100/36009"));
        assert_eq!(error.fbtrace_id.as_deref(), Some("A1"));
    }

    #[test]
    fn retry_after_is_read_from_the_header() {
        let result = Ok(ApiResponse {
            status: 429,
            retry_after: Some(7),
            body: vec![],
        });
        assert_eq!(
            check(result).unwrap_err().retry_after,
            Some(Duration::from_secs(7))
        );
    }

    #[test]
    fn longest_of_header_and_details_counts_up_to_72_hours() {
        let wait = |code: u32, header: Option<u32>, details: &str| {
            let body =
                format!(r#"{{"error":{{"code":{code},"error_data":{{"details":"{details}"}}}}}}"#);
            let response = ApiResponse {
                status: 400,
                retry_after: header,
                body: body.into_bytes(),
            };
            check(Ok(response)).unwrap_err().retry_after
        };
        let (minute, longest) = (Duration::from_mins(1), Duration::from_hours(72));
        assert_eq!(wait(4, None, ""), None);
        assert_eq!(wait(4, Some(60), ""), Some(minute));
        assert_eq!(wait(4, Some(5), "Try again in 1 minute"), Some(minute));
        assert_eq!(wait(4, Some(60), "Try again in 5 seconds"), Some(minute));
        assert_eq!(wait(4, Some(u32::MAX), ""), Some(longest));
        assert_eq!(wait(133_016, None, ""), Some(longest));
        assert_eq!(wait(133_016, Some(60), ""), Some(longest));
        assert_eq!(wait(133_016, None, "Try again in 1 minute"), Some(minute));
        assert_eq!(wait(133_015, None, ""), Some(Duration::from_mins(5)));
    }

    #[test]
    fn display_names_class_status_code_and_trace() {
        let body = r#"{"error":{"code":100,"error_subcode":33,"fbtrace_id":"A1"}}"#;
        let want = "the object does not exist or is not reachable, HTTP status 400, Meta's code 100/33, trace A1";
        assert_eq!(failed(400, body).to_string(), want);
        let error = check(Err(TransportError::Timeout)).unwrap_err();
        assert_eq!(error.to_string(), "the call may have taken effect");
        let source = core::error::Error::source(&error).unwrap();
        assert_eq!(source.to_string(), "no response within the deadline");
    }
}
