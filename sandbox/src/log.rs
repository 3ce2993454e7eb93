//! The request log: every call to Graph, every SDK and dialog hit, without a single secret in it.

use crate::fault::glob;
use crate::world::digest;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    pub n: usize,
    /// Milliseconds since the sandbox started or was reset.
    pub at_ms: u64,
    pub method: String,
    pub path: String,
    /// The `Host` header: tells SDK, dialog and Graph apart under Meta's names.
    pub host: String,
    pub query: Value,
    pub body: Value,
    /// Of requests to other providers than Meta.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headers: Option<Value>,
    pub token_kind: &'static str,
    /// First 8 hex digits of the token's SHA-256.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    pub proof: &'static str,
    /// What the client was answered; 0 = the connection was cut.
    pub status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_subcode: Option<i64>,
    /// The world changed.
    pub effect: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<&'static str>,
}

/// `?path=glob&method=&effect=true` of the log and of the count.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Filter {
    path: Option<String>,
    method: Option<String>,
    effect: Option<bool>,
    /// Only entries after this `n`.
    after: Option<usize>,
}

impl Filter {
    pub fn wants(&self, entry: &Entry) -> bool {
        self.path
            .as_deref()
            .is_none_or(|pattern| glob(pattern, &entry.path))
            && self
                .method
                .as_deref()
                .is_none_or(|m| m.is_empty() || m.eq_ignore_ascii_case(&entry.method))
            && self.effect.is_none_or(|effect| effect == entry.effect)
            && self.after.is_none_or(|n| entry.n > n)
    }
}

/// The same value with every secret replaced by `sha256:` and eight hex digits.
pub fn masked(params: &Map<String, Value>) -> Value {
    let mask = |(key, value): (&String, &Value)| {
        let value = match value {
            Value::Object(_) | Value::Array(_) => masked_item(value),
            Value::Null => Value::Null,
            plain if SECRETS.contains(&key.as_str()) => mask_text(&text(plain)),
            plain => plain.clone(),
        };
        (key.clone(), value)
    };
    Value::Object(params.iter().map(mask).collect())
}

/// Headers that carry credentials keep their names only.
pub fn masked_headers(headers: &BTreeMap<String, String>) -> Value {
    let mask = |(name, value): (&String, &String)| {
        let secret = SECRET_HEADERS.iter().any(|word| name.contains(word));
        let shown = if secret {
            mask_text(value)
        } else {
            value.clone().into()
        };
        (name.clone(), shown)
    };
    Value::Object(headers.iter().map(mask).collect())
}

pub fn masked_item(value: &Value) -> Value {
    match value {
        Value::Object(fields) => masked(fields),
        Value::Array(items) => items.iter().map(masked_item).collect(),
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

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

const SECRET_HEADERS: &[&str] = &[
    "authorization",
    "cookie",
    "key",
    "password",
    "secret",
    "token",
];
const SECRETS: &[&str] = &[
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
    fn headers_with_credentials_are_named_only() {
        let headers = BTreeMap::from(
            [
                ("authorization", "App K3Y"),
                ("x-api-key", "K3Y"),
                ("x-request-id", "7"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        let shown = masked_headers(&headers);
        assert!(!shown.to_string().contains("K3Y"), "{shown}");
        let digest = format!("sha256:{}", digest("App K3Y"));
        assert_eq!(shown["authorization"], digest);
        assert_eq!(shown["x-request-id"], "7");
    }

    #[test]
    fn no_secret_survives_at_any_depth() {
        let params = json!({"client_id": "1", "client_secret": "S3", "code": "C0DE", "pin": 123456,
            "a": {"verify_token": "V"}, "list": [{"access_token": "T"}], "redirect_uri": ""});
        let shown = masked(params.as_object().expect("object")).to_string();
        for secret in ["S3", "C0DE", "123456", "\"V\"", "\"T\""] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        assert!(
            shown.contains(&format!("sha256:{}", digest("C0DE"))),
            "{shown}"
        );
        assert!(shown.contains("\"client_id\":\"1\""), "{shown}");
    }
}
