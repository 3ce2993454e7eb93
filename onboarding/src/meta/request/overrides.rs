//! Calls about addresses that Meta sends messages to in place of the app's callback URL
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/override>). That of a number
//! comes first, then that of its account, then the app's. They are for messages, chats and calls; changes of the account,
//! its numbers and its templates always go to the app. Meta calls an address for its handshake before it sets it. Verify
//! tokens stand in the body, because they are secrets.

use super::call::{BusinessToken, Call, get, node, post};
use crate::crypto::Secret;
use embark_protocol::{PhoneNumberId, WabaId};
use serde_json::json;

/// `POST /{waba}/subscribed_apps` with an address: sets it for the account. The app must be subscribed already.
pub fn set_account_override(
    id: &WabaId,
    callback_url: &str,
    verify_token: &Secret,
) -> Call<BusinessToken> {
    let json = json!({"override_callback_uri": callback_url, "verify_token": verify_token.expose_secret()});
    let path = node(id.as_str(), "/subscribed_apps");
    post("set_account_override", path).with_body(JSON, json.to_string())
}

/// `GET /{phone}?fields=webhook_configuration`: reads the addresses that count for a number.
pub fn number_override(id: &PhoneNumberId) -> Call<BusinessToken> {
    get("number_override", node(id.as_str(), "")).with("fields", "webhook_configuration".into())
}

/// `POST /{phone}` with an address: sets it for the number.
pub fn set_number_override(
    id: &PhoneNumberId,
    callback_url: &str,
    verify_token: &Secret,
) -> Call<BusinessToken> {
    let json = json!({"webhook_configuration": {"override_callback_uri": callback_url,
        "verify_token": verify_token.expose_secret()}});
    post("set_number_override", node(id.as_str(), "")).with_body(JSON, json.to_string())
}

/// `POST /{phone}` with an empty address: the number has none of its own any more.
pub fn clear_number_override(id: &PhoneNumberId) -> Call<BusinessToken> {
    let json = json!({"webhook_configuration": {"override_callback_uri": ""}});
    post("clear_number_override", node(id.as_str(), "")).with_body(JSON, json.to_string())
}

/// `POST /{waba}/subscribed_apps` without parameters, as [`subscribe`](super::subscribe): the account has no address of its
/// own any more, and the app is subscribed.
pub fn clear_account_override(id: &WabaId) -> Call<BusinessToken> {
    let path = node(id.as_str(), "/subscribed_apps");
    post("clear_account_override", path)
}

const JSON: &str = "application/json";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meta::request::Method;
    use crate::meta::request::endpoints::tests::credentials;

    #[test]
    fn override_calls_are_as_documented() {
        let credentials = credentials();
        let waba = WabaId::parse("5000000000000001").unwrap();
        let phone = PhoneNumberId::parse("6000000000000001").unwrap();
        let (token, url) = (Secret::new("verify".into()), "https://crm.example/w");
        let account = "/v25.0/5000000000000001/subscribed_apps?";
        let number = "/v25.0/6000000000000001?";
        for (call, method, target, body) in [
            (
                set_account_override(&waba, url, &token),
                Method::Post,
                account,
                Some(
                    r#"{"override_callback_uri":"https://crm.example/w","verify_token":"verify"}"#,
                ),
            ),
            (clear_account_override(&waba), Method::Post, account, None),
            (
                set_number_override(&phone, url, &token),
                Method::Post,
                number,
                Some(
                    r#"{"webhook_configuration":{"override_callback_uri":"https://crm.example/w","verify_token":"verify"}}"#,
                ),
            ),
            (
                clear_number_override(&phone),
                Method::Post,
                number,
                Some(r#"{"webhook_configuration":{"override_callback_uri":""}}"#),
            ),
            (
                number_override(&phone),
                Method::Get,
                "/v25.0/6000000000000001?fields=webhook_configuration&",
                None,
            ),
        ] {
            let request = call.sign(&credentials, &Secret::new("EAAtoken".into()));
            assert_eq!(request.method, method, "{}", request.name);
            assert!(request.target.starts_with(target), "{}", request.target);
            assert!(!request.target.contains("verify"), "{}", request.target);
            let sent = request.body.as_ref().map(|body| body.text.expose_secret());
            assert_eq!(sent, body, "{}", request.name);
        }
    }
}
