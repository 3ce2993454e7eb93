//! The wait that the headers of a response name: `Retry-After`
//! (<https://www.rfc-editor.org/rfc/rfc9110#field.retry-after>), and Meta's usage headers, which say per business when
//! calls are let through again (<https://developers.facebook.com/docs/graph-api/overview/rate-limiting/>).

use crate::transport::delay_seconds;
use serde_json::Value;

/// Seconds until the server takes such a call again: the longest wait of all headers. `header` looks one up by its name, in
/// lower case. `None`: no header names a wait. A date in `Retry-After`, which none of the called APIs send, counts as none.
pub fn wait_named_by_headers(header: impl Fn(&str) -> Option<String>) -> Option<u32> {
    let retry_after = header("retry-after").and_then(|text| delay_seconds(text.trim()));
    let retry_after = retry_after.map(|seconds| u32::try_from(seconds).unwrap_or(u32::MAX));
    let usage = USAGE_HEADERS
        .iter()
        .filter_map(|name| wait_of_usage(&header(name)?));
    retry_after.into_iter().chain(usage).max()
}

/// Seconds, from the JSON of a usage header: the longest `estimated_time_to_regain_access`, which is in minutes, of any
/// business, wherever it stands. Rows of Meta's other products are skipped. `None`: no wait, or not JSON.
fn wait_of_usage(header: &str) -> Option<u32> {
    let mut open: Vec<Value> = vec![serde_json::from_str(header).ok()?];
    let mut longest = None;
    while let Some(value) = open.pop() {
        match value {
            Value::Array(values) => open.extend(values),
            Value::Object(mut members) if is_ours(&members) => {
                let wait = members.remove(REGAINED_AFTER);
                longest = longest.max(wait.as_ref().and_then(seconds));
                open.extend(members.into_iter().map(|(_, value)| value));
            }
            _ => {}
        }
    }
    longest
}

/// Whether a row may describe calls of this service: it has no type, or one with `whatsapp`. The same app may use other
/// products of Meta's, whose waits do not concern us.
fn is_ours(row: &serde_json::Map<String, Value>) -> bool {
    let kind = row.get("type").and_then(Value::as_str);
    kind.is_none_or(|kind| kind.to_ascii_lowercase().contains("whatsapp"))
}

/// A time of more than 0 minutes, as a number or as text, in seconds.
fn seconds(minutes: &Value) -> Option<u32> {
    let minutes: f64 = match minutes {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    // The cast saturates.
    (minutes > 0.0).then(|| (minutes * 60.0).ceil() as u32)
}

/// The usage of one business by the app, and of the app.
const USAGE_HEADERS: &[&str] = &["x-business-use-case-usage", "x-app-usage"];
/// Minutes; 0 while calls are let through.
const REGAINED_AFTER: &str = "estimated_time_to_regain_access";

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(headers: &[(&str, &str)]) -> Option<u32> {
        wait_named_by_headers(|name| {
            let found = headers.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn wait_of_usage_headers_is_read_whatever_stands_beside_it() {
        let usage = |header: &str| wait(&[("x-business-use-case-usage", header)]);
        for (header, seconds) in [
            (
                r#"{"5000000000000001":[{"type":"whatsapp","call_count":100,"total_cputime":25,"total_time":25,
                    "estimated_time_to_regain_access":7}]}"#,
                Some(420),
            ),
            // The longest of several rows and businesses.
            (
                r#"{"1":[{"estimated_time_to_regain_access":1},{"type":"WhatsApp_Business","estimated_time_to_regain_access":"3"}],
                    "2":[{"estimated_time_to_regain_access":2}]}"#,
                Some(180),
            ),
            (r#"{"1":{"estimated_time_to_regain_access":0.5}}"#, Some(30)),
            (
                r#"[{"estimated_time_to_regain_access":4.0,"type":7}]"#,
                Some(240),
            ),
            (
                r#"{"1":[{"estimated_time_to_regain_access":1e12}]}"#,
                Some(u32::MAX),
            ),
            // Of another product.
            (
                r#"{"1":[{"type":"ads_insights","estimated_time_to_regain_access":60}]}"#,
                None,
            ),
            (r#"{"1":[{"estimated_time_to_regain_access":0}]}"#, None),
            (r#"{"1":[{"estimated_time_to_regain_access":-5}]}"#, None),
            (
                r#"{"1":[{"estimated_time_to_regain_access":"soon"}]}"#,
                None,
            ),
            (r#"{"1":[{"estimated_time_to_regain_access":null}]}"#, None),
            (r#"{"1":[{"call_count":100}]}"#, None),
            (r#"{"1":"whatsapp"}"#, None),
            ("7", None),
            ("", None),
            ("<html>", None),
        ] {
            assert_eq!(usage(header), seconds, "{header}");
        }
        let app = r#"{"call_count":100,"total_time":100,"total_cputime":100}"#;
        assert_eq!(wait(&[("x-app-usage", app)]), None);
        let app = r#"{"call_count":100,"estimated_time_to_regain_access":2}"#;
        assert_eq!(wait(&[("x-app-usage", app)]), Some(120));
    }

    #[test]
    fn longest_wait_of_all_headers_counts() {
        let usage = r#"{"1":[{"type":"whatsapp","estimated_time_to_regain_access":1}]}"#;
        for (retry_after, seconds) in [
            ("5", 60),
            (" 90 ", 90),
            ("Fri, 31 Dec 1999 23:59:59 GMT", 60),
        ] {
            let headers = [
                ("retry-after", retry_after),
                ("x-business-use-case-usage", usage),
            ];
            assert_eq!(wait(&headers), Some(seconds), "{retry_after}");
        }
        assert_eq!(wait(&[("retry-after", "7")]), Some(7));
        for long in ["4294967296", "99999999999999999999"] {
            assert_eq!(wait(&[("retry-after", long)]), Some(u32::MAX), "{long}");
        }
        assert_eq!(wait(&[]), None);
    }
}
