//! The launch document, as the widget reads it: from the frame page, from `/v1/sites/{site}`, or from the caller
//! of `mount`.

use crate::json;
use embark_protocol::{enums::Open, launch};

/// The protocol's launch document.
pub type LaunchDocument = launch::LaunchDocument<Open, LoginOptions>;

/// The options of `FB.login`, which are passed on as they came: a newer Worker may send some that this build does not
/// know.
#[cfg(target_arch = "wasm32")]
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(transparent)]
pub struct LoginOptions(#[serde(with = "serde_wasm_bindgen::preserve")] pub wasm_bindgen::JsValue);
#[cfg(not(target_arch = "wasm32"))]
pub type LoginOptions = serde_json::Value;

/// Version of the document that this widget can read.
const VERSION: u8 = 1;

/// Parses the document. `None` if a required part is missing or malformed, or its version is unknown.
pub fn parse(text: &str) -> Option<LaunchDocument> {
    json::parse(text).filter(is_readable)
}

/// Whether the widget can work with this document.
fn is_readable(launch: &LaunchDocument) -> bool {
    launch.version == VERSION && !launch.grant.is_empty()
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use serde_json::{Value, json};

    pub const SIGNUP: &str = "0123456789abcdef0123456789abcdef";

    pub fn document() -> Value {
        json!({
            "v": 1, "site": "acme", "signup": SIGNUP, "grant": "g.1", "handover": "h.1", "renew_in_ms": 600_000,
            "edge": "https://signup.partner.example", "host": "https://shop.example", "mode": "frame",
            "sdk": {"url": "https://connect.facebook.net/en_US/sdk.js", "app_id": "1000000000000001",
                    "version": "v25.0", "origins": ["https://www.facebook.com"]},
            "login": {"config_id": "3000000000000001", "response_type": "code",
                      "override_default_response_type": true,
                      "extras": {"setup": {}, "sessionInfoVersion": "3"}},
            "page": "/go/acme", "renew": "/v1/sites/acme?host=https%3A%2F%2Fshop.example&mode=frame",
            "lang": "en", "build": "/b/0123456789ab"
        })
    }

    pub fn read(document: &Value) -> Option<LaunchDocument> {
        parse(&document.to_string())
    }

    pub fn launch() -> LaunchDocument {
        read(&document()).unwrap()
    }

    #[test]
    fn document_with_missing_or_malformed_part_is_refused() {
        assert!(read(&document()).is_some());
        for part in [
            "v",
            "site",
            "signup",
            "grant",
            "renew_in_ms",
            "edge",
            "host",
            "mode",
            "sdk",
            "login",
        ] {
            let mut broken = document();
            broken.as_object_mut().unwrap().remove(part);
            assert_eq!(read(&broken), None, "without {part}");
        }
        for (part, value) in [
            ("v", json!(2)),
            ("mode", json!("boat")),
            ("signup", json!("../x")),
            ("site", json!("Acme")),
            ("grant", json!("")),
        ] {
            let mut broken = document();
            broken[part] = value;
            assert_eq!(read(&broken), None, "bad {part}");
        }
    }

    #[test]
    fn document_of_a_newer_worker_is_read_and_login_is_unchanged() {
        let mut newer = document();
        newer["login"]["extras"]["novelty"] = json!({"a": [1, true, "x"]});
        newer["more"] = json!({});
        newer["problem"] = json!({"code": "moon_phase", "remedy": "astrologer"});
        let read = read(&newer).unwrap();
        assert_eq!(read.login, newer["login"]);
        assert_eq!(read.problem.unwrap().code, "moon_phase");
    }

    #[test]
    fn document_of_protocol_is_read() {
        let written: launch::LaunchDocument = serde_json::from_value(document()).unwrap();
        assert!(parse(&serde_json::to_string(&written).unwrap()).is_some());
    }
}
