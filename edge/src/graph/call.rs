//! A Graph request as a value. The kind of token a call takes is part of its type: a business token
//! cannot sign a system call. Tokens travel in the Authorization header, never in a URL, and every
//! business- and system-token call carries `appsecret_proof` ("Secure Graph API calls").

use crate::seal::{Secret, hex, hmac_sha256};
use core::fmt;
use core::marker::PhantomData;
use embark_protocol::{BusinessId, MetaAppId, PhoneNumberId, WabaId};
use serde::{Deserialize, Serialize};

/// What every call of one Meta app needs.
#[derive(Clone)]
pub struct Access {
    pub app_id: MetaAppId,
    /// e.g. `v25.0`.
    pub version: String,
    pub secret: Secret,
    /// What the last exchange of this app took for its redirect_uri.
    pub redirect: Redirect,
    /// The partner's system token, where one is set up.
    pub system: Option<Secret>,
    /// The partner's own portfolio.
    pub partner: Option<BusinessId>,
}

/// Which redirect_uri the exchange of an SDK's code wants; not documented, so it is found out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Redirect {
    /// The field left out.
    #[default]
    Omitted,
    /// The one of the SDK's own dialog.
    Captured,
    Empty,
    /// The page's own address.
    Page,
}

impl Redirect {
    pub const ALL: [Self; 4] = [Self::Omitted, Self::Captured, Self::Empty, Self::Page];

    /// As it is published for the next exchange.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Omitted => "omitted",
            Self::Captured => "captured",
            Self::Empty => "empty",
            Self::Page => "page",
        }
    }
}

/// Ready to be sent; the host adds Graph's origin. Prints without its secrets.
#[derive(Clone)]
pub struct Request {
    /// For logs and journals, e.g. `register`.
    pub name: &'static str,
    pub method: Method,
    /// Path and query, beginning with `/`.
    pub target: String,
    pub bearer: Option<Secret>,
    pub body: Option<Body>,
    /// Milliseconds until the call counts as unheard.
    pub deadline_ms: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Delete,
}

#[derive(Clone)]
pub struct Body {
    pub content_type: &'static str,
    pub text: Secret,
}

/// Signed with the customer's token.
pub enum Business {}
/// Signed with the partner's system token.
pub enum System {}
/// Signed with `id|secret`.
pub enum App {}
/// Carries its proof in the body.
pub enum Nobody {}

/// A call that still wants its token.
pub struct Call<Kind> {
    name: &'static str,
    method: Method,
    path: String,
    query: Vec<(&'static str, String)>,
    body: Option<Body>,
    deadline_ms: u32,
    kind: PhantomData<Kind>,
}

impl Call<Business> {
    pub fn sign(self, access: &Access, token: &Secret) -> Request {
        self.proven(access, token)
    }
}

impl Call<System> {
    /// `None`: the app has no system token.
    pub fn sign(self, access: &Access) -> Option<Request> {
        Some(self.proven(access, access.system.as_ref()?))
    }
}

impl Call<App> {
    pub fn sign(self, access: &Access) -> Request {
        let token = [access.app_id.as_str(), "|", access.secret.secret()].concat();
        self.request(access, Some(Secret::new(token)))
    }
}

impl Call<Nobody> {
    pub fn sign(self, access: &Access) -> Request {
        self.request(access, None)
    }
}

/// `POST /oauth/access_token`: code → business token. The form keeps secret and code out of URLs
/// ("Onboarding customers as a Tech Provider", step 1; the documented GET takes the same names).
pub fn exchange(access: &Access, code: &Secret, redirect_uri: Option<&str>) -> Call<Nobody> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("client_id", access.app_id.as_str());
    form.append_pair("client_secret", access.secret.secret());
    form.append_pair("code", code.secret());
    if let Some(uri) = redirect_uri {
        form.append_pair("redirect_uri", uri);
    }
    let body = Body {
        content_type: "application/x-www-form-urlencoded",
        text: Secret::new(form.finish()),
    };
    // The code lives 30 s in all; a retry must still fit.
    Call {
        deadline_ms: 10_000,
        body: Some(body),
        ..post("exchange", "/oauth/access_token".into())
    }
}

