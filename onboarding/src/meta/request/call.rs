//! A call before and after it is signed.

use super::credentials::AppCredentials;
use crate::crypto::{Secret, hex, hmac_sha256};
use core::fmt;
use core::marker::PhantomData;
use core::time::Duration;

/// A signed request, ready to be sent to the origin of the Graph API.
#[derive(Clone)]
pub struct GraphRequest {
    /// What the request is called in logs, e.g. `register`.
    pub name: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Path and query, beginning with `/`. May hold a token that is inspected: not for logs.
    pub target: String,
    /// The token of the `Authorization: Bearer` header. `None`: no such header.
    pub bearer: Option<Secret>,
    /// `None`: no body.
    pub body: Option<RequestBody>,
    /// How long the response may take.
    pub deadline: Duration,
}

impl fmt::Debug for GraphRequest {
    /// Name and method alone; the rest holds secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GraphRequest({} {:?})", self.name, self.method)
    }
}

/// HTTP methods of the calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`.
    Get,
    /// `POST`.
    Post,
}

/// The body of a request.
#[derive(Clone)]
pub struct RequestBody {
    /// The media type.
    pub content_type: &'static str,
    /// The text, which may hold codes, PINs and secrets.
    pub text: Secret,
}

/// Kind of a call: signed with the customer's business token.
pub enum BusinessToken {}
/// Kind of a call: signed with the token of the partner's system user.
pub enum SystemToken {}
/// Kind of a call: signed with the app access token, `<app id>|<app secret>`.
pub enum AppToken {}
/// Kind of a call: without a token; it carries its credentials in the body.
pub enum NoToken {}

/// A call that is not signed yet. `Kind` is the token that it takes.
pub struct Call<Kind> {
    name: &'static str,
    method: Method,
    path: String,
    query: Vec<(&'static str, String)>,
    body: Option<RequestBody>,
    deadline: Duration,
    kind: PhantomData<Kind>,
}

impl Call<BusinessToken> {
    /// Signs the call with the customer's token and the app's proof.
    pub fn sign(self, credentials: &AppCredentials, token: &Secret) -> GraphRequest {
        self.with_proof(credentials, token)
    }
}

impl Call<SystemToken> {
    /// Signs the call with the partner's token and the app's proof. `None`: the app has no system token.
    pub fn sign(self, credentials: &AppCredentials) -> Option<GraphRequest> {
        let token = credentials.system_token.as_ref()?;
        Some(self.with_proof(credentials, token))
    }
}

impl Call<AppToken> {
    /// Signs the call with the app access token.
    pub fn sign(self, credentials: &AppCredentials) -> GraphRequest {
        let id = credentials.app_id.as_str();
        let token = [id, "|", credentials.secret.expose_secret()].concat();
        self.into_request(credentials, Some(Secret::new(token)))
    }
}

impl Call<NoToken> {
    /// Completes the call without a token.
    pub fn sign(self, credentials: &AppCredentials) -> GraphRequest {
        self.into_request(credentials, None)
    }
}

impl<Kind> Call<Kind> {
    /// Adds a query parameter.
    pub(in crate::meta) fn with(mut self, name: &'static str, value: String) -> Self {
        self.query.push((name, value));
        self
    }

    /// Sets the body.
    pub(super) fn with_body(mut self, content_type: &'static str, text: String) -> Self {
        self.body = Some(RequestBody {
            content_type,
            text: Secret::new(text),
        });
        self
    }

    /// Sets another deadline than the usual one.
    pub(super) fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Adds `appsecret_proof`, the HMAC of the token with the app secret
    /// (<https://developers.facebook.com/docs/graph-api/guides/secure-requests>).
    fn with_proof(self, credentials: &AppCredentials, token: &Secret) -> GraphRequest {
        let proof = hmac_sha256(
            credentials.secret.expose_secret().as_bytes(),
            token.expose_secret().as_bytes(),
        );
        self.with("appsecret_proof", hex(&proof))
            .into_request(credentials, Some(token.clone()))
    }

    fn into_request(self, credentials: &AppCredentials, bearer: Option<Secret>) -> GraphRequest {
        let mut target = ["/", credentials.version.as_str(), self.path.as_str()].concat();
        if !self.query.is_empty() {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(self.query);
            target.push('?');
            target.push_str(&query.finish());
        }
        GraphRequest {
            name: self.name,
            method: self.method,
            target,
            bearer,
            body: self.body,
            deadline: self.deadline,
        }
    }
}

/// A `GET`. `path` begins with `/` and has no version.
pub(in crate::meta) fn get<Kind>(name: &'static str, path: String) -> Call<Kind> {
    Call {
        name,
        method: Method::Get,
        path,
        query: vec![],
        body: None,
        deadline: DEADLINE,
        kind: PhantomData,
    }
}

/// A `POST`. `path` begins with `/` and has no version.
pub(in crate::meta) fn post<Kind>(name: &'static str, path: String) -> Call<Kind> {
    Call {
        method: Method::Post,
        ..get(name, path)
    }
}

/// The path of a node, followed by that of one of its edges or by nothing
/// (<https://developers.facebook.com/docs/graph-api/overview>).
pub(in crate::meta) fn node(id: &str, edge: &str) -> String {
    ["/", id, edge].concat()
}

/// How long Meta may take to respond. It responds within seconds or not at all, and a Durable Object must not wait
/// for one call for long.
const DEADLINE: Duration = Duration::from_secs(20);
