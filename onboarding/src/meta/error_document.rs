//! Meta's error document (<https://developers.facebook.com/docs/graph-api/guides/error-handling>), read leniently: a
//! member of an unexpected type is read as far as it goes, and never costs the others.

use super::error_codes::{ErrorClass, class_of_code, class_of_status};
use super::wait::parse_wait;
use core::time::Duration;
use serde_json::{Map, Value};

/// The member `error` of Meta's error document, as far as it is read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct MetaError {
    /// Meta's code, sent as a number or as text. `None`: there is none.
    pub(super) code: Option<i64>,
    /// Meta's subcode, likewise.
    pub(super) subcode: Option<i64>,
    /// Meta says that the error passes.
    pub(super) is_transient: bool,
    /// Meta's trace id.
    pub(super) fbtrace_id: Option<String>,
    /// The wait that Meta's details name. `None`: they name none.
    pub(super) wait: Option<Duration>,
}

impl MetaError {
    /// Reads a body. `None`: it is not an error document.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let document: Map<String, Value> = serde_json::from_slice(body).ok()?;
        let error = match document.get("error")? {
            Value::Null | Value::Bool(false) => return None,
            error => members(error).unwrap_or_default(),
        };
        let message = error.get("message").and_then(Value::as_str).unwrap_or("");
        let details = error.get("error_data").map(details).unwrap_or_default();
        Some(Self {
            code: error
                .get("code")
                .and_then(whole_number)
                .or_else(|| code_in_message(message)),
            subcode: error.get("error_subcode").and_then(whole_number),
            is_transient: error.get("is_transient").is_some_and(is_true)
                // Code 101 also has this message, without the flag.
                || message.to_ascii_lowercase().contains("due to a system error"),
            fbtrace_id: error.get("fbtrace_id").and_then(text),
            wait: parse_wait(&details),
        })
    }

    /// The class by code, else by HTTP status.
    pub(super) fn class(&self, status: u16) -> ErrorClass {
        let Some(code) = self.code else {
            return match class_of_status(status) {
                ErrorClass::Refused if self.is_transient => ErrorClass::Transient,
                class => class,
            };
        };
        if (code, self.subcode) == (100, Some(33)) {
            return ErrorClass::Unreachable;
        }
        match class_of_code(code) {
            Some(ErrorClass::Config | ErrorClass::Refused) if self.is_transient => {
                ErrorClass::Transient
            }
            // An application could not be looked up: with this status that is Meta's own trouble.
            Some(ErrorClass::Config) if code == 101 && status >= 500 => ErrorClass::Transient,
            Some(class) => class,
            None if self.is_transient => ErrorClass::Transient,
            None => match class_of_status(status) {
                ErrorClass::Unreachable => ErrorClass::Refused,
                class => class,
            },
        }
    }
}

/// The members of an object, which may be wrapped in a list or in JSON text. `None`: there is no object.
fn members(value: &Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(members) => Some(members.clone()),
        Value::Array(items) => items.iter().find_map(members),
        Value::String(text) => match serde_json::from_str(text).ok()? {
            Value::Object(members) => Some(members),
            _ => None,
        },
        _ => None,
    }
}

/// The text of `error_data`: the member `details` of an object, a text, or those of a list.
fn details(data: &Value) -> String {
    match data {
        Value::Array(items) => {
            let all: Vec<String> = items.iter().map(details).collect();
            all.join(". ")
        }
        data => match (members(data), data) {
            (Some(members), _) => match members.get("details") {
                Some(Value::String(text)) => text.clone(),
                Some(nested @ (Value::Array(_) | Value::Object(_))) => details(nested),
                _ => String::new(),
            },
            (None, Value::String(text)) => text.clone(),
            (None, _) => String::new(),
        },
    }
}

/// A whole number, sent as a number or as text.
fn whole_number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            let number = number.as_f64()?;
            // Exact up to 2^53, far beyond any code.
            (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
        }),
        Value::String(text) => text.trim().trim_start_matches('#').parse().ok(),
        _ => None,
    }
}

