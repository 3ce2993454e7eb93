//! The calls of a signup, by endpoint. Those of credit lines and of health are in
//! [`credit`](crate::meta::credit) and [`health`](crate::meta::health).

use super::call::{AppToken, BusinessToken, Call, NoToken, SystemToken, get, node, post};
use super::credentials::AppCredentials;
use crate::crypto::Secret;
use core::time::Duration;
use embark_protocol::{BusinessId, PhoneNumberId, WabaId};
use serde_json::json;

/// `POST /oauth/access_token`: exchanges the authorization code for the customer's business token
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-customers-as-a-tech-provider>).
/// The page shows a `GET`; the form takes the same names and keeps secret and code out of URLs.
pub fn exchange(
    credentials: &AppCredentials,
    code: &Secret,
    redirect_uri: Option<&str>,
) -> Call<NoToken> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("client_id", credentials.app_id.as_str());
    form.append_pair("client_secret", credentials.secret.expose_secret());
    form.append_pair("code", code.expose_secret());
    if let Some(uri) = redirect_uri {
        form.append_pair("redirect_uri", uri);
    }
    post("exchange", "/oauth/access_token".into())
        .with_body("application/x-www-form-urlencoded", form.finish())
        // A code is valid for 30 s: a second attempt must fit in.
        .with_deadline(Duration::from_secs(10))
}

/// `POST /{business}/system_user_access_tokens` with `fetch_only`: the business token of a customer who shared an account with
/// the app
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/hosted-es>).
pub fn system_user_token(business: &BusinessId) -> Call<SystemToken> {
    let path = node(business.as_str(), "/system_user_access_tokens");
    post("system_user_token", path).with_body(
        "application/x-www-form-urlencoded",
        "fetch_only=true".into(),
    )
}

/// `GET /debug_token`: inspects a token
/// (<https://developers.facebook.com/docs/graph-api/reference/debug_token>).
pub fn debug_token(token: &Secret) -> Call<AppToken> {
    get("debug_token", "/debug_token".into()).with("input_token", token.expose_secret().to_owned())
}

/// `GET /{waba}`: reads an account
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/manage-accounts>).
pub fn waba(id: &WabaId) -> Call<BusinessToken> {
    let fields = "id,name,currency,owner_business_info,account_review_status,primary_funding_id";
    get("waba", node(id.as_str(), "")).with("fields", fields.into())
}

/// `GET /{waba}/phone_numbers`: lists the numbers of an account
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/manage-phone-numbers>).
pub fn phone_numbers(id: &WabaId) -> Call<BusinessToken> {
    get("phone_numbers", node(id.as_str(), "/phone_numbers"))
        .with("fields", PHONE_FIELDS.into())
        .with("limit", "200".into())
}

/// `GET /{phone}`: reads a number
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/manage-phone-numbers>).
pub fn phone(id: &PhoneNumberId) -> Call<BusinessToken> {
    get("phone", node(id.as_str(), "")).with("fields", PHONE_FIELDS.into())
}

/// `GET /{waba}/subscribed_apps`: lists the apps that receive an account's webhooks
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/manage-accounts>).
pub fn subscribed_apps(id: &WabaId) -> Call<BusinessToken> {
    get("subscribed_apps", node(id.as_str(), "/subscribed_apps"))
}

/// `POST /{waba}/subscribed_apps` without parameters: subscribes the app that the token belongs to. It would clear an
/// existing override of the webhook's URL
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/override>), so it is sent
/// only while the app is not subscribed.
pub fn subscribe(id: &WabaId) -> Call<BusinessToken> {
    post("subscribe", node(id.as_str(), "/subscribed_apps"))
}

/// `POST /{phone}/register`: registers a number with the Cloud API and sets its two-step verification PIN
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/registration>).
pub fn register(id: &PhoneNumberId, pin: &Secret) -> Call<BusinessToken> {
    let json = json!({"messaging_product": "whatsapp", "pin": pin.expose_secret()});
    post("register", node(id.as_str(), "/register")).with_body(JSON, json.to_string())
}

/// `POST /{phone}/deregister`: completes the deregistration of a number that Meta began
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/registration>).
pub fn deregister(id: &PhoneNumberId) -> Call<BusinessToken> {
    let json = json!({"messaging_product": "whatsapp"});
    post("deregister", node(id.as_str(), "/deregister")).with_body(JSON, json.to_string())
}

/// `GET /{app}/subscriptions`: reads the app's webhooks
/// (<https://developers.facebook.com/docs/graph-api/reference/app/subscriptions/>).
pub fn subscriptions(credentials: &AppCredentials) -> Call<AppToken> {
    let path = node(credentials.app_id.as_str(), "/subscriptions");
    get("subscriptions", path)
}

/// `POST /{app}/subscriptions`: sets callback URL and fields of the app's webhook for WhatsApp accounts, after a handshake with the
/// URL (<https://developers.facebook.com/docs/graph-api/reference/app/subscriptions/>). The verify token stands in the body,
/// because it is a secret.
pub fn set_subscription(
    credentials: &AppCredentials,
    verify_token: &Secret,
    fields: &[String],
) -> Call<AppToken> {
    let path = node(credentials.app_id.as_str(), "/subscriptions");
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("object", "whatsapp_business_account");
    form.append_pair("callback_url", &credentials.webhook_url);
    form.append_pair("verify_token", verify_token.expose_secret());
    form.append_pair("fields", &fields.join(","));
    post("set_subscription", path).with_body("application/x-www-form-urlencoded", form.finish())
}

