//! The requests the sandbox makes itself: a GET, and a POST of JSON. Only to loopback addresses over plain HTTP,
//! without redirects or proxies, and with a time limit.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, HOST, USER_AGENT};
use reqwest::{Client, RequestBuilder, Response, redirect};
use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use url::{Host, Url};

/// Why a request has no response.
#[derive(Debug)]
pub enum RequestError {
    /// No complete response in time.
    TimedOut,
    /// The connection failed or ended early; the innermost cause as text.
    Failed(String),
}

/// Whether the URL is `http:` and addresses this machine.
pub fn is_loopback_http(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    url.scheme() == "http" && loopback
}

/// Status and body of a GET with the user agent of Meta's webhook verification.
///
/// # Errors
/// When there is no complete response.
pub async fn get(url: &Url) -> Result<(u16, String), RequestError> {
    let request = client()?.get(url.clone()).timeout(HANDSHAKE_TIME_LIMIT);
    send(request.header(USER_AGENT, "facebookplatform/1.0")).await
}

/// Status and body of a POST. `host` replaces the URL's own host in the `Host` header.
///
/// # Errors
/// When there is no complete response.
pub async fn post_json(
    url: &Url,
    host: Option<&str>,
    json: String,
) -> Result<(u16, String), RequestError> {
    let mut request = client()?
        .post(url.clone())
        .header(CONTENT_TYPE, "application/json")
        .body(json);
    if let Some(host) = host {
        request = request.header(HOST, host);
    }
    send(request).await
}

/// Status and body of a POST of one of Meta's webhooks, with its signature.
///
/// # Errors
/// When there is no complete response.
pub async fn post_signed(
    url: &Url,
    signature: &str,
    json: String,
) -> Result<(u16, String), RequestError> {
    let request = client()?
        .post(url.clone())
        .timeout(WEBHOOK_TIME_LIMIT)
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, "facebookexternalua")
        .header("x-hub-signature-256", signature)
        .body(json);
    send(request).await
}

/// Status and body of a POST of a form, as Meta's callbacks about people are.
///
/// # Errors
/// When there is no complete response.
pub async fn post_form(url: &Url, fields: &[(&str, &str)]) -> Result<(u16, String), RequestError> {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let request = client()?
        .post(url.clone())
        .timeout(WEBHOOK_TIME_LIMIT)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form);
    send(request).await
}

fn client() -> Result<Client, RequestError> {
    let builder = Client::builder()
        .timeout(TIME_LIMIT)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .dns_resolver(Arc::new(LoopbackResolver));
    Ok(builder.build()?)
}

async fn send(request: RequestBuilder) -> Result<(u16, String), RequestError> {
    let response = request.send().await?;
    let status = response.status().as_u16();
    Ok((status, read_body(response).await?))
}

/// At most 64 KiB, give or take one chunk; the rest is not read.
async fn read_body(mut response: Response) -> Result<String, RequestError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() >= BODY_CAP {
            break;
        }
    }
    Ok(String::from_utf8_lossy(&body).into_owned())
}

impl From<reqwest::Error> for RequestError {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::TimedOut;
        }
        let mut cause: &dyn Error = &error;
        while let Some(source) = cause.source() {
            cause = source;
        }
        Self::Failed(cause.to_string())
    }
}

impl std::fmt::Display for RequestError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TimedOut => f.write_str("timed out"),
            Self::Failed(cause) => f.write_str(cause),
        }
    }
}

impl Error for RequestError {}

/// Resolves every name to 127.0.0.1: only `localhost` and names below it get here, and not every system's resolver
/// knows the latter (RFC 6761, section 6.3: <https://www.rfc-editor.org/rfc/rfc6761#section-6.3>).
struct LoopbackResolver;

impl Resolve for LoopbackResolver {
    fn resolve(&self, _name: Name) -> Resolving {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Box::pin(async move { Ok(Box::new(std::iter::once(address)) as Addrs) })
    }
}

const TIME_LIMIT: Duration = Duration::from_secs(5);
/// Meta waits this long for the answer to its verification request.
const HANDSHAKE_TIME_LIMIT: Duration = Duration::from_secs(6);
const WEBHOOK_TIME_LIMIT: Duration = Duration::from_secs(20);
const BODY_CAP: usize = 64 << 10;