/// `GET /debug_token` ("Debugging and errors", token inspection).
pub fn debug_token(token: &Secret) -> Call<App> {
    let call = get("debug_token", "/debug_token".into());
    Call {
        query: vec![("input_token", token.secret().to_owned())],
        ..call
    }
}

/// `GET /{waba}`.
pub fn waba(id: &WabaId) -> Call<Business> {
    let fields = "id,name,currency,owner_business_info,account_review_status,primary_funding_id";
    Call {
        query: vec![("fields", fields.into())],
        ..get("waba", node(id.as_str(), ""))
    }
}

/// `GET /{waba}/phone_numbers`.
pub fn phone_numbers(id: &WabaId) -> Call<Business> {
    let query = vec![("fields", PHONE_FIELDS.into()), ("limit", "200".into())];
    Call {
        query,
        ..get("phone_numbers", node(id.as_str(), "/phone_numbers"))
    }
}

/// `GET /{phone}`.
pub fn phone(id: &PhoneNumberId) -> Call<Business> {
    Call {
        query: vec![("fields", PHONE_FIELDS.into())],
        ..get("phone", node(id.as_str(), ""))
    }
}

/// `GET /{waba}/subscribed_apps`.
pub fn subscribed_apps(id: &WabaId) -> Call<Business> {
    get("subscribed_apps", node(id.as_str(), "/subscribed_apps"))
}

/// `POST /{waba}/subscribed_apps`, bare: subscribes the app that owns the token. A bare POST clears an
/// override that is set ("Webhook overrides"), so it is sent only where our app is not listed.
pub fn subscribe(id: &WabaId) -> Call<Business> {
    post("subscribe", node(id.as_str(), "/subscribed_apps"))
}

/// `POST /{phone}/register` ("Registration").
pub fn register(id: &PhoneNumberId, pin: &Secret) -> Call<Business> {
    let path = node(id.as_str(), "/register");
    let json = [
        r#"{"messaging_product":"whatsapp","pin":""#,
        pin.secret(),
        r#""}"#,
    ];
    post_json("register", path, &json)
}

/// `GET /{app}/subscriptions`: what the app's webhook listens to.
pub fn subscriptions(access: &Access) -> Call<App> {
    get(
        "subscriptions",
        node(access.app_id.as_str(), "/subscriptions"),
    )
}

/// `POST /{phone}/smb_app_data` ("Onboarding business app users", "Synchronize").
pub fn sync(id: &PhoneNumberId, kind: &'static str) -> Call<Business> {
    let path = node(id.as_str(), "/smb_app_data");
    let json = [
        r#"{"messaging_product":"whatsapp","sync_type":""#,
        kind,
        r#""}"#,
    ];
    post_json("smb_app_data", path, &json)
}

/// `POST /{phone}/request_code`. `method` is `SMS` or `VOICE`.
pub fn request_code(id: &PhoneNumberId, method: &'static str, language: &str) -> Call<Business> {
    let query = vec![
        ("code_method", method.to_owned()),
        ("language", language.to_owned()),
    ];
    Call {
        query,
        ..post("request_code", node(id.as_str(), "/request_code"))
    }
}