/// The code that Meta's messages begin with, e.g. `(#133005) Two step verification PIN Mismatch`. `None`: no code.
fn code_in_message(message: &str) -> Option<i64> {
    let (code, _) = message.trim_start().strip_prefix("(#")?.split_once(')')?;
    code.parse().ok()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(value) => *value,
        Value::String(text) => text.eq_ignore_ascii_case("true") || text == "1",
        Value::Number(number) => number.as_i64() == Some(1),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(error: &str) -> MetaError {
        MetaError::parse(format!(r#"{{"error":{error}}}"#).as_bytes()).unwrap()
    }

    #[test]
    fn error_data_of_any_type_keeps_code_and_trace() {
        for (error_data, seconds) in [
            (r#"{"details":"Try again after 30 seconds"}"#, Some(30)),
            (
                r#""{\"details\":\"Try again after 30 seconds\"}""#,
                Some(30),
            ),
            (r#""Try again after 30 seconds""#, Some(30)),
            (r#"[{"details":"Try again after 30 seconds"}]"#, Some(30)),
            (r#"["no","Try again after 30 seconds"]"#, Some(30)),
            (r#"{"details":["Try again after 30 seconds"]}"#, Some(30)),
            (
                r#"{"details":{"details":"Try again after 30 seconds"}}"#,
                Some(30),
            ),
            ("null", None),
            ("[]", None),
            ("{}", None),
            ("7", None),
            ("true", None),
            (r#"{"details":null}"#, None),
            (r#"{"details":7}"#, None),
            (r#""""#, None),
            (r#""{\"details\":""#, None),
        ] {
            let error = parse(&format!(
                r#"{{"code":133005,"error_subcode":2494,"fbtrace_id":"A1","error_data":{error_data}}}"#
            ));
            let expected = MetaError {
                code: Some(133_005),
                subcode: Some(2_494),
                is_transient: false,
                fbtrace_id: Some("A1".into()),
                wait: seconds.map(Duration::from_secs),
            };
            assert_eq!(error, expected, "{error_data}");
        }
    }

    #[test]
    fn codes_are_read_as_numbers_and_as_text() {
        for (code, want) in [
            ("80007", Some(80_007)),
            (r#""80007""#, Some(80_007)),
            (r#"" #80007 ""#, Some(80_007)),
            ("80007.0", Some(80_007)),
            ("-1", Some(-1)),
            ("null", None),
            ("[80007]", None),
            (r#""eighty""#, None),
            ("1e400", None),
        ] {
            let body = format!(r#"{{"error":{{"code":{code},"fbtrace_id":7}}}}"#);
            let Some(error) = MetaError::parse(body.as_bytes()) else {
                assert_eq!(code, "1e400", "only this is no JSON number of ours");
                continue;
            };
            assert_eq!(error.code, want, "{code}");
            assert_eq!(error.fbtrace_id.as_deref(), Some("7"));
        }
        let message = parse(r#"{"message":"(#133005) Two step verification PIN Mismatch"}"#);
        assert_eq!(message.code, Some(133_005));
    }

    #[test]
    fn error_of_any_type_is_an_error() {
        for (error, code) in [
            (r#""something""#, None),
            (r#""{\"code\":190}""#, Some(190)),
            (r#"[{"code":190}]"#, Some(190)),
            ("[]", None),
            ("{}", None),
            ("true", None),
            ("7", None),
        ] {
            assert_eq!(parse(error).code, code, "{error}");
        }
        for body in [
            "",
            "<html>",
            "[]",
            "null",
            r#"{"error":null}"#,
            r#"{"error":false}"#,
            r#"{"errors":[]}"#,
            r#"{"success":true}"#,
        ] {
            assert_eq!(MetaError::parse(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn transient_flag_and_status_decide_where_the_code_does_not() {
        for (error, status, want) in [
            (r#"{"code":987654}"#, 400, ErrorClass::Refused),
            (r#"{"code":987654}"#, 404, ErrorClass::Refused),
            (r#"{"code":987654}"#, 500, ErrorClass::Indeterminate),
            (r#"{"code":987654}"#, 429, ErrorClass::Rate),
            (
                r#"{"code":987654,"is_transient":true}"#,
                400,
                ErrorClass::Transient,
            ),
            (
                r#"{"code":987654,"is_transient":"true"}"#,
                400,
                ErrorClass::Transient,
            ),
            (
                r#"{"code":987654,"is_transient":1}"#,
                400,
                ErrorClass::Transient,
            ),
            (
                r#"{"code":987654,"is_transient":"no"}"#,
                400,
                ErrorClass::Refused,
            ),
            (
                r#"{"code":10,"is_transient":true}"#,
                403,
                ErrorClass::Transient,
            ),
            (r#"{"code":3}"#, 500, ErrorClass::Config),
            (
                r#"{"code":190,"is_transient":true}"#,
                401,
                ErrorClass::Token,
            ),
            (r#"{"code":101}"#, 400, ErrorClass::Config),
            (r#"{"code":101}"#, 500, ErrorClass::Transient),
            (
                r#"{"code":101,"message":"Cannot get application info due to a system error."}"#,
                400,
                ErrorClass::Transient,
            ),
            (r#"{"is_transient":true}"#, 400, ErrorClass::Transient),
            ("{}", 400, ErrorClass::Refused),
            ("{}", 503, ErrorClass::Indeterminate),
        ] {
            assert_eq!(parse(error).class(status), want, "{status} {error}");
        }
    }
}
