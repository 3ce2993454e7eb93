//! The addresses that Meta sends messages to in place of the app's callback URL.

use super::response::{graph_error, success};
use embark_onboarding::transport::ApiResult;
use serde_json::{Value, json};

/// The verify token that the addresses know.
pub const VERIFY_TOKEN: &str = "handshake-secret";

/// The addresses, and whether they answer Meta's handshake.
#[derive(Debug, Default)]
pub struct FakeOverrides {
    /// The account's.
    pub account: Option<String>,
    /// The number's.
    pub number: Option<String>,
    /// No address answers the handshake.
    pub handshake_fails: bool,
    /// Changes are accepted and have no effect.
    pub forgets: bool,
}

impl FakeOverrides {
    /// Receives a call about one of them.
    pub fn reply(&mut self, name: &str, body: &str) -> ApiResult {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let of_number = &body["webhook_configuration"];
        match name {
            "set_account_override" => match self.verified(&body) {
                Ok(url) if !self.forgets => self.account = Some(url),
                Ok(_) => {}
                Err(refusal) => return refusal,
            },
            "set_number_override" => match self.verified(of_number) {
                Ok(url) => self.number = Some(url),
                Err(refusal) => return refusal,
            },
            "clear_number_override" => {
                assert_eq!(of_number["override_callback_uri"], "");
                self.number = None;
            }
            _ => {
                return success(
                    json!({"webhook_configuration": {"phone_number": self.number,
                    "whatsapp_business_account": self.account, "application": "https://x.example/"}, "id": "1"}),
                );
            }
        }
        success(json!({"success": true}))
    }

    fn verified(&self, set: &Value) -> Result<String, ApiResult> {
        if self.handshake_fails || set["verify_token"] != VERIFY_TOKEN {
            return Err(graph_error(400, 2_200, None));
        }
        Ok(set["override_callback_uri"].as_str().unwrap().to_owned())
    }
}