/// `POST /{phone}/verify_code`. The code stands in the body: it is a secret for a while.
pub fn verify_code(id: &PhoneNumberId, code: &Secret) -> Call<Business> {
    let path = node(id.as_str(), "/verify_code");
    post_json(
        "verify_code",
        path,
        &[r#"{"code":""#, code.secret(), r#""}"#],
    )
}

pub(super) const PHONE_FIELDS: &str = "id,display_phone_number,verified_name,code_verification_status,\
                            quality_rating,platform_type,status,name_status,is_on_biz_app,is_pin_enabled";

/// Meta answers within seconds or not at all; a Durable Object must not be pinned by one call.
const DEADLINE_MS: u32 = 20_000;

pub(super) fn get<Kind>(name: &'static str, path: String) -> Call<Kind> {
    let method = Method::Get;
    Call {
        name,
        method,
        path,
        query: vec![],
        body: None,
        deadline_ms: DEADLINE_MS,
        kind: PhantomData,
    }
}

pub(super) fn post<Kind>(name: &'static str, path: String) -> Call<Kind> {
    Call {
        method: Method::Post,
        ..get(name, path)
    }
}

/// The pieces of its body stand in it as they are: digits and words, nothing that JSON would escape.
fn post_json<Kind>(name: &'static str, path: String, json: &[&str]) -> Call<Kind> {
    let body = Body {
        content_type: "application/json",
        text: Secret::new(json.concat()),
    };
    Call {
        body: Some(body),
        ..post(name, path)
    }
}

pub(super) fn node(id: &str, edge: &str) -> String {
    ["/", id, edge].concat()
}

impl<Kind> Call<Kind> {
    /// Adds a parameter to the address.
    pub(super) fn with(mut self, name: &'static str, value: String) -> Self {
        self.query.push((name, value));
        self
    }

    fn proven(self, access: &Access, token: &Secret) -> Request {
        let proof = hmac_sha256(access.secret.secret().as_bytes(), token.secret().as_bytes());
        let proven = self.with("appsecret_proof", hex(&proof));
        proven.request(access, Some(token.clone()))
    }

    fn request(self, access: &Access, bearer: Option<Secret>) -> Request {
        let mut target = ["/", access.version.as_str(), self.path.as_str()].concat();
        if !self.query.is_empty() {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(self.query);
            target.push('?');
            target.push_str(&query.finish());
        }
        let Call {
            name,
            method,
            body,
            deadline_ms,
            ..
        } = self;
        Request {
            name,
            method,
            target,
            bearer,
            body,
            deadline_ms,
        }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The target of debug_token holds a token: the name is all that is shown.
        write!(f, "Request({} {:?})", self.name, self.method)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access() -> Access {
        Access {
            app_id: MetaAppId::parse("1000000000000001").unwrap(),
            version: "v25.0".into(),
            secret: Secret::new("app-secret".into()),
            redirect: Redirect::Omitted,
            system: None,
            partner: None,
        }
    }

    #[test]
    fn a_business_call_carries_bearer_and_proof() {
        let id = WabaId::parse("5000000000000001").unwrap();
        let request = subscribe(&id).sign(&access(), &Secret::new("EAAtoken".into()));
        let proof = hex(&hmac_sha256(b"app-secret", b"EAAtoken"));
        let want = format!("/v25.0/5000000000000001/subscribed_apps?appsecret_proof={proof}");
        assert_eq!((request.method, request.target), (Method::Post, want));
        assert_eq!(request.bearer.unwrap().secret(), "EAAtoken");
    }

    #[test]
    fn debug_token_is_signed_by_the_app() {
        let request = debug_token(&Secret::new("EAA".into())).sign(&access());
        assert_eq!(
            request.bearer.unwrap().secret(),
            "1000000000000001|app-secret"
        );
        assert_eq!(request.target, "/v25.0/debug_token?input_token=EAA");
    }

    #[test]
    fn the_exchange_keeps_secrets_out_of_the_url() {
        let request = exchange(&access(), &Secret::new("c&d".into()), Some("")).sign(&access());
        assert_eq!(request.target, "/v25.0/oauth/access_token");
        let body = request.body.unwrap();
        let want = "client_id=1000000000000001&client_secret=app-secret&code=c%26d&redirect_uri=";
        assert_eq!(body.text.secret(), want);
        assert!(request.bearer.is_none());
    }

    #[test]
    fn a_request_prints_no_secret() {
        let request = debug_token(&Secret::new("EAAtoken".into())).sign(&access());
        assert_eq!(format!("{request:?}"), "Request(debug_token Get)");
    }
}
