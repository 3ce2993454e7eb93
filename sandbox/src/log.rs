//! The request log: one entry per request (control API excepted), with secrets replaced by their digest.

use crate::glob::glob_matches;
use crate::world::digest;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One request, in the order of their effects.
#[derive(Debug, Clone, Serialize)]
pub struct LogEntry {
    /// Counts from 1.
    pub n: usize,
    /// Milliseconds since the sandbox started or was reset.
    pub at_ms: u64,
    pub method: String,
    pub path: String,
    /// The `Host` header; under Meta's host names it says whether the request went to SDK, dialog or Graph API.
    pub host: String,
    pub query: Value,
    pub body: Value,
    /// Only of requests to other providers than Meta.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headers: Option<Value>,
    /// `business`, `system`, `app`, `none`, `unknown`; `provider` or `none` for other providers than Meta.
    pub token_kind: &'static str,
    /// [`digest`] of the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Of `appsecret_proof`: `ok`, `missing`, `wrong`, or `none` where the kind of token needs none.
    pub proof: &'static str,
    /// Status the client received; 0: the connection was reset before a response.
    pub status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_subcode: Option<i64>,
    /// The request succeeded and changed something.
    pub effect: bool,
    /// Kind of the fault that applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<&'static str>,
}

/// The query of `GET /_sandbox/log` and `/_sandbox/count`: `?path=glob&method=&effect=true&after=n`.
#[derive(Debug, Default, Deserialize)]
pub struct LogFilter {
    /// Glob over the whole path.
    path: Option<String>,
    /// Empty: any.
    method: Option<String>,
    effect: Option<bool>,
    /// Only entries with a larger `n`.
    after: Option<usize>,
}

impl LogFilter {
    pub fn matches(&self, entry: &LogEntry) -> bool {
        self.path
            .as_deref()
            .is_none_or(|pattern| glob_matches(pattern, &entry.path))
            && self
                .method
                .as_deref()
                .is_none_or(|m| m.is_empty() || m.eq_ignore_ascii_case(&entry.method))
            && self.effect.is_none_or(|effect| effect == entry.effect)
            && self.after.is_none_or(|n| entry.n > n)
    }
}

/// The same parameters, with every secret replaced by `sha256:` and its digest, at any depth.
pub fn mask_params(params: &Map<String, Value>) -> Value {
    let mask = |(key, value): (&String, &Value)| {
        let value = match value {
            Value::Object(_) | Value::Array(_) => mask_value(value),
            Value::Null => Value::Null,
            plain if SECRET_PARAMS.contains(&key.as_str()) => mask_text(&plain_text(plain)),
            plain => plain.clone(),
        };
        (key.clone(), value)
    };
    Value::Object(params.iter().map(mask).collect())
}

/// The same headers; of those that carry credentials only the digest.
pub fn mask_headers(headers: &BTreeMap<String, String>) -> Value {
    let mask = |(name, value): (&String, &String)| {
        let is_secret = SECRET_HEADERS.iter().any(|part| name.contains(part));
        let masked = if is_secret {
            mask_text(value)
        } else {
            value.clone().into()
        };
        (name.clone(), masked)
    };
    Value::Object(headers.iter().map(mask).collect())
}

/// The same value, with the secrets of every object in it replaced as in [`mask_params`].
pub fn mask_value(value: &Value) -> Value {
    match value {
        Value::Object(fields) => mask_params(fields),
        Value::Array(items) => items.iter().map(mask_value).collect(),
        plain => plain.clone(),
    }
}

fn mask_text(secret: &str) -> Value {
    Value::String(if secret.is_empty() {
        String::new()
    } else {
        format!("sha256:{}", digest(secret))
    })
}

/// A string as it is, any other value as JSON.
fn plain_text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Parts of the names of headers that hold a secret.
const SECRET_HEADERS: &[&str] = &[
    "authorization",
    "cookie",
    "key",
    "password",
    "secret",
    "token",
];
/// Names of parameters that hold a secret.
const SECRET_PARAMS: &[&str] = &[
    "access_token",
    "appsecret_proof",
    "client_secret",
    "code",
    "fb_exchange_token",
    "input_token",
    "otp",
    "password",
    "pin",
    "verification_code",
    "verify_token",
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn header_with_credentials_is_masked() {
        let headers = BTreeMap::from(
            [
                ("authorization", "App K3Y"),
                ("x-api-key", "K3Y"),
                ("x-request-id", "7"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        let masked = mask_headers(&headers);
        assert!(!masked.to_string().contains("K3Y"), "{masked}");
        let digest = format!("sha256:{}", digest("App K3Y"));
        assert_eq!(masked["authorization"], digest);
        assert_eq!(masked["x-request-id"], "7");
    }

    #[test]
    fn secret_param_at_any_depth_is_masked() {
        let params = json!({"client_id": "1", "client_secret": "S3", "code": "C0DE", "pin": 123456,
            "a": {"verify_token": "V"}, "list": [{"access_token": "T"}], "redirect_uri": ""});
        let masked = mask_params(params.as_object().expect("object")).to_string();
        for secret in ["S3", "C0DE", "123456", "\"V\"", "\"T\""] {
            assert!(!masked.contains(secret), "{secret} in {masked}");
        }
        assert!(
            masked.contains(&format!("sha256:{}", digest("C0DE"))),
            "{masked}"
        );
        assert!(masked.contains("\"client_id\":\"1\""), "{masked}");
    }
}