/// `POST /{phone}/smb_app_data`: requests the contacts or the chats of a number that stays in the WhatsApp Business
/// app. `sync_type` is `smb_app_state_sync` or `history`
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-business-app-users>).
pub fn sync(id: &PhoneNumberId, sync_type: &'static str) -> Call<BusinessToken> {
    let json = json!({"messaging_product": "whatsapp", "sync_type": sync_type});
    post("smb_app_data", node(id.as_str(), "/smb_app_data")).with_body(JSON, json.to_string())
}

/// `POST /{phone}/request_code`: sends a verification code to a number. `method` is `SMS` or `VOICE`
/// (<https://developers.facebook.com/docs/graph-api/reference/whats-app-business-account-to-number-current-status/request_code>).
pub fn request_code(
    id: &PhoneNumberId,
    method: &'static str,
    language: &str,
) -> Call<BusinessToken> {
    post("request_code", node(id.as_str(), "/request_code"))
        .with("code_method", method.to_owned())
        .with("language", language.to_owned())
}

/// `POST /{phone}/verify_code`: verifies a number with the code that it received
/// (<https://developers.facebook.com/docs/graph-api/reference/whats-app-business-account-to-number-current-status/verify_code>).
/// The code stands in the body, because it is a secret until it is used.
pub fn verify_code(id: &PhoneNumberId, code: &Secret) -> Call<BusinessToken> {
    let json = json!({"code": code.expose_secret()});
    post("verify_code", node(id.as_str(), "/verify_code")).with_body(JSON, json.to_string())
}

/// The fields of a number that a signup reads.
pub(in crate::meta) const PHONE_FIELDS: &str = "id,display_phone_number,verified_name,code_verification_status,\
                            quality_rating,platform_type,status,name_status,is_on_biz_app,is_pin_enabled";

const JSON: &str = "application/json";

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::crypto::{hex, hmac_sha256};
    use crate::meta::request::{Method, RedirectUriVariant};
    use embark_protocol::MetaAppId;

    /// Of an app without a system token.
    pub(in crate::meta::request) fn credentials() -> AppCredentials {
        AppCredentials {
            app_id: MetaAppId::parse("1000000000000001").unwrap(),
            version: "v25.0".into(),
            secret: Secret::new("app-secret".into()),
            redirect_uri_variant: RedirectUriVariant::Omitted,
            system_token: None,
            partner_business: None,
            webhook_url: "https://signup.example/v1/webhooks/meta/main".into(),
        }
    }

    #[test]
    fn business_call_carries_bearer_and_proof() {
        let id = WabaId::parse("5000000000000001").unwrap();
        let request = subscribe(&id).sign(&credentials(), &Secret::new("EAAtoken".into()));
        let proof = hex(&hmac_sha256(b"app-secret", b"EAAtoken"));
        let want = format!("/v25.0/5000000000000001/subscribed_apps?appsecret_proof={proof}");
        assert_eq!((request.method, request.target), (Method::Post, want));
        assert_eq!(request.bearer.unwrap().expose_secret(), "EAAtoken");
    }

    #[test]
    fn debug_token_is_signed_with_the_app_token() {
        let request = debug_token(&Secret::new("EAA".into())).sign(&credentials());
        assert_eq!(
            request.bearer.unwrap().expose_secret(),
            "1000000000000001|app-secret"
        );
        assert_eq!(request.target, "/v25.0/debug_token?input_token=EAA");
    }

    #[test]
    fn exchange_keeps_secrets_out_of_the_url() {
        let request =
            exchange(&credentials(), &Secret::new("c&d".into()), Some("")).sign(&credentials());
        assert_eq!(request.target, "/v25.0/oauth/access_token");
        let body = request.body.unwrap();
        let want = "client_id=1000000000000001&client_secret=app-secret&code=c%26d&redirect_uri=";
        assert_eq!(body.text.expose_secret(), want);
        assert!(request.bearer.is_none());
    }

    #[test]
    fn graph_request_debug_form_has_no_secret() {
        let request = debug_token(&Secret::new("EAAtoken".into())).sign(&credentials());
        assert_eq!(format!("{request:?}"), "GraphRequest(debug_token Get)");
    }

    #[test]
    fn json_bodies_have_the_documented_fields() {
        let id = PhoneNumberId::parse("6000000000000001").unwrap();
        let token = Secret::new("EAAtoken".into());
        for (call, want) in [
            (
                register(&id, &Secret::new("123456".into())),
                r#"{"messaging_product":"whatsapp","pin":"123456"}"#,
            ),
            (
                sync(&id, "history"),
                r#"{"messaging_product":"whatsapp","sync_type":"history"}"#,
            ),
            (
                verify_code(&id, &Secret::new("654321".into())),
                r#"{"code":"654321"}"#,
            ),
        ] {
            let body = call.sign(&credentials(), &token).body.unwrap();
            assert_eq!(body.content_type, "application/json");
            assert_eq!(body.text.expose_secret(), want);
        }
    }
}
