//! All outgoing HTTP requests: to the Graph API, to other providers and for the Worker's static assets. Also reads
//! request bodies, with a byte cap.

use crate::clock;
use crate::telemetry;
use core::fmt;
use core::time::Duration;
use embark_onboarding::crypto::Secret;
use embark_onboarding::doctor::PageHeaders;
use embark_onboarding::meta::GraphRequest;
use embark_onboarding::meta::usage::wait_named_by_headers;
use embark_onboarding::meta::{Method as GraphMethod, RequestBody};
use embark_onboarding::providers::{ProviderRequest, is_allowed_destination};
use embark_onboarding::resources::event_delivery::{DeliveryRequest, DeliveryResponse};
use embark_onboarding::telemetry::{CallApi, CallEvent, LogEvent, Span, Subject};
use embark_onboarding::time::UnixMillis;
use embark_onboarding::transport::{ApiResponse, ApiResult, RESPONSE_CAP, TransportError};
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use worker::{
    AbortController, ByteStream, Env, Fetch, Headers, Method, Request, RequestInit, RequestRedirect,
};

/// Sends a request to the Graph API at the origin `graph`. `subject`: whom the call is about, for its line in the log.
///
/// # Errors
/// There is no complete response; Meta may have acted on the request.
pub async fn send_graph_request(
    graph: &str,
    request: &GraphRequest,
    subject: &Subject,
) -> ApiResult {
    let response = send(graph_request(graph, request), request.deadline);
    recorded(CallApi::Meta, request.name, subject, response).await
}

/// Sends a request to another provider, with the secrets of its site that its headers name. `subject`: whom the call is about.
///
/// # Errors
/// There is no complete response. Unless [`TransportError::was_not_sent`], the provider may have acted on the request.
pub async fn send_provider_request(
    secrets: &[(String, Secret)],
    request: &ProviderRequest,
    subject: &Subject,
) -> ApiResult {
    if !is_allowed_destination(&request.url) {
        return Err(TransportError::ForbiddenDestination);
    }
    let secret = |name: &str| {
        let found = secrets.iter().find(|(known, _)| known == name);
        found.map(|(_, secret)| secret.clone())
    };
    let headers: Option<Vec<(&str, Secret)>> = request
        .headers
        .iter()
        .map(|(name, value)| Some((name.as_str(), value.with_secrets(&secret)?)))
        .collect();
    let headers = headers.ok_or(TransportError::MissingSecret)?;
    let response = send(provider_request(request, &headers), request.deadline);
    recorded(CallApi::Provider, request.name, subject, response).await
}

/// Awaits the response to a call, and writes its line.
async fn recorded(
    api: CallApi,
    name: &'static str,
    subject: &Subject,
    response: impl Future<Output = ApiResult>,
) -> ApiResult {
    let begun_at = clock::now();
    let result = response.await;
    let event = CallEvent::of(api, name, &result, clock::now().since(begun_at));
    telemetry::record(LogEvent::Call(event), subject);
    result
}

/// Delivers an event to the endpoint of a site. `subject`: whom the event is about.
///
/// # Errors
/// There is no response; the receiver may have taken the event.
pub async fn deliver_event(
    delivery: &DeliveryRequest,
    subject: &Subject,
) -> Result<DeliveryResponse, TransportError> {
    let begun_at = clock::now();
    let result = deliver(delivery).await;
    let status = result.as_ref().map(|response| response.status);
    let took = clock::now().since(begun_at);
    let name = "deliver_event";
    let event = CallEvent::of_status(
        CallApi::Receiver,
        name,
        status.map_err(|error| *error),
        took,
    );
    telemetry::record(LogEvent::Call(event), subject);
    result
}

async fn deliver(delivery: &DeliveryRequest) -> Result<DeliveryResponse, TransportError> {
    if !is_allowed_destination(&delivery.url) {
        return Err(TransportError::ForbiddenDestination);
    }
    let request = delivery_request(delivery).map_err(|_| TransportError::InvalidRequest)?;
    let controller = AbortController::default();
    let signal = controller.signal();
    let fetch = Fetch::Request(request);
    let sent = fetch.send_with_signal(&signal);
    let result = match select(
        Box::pin(sent),
        Box::pin(clock::sleep(DeliveryRequest::DEADLINE)),
    )
    .await
    {
        Either::Left((Ok(response), _)) => Ok(DeliveryResponse {
            status: response.status_code(),
            retry_after: response.headers().get("retry-after").ok().flatten(),
        }),
        Either::Left((Err(_), _)) => Err(TransportError::Connection),
        Either::Right(_) => Err(TransportError::Timeout),
    };
    // The body, if there is one, is not read.
    controller.abort();
    result
}

/// Requests a page and reads the headers of the response; the body is not read, and redirects are not followed.
///
/// # Errors
/// There is no response.
pub async fn read_page_headers(url: &str) -> Result<PageHeaders, TransportError> {
    if !is_allowed_destination(url) {
        return Err(TransportError::ForbiddenDestination);
    }
    let (status, headers) = read_headers(url).await?;
    let header = |name: &str| headers.get(name).ok().flatten();
    Ok(PageHeaders {
        status,
        opener_policy: header("cross-origin-opener-policy"),
        embedder_policy: header("cross-origin-embedder-policy"),
        content_security_policy: header("content-security-policy"),
    })
}

/// The time of the server of the Graph API, by the header `Date` of a response. `None`: it did not respond.
pub async fn graph_time(graph: &str) -> Option<UnixMillis> {
    let (_, headers) = read_headers(graph).await.ok()?;
    let date = headers.get("date").ok().flatten()?;
    UnixMillis::from_http_date(&date)
}

/// Reads the keys of a team of Cloudflare Access; redirects are not followed.
///
/// # Errors
/// There is no complete response with status 200 within the time that one page of the console may wait for it.
pub async fn read_access_certs(url: &str) -> Result<Vec<u8>, AccessCertsError> {
    let mut init = RequestInit::new();
    init.with_redirect(RequestRedirect::Manual);
    let request = Request::new_with_init(url, &init);
    let response = send(request, CERTS_DEADLINE).await?;
    match response.status {
        200 if response.body.len() <= CERTS_CAP => Ok(response.body),
        200 => Err(TransportError::TooLarge.into()),
        status => Err(AccessCertsError::Status(status)),
    }
}

async fn read_headers(url: &str) -> Result<(u16, Headers), TransportError> {
    let mut init = RequestInit::new();
    init.with_redirect(RequestRedirect::Manual);
    let request = Request::new_with_init(url, &init).map_err(|_| TransportError::InvalidRequest)?;
    let controller = AbortController::default();
    let signal = controller.signal();
    let fetch = Fetch::Request(request);
    let sent = fetch.send_with_signal(&signal);
    let received = select(Box::pin(sent), Box::pin(clock::sleep(PAGE_DEADLINE)));
    let result = match telemetry::timed(Span::Fetch, received).await {
        Either::Left((Ok(response), _)) => Ok((response.status_code(), response.headers().clone())),
        Either::Left((Err(_), _)) => Err(TransportError::Connection),
        Either::Right(_) => Err(TransportError::Timeout),
    };
    controller.abort();
    result
}

/// Reads the body of an incoming request.
///
/// # Errors
/// `TooLarge` if it has more than `cap` bytes, `Connection` if it broke off.
pub async fn read_body(request: &mut Request, cap: usize) -> Result<Vec<u8>, TransportError> {
    match request.stream() {
        Ok(stream) => read_capped(stream, cap).await,
        // The request has no body.
        Err(_) => Ok(vec![]),
    }
}

/// Why the keys of a team of Cloudflare Access cannot be read.
#[derive(Debug)]
pub enum AccessCertsError {
    /// There is no response.
    Transport(TransportError),
    /// The response has this status.
    Status(u16),
}

impl From<TransportError> for AccessCertsError {
    fn from(error: TransportError) -> Self {
        Self::Transport(error)
    }
}

impl fmt::Display for AccessCertsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(error) => error.fmt(f),
            Self::Status(status) => write!(f, "the response has status {status}"),
        }
    }
}

impl core::error::Error for AccessCertsError {}

/// Why a static asset cannot be read.
#[derive(Debug)]
pub enum AssetError {
    /// There is no binding, or no response.
    Runtime(worker::Error),
    /// The response has this status.
    Status(u16),
    /// The body broke off, or is too large.
    Body(TransportError),
}

impl fmt::Display for AssetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Runtime(_) => f.write_str("the assets do not respond"),
            Self::Status(status) => write!(f, "the assets responded with status {status}"),
            Self::Body(_) => f.write_str("the asset could not be read to its end"),
        }
    }
}

impl core::error::Error for AssetError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Runtime(error) => Some(error),
            Self::Status(_) => None,
            Self::Body(error) => Some(error),
        }
    }
}

/// Reads a static asset that is deployed with the Worker. `path` begins with `/`. `None`: there is no such asset.
///
/// # Errors
/// It cannot be read.
pub async fn read_asset(env: &Env, path: &str) -> Result<Option<Vec<u8>>, AssetError> {
    // The assets binding looks at the path only.
    let url = ["https://assets.example", path].concat();
    let assets = env.assets(ASSETS).map_err(AssetError::Runtime)?;
    let response = assets.fetch(url, None).await;
    let mut response = response.map_err(AssetError::Runtime)?;
    match response.status_code() {
        200 => {}
        404 => return Ok(None),
        status => return Err(AssetError::Status(status)),
    }
    let body = response.stream().map_err(AssetError::Runtime)?;
    let bytes = read_capped(body, ASSET_CAP).await;
    bytes.map(Some).map_err(AssetError::Body)
}

/// Sends a request, with a limit on time and on the size of the response. Redirects are not followed.
async fn send(request: worker::Result<Request>, deadline: Duration) -> ApiResult {
    let request = request.map_err(|_| TransportError::InvalidRequest)?;
    let controller = AbortController::default();
    let signal = controller.signal();
    let exchange = async {
        let mut response = Fetch::Request(request)
            .send_with_signal(&signal)
            .await
            .map_err(|_| TransportError::Connection)?;
        let headers = response.headers().clone();
        let retry_after = wait_named_by_headers(|name| headers.get(name).ok().flatten());
        let status = response.status_code();
        let body = match response.stream() {
            Ok(stream) => read_capped(stream, RESPONSE_CAP).await?,
            // The response has no body.
            Err(_) => vec![],
        };
        Ok(ApiResponse {
            status,
            retry_after,
            body,
        })
    };
    let received = select(Box::pin(exchange), Box::pin(clock::sleep(deadline)));
    match telemetry::timed(Span::Fetch, received).await {
        Either::Left((result, _)) => result,
        Either::Right(((), exchange)) => {
            controller.abort();
            drop(exchange);
            Err(TransportError::Timeout)
        }
    }
}

async fn read_capped(mut stream: ByteStream, cap: usize) -> Result<Vec<u8>, TransportError> {
    let mut bytes = Vec::new();
    let mut received = 0;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| TransportError::Connection)?;
        received += chunk.len();
        if received <= cap {
            bytes.extend_from_slice(&chunk);
        } else if received > cap + DRAINED {
            return Err(TransportError::TooLarge);
        }
    }
    if received > cap {
        Err(TransportError::TooLarge)
    } else {
        Ok(bytes)
    }
}

fn graph_request(graph: &str, request: &GraphRequest) -> worker::Result<Request> {
    let headers = Headers::new();
    headers.set("accept", "application/json")?;
    if let Some(token) = &request.bearer {
        let value = ["Bearer ", token.expose_secret()].concat();
        headers.set("authorization", &value)?;
    }
    let mut init = RequestInit::new();
    init.with_method(match request.method {
        GraphMethod::Get => Method::Get,
        GraphMethod::Post => Method::Post,
    });
    init.with_redirect(RequestRedirect::Manual);
    if let Some(RequestBody { content_type, text }) = &request.body {
        headers.set("content-type", content_type)?;
        init.with_body(Some(text.expose_secret().into()));
    }
    init.with_headers(headers);
    Request::new_with_init(&[graph, &request.target].concat(), &init)
}

fn provider_request(
    request: &ProviderRequest,
    request_headers: &[(&str, Secret)],
) -> worker::Result<Request> {
    let headers = Headers::new();
    headers.set("accept", "application/json")?;
    let mut init = RequestInit::new();
    init.with_method(Method::from(request.method.to_owned()));
    init.with_redirect(RequestRedirect::Manual);
    if let Some((content_type, text)) = &request.body {
        headers.set("content-type", content_type)?;
        init.with_body(Some(text.as_str().into()));
    }
    for (name, value) in request_headers {
        headers.set(name, value.expose_secret())?;
    }
    init.with_headers(headers);
    Request::new_with_init(&request.url, &init)
}

fn delivery_request(delivery: &DeliveryRequest) -> worker::Result<Request> {
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    headers.set("user-agent", "Embark")?;
    for (name, value) in &delivery.headers {
        headers.set(name, value)?;
    }
    let mut init = RequestInit::new();
    init.with_method(Method::Post);
    init.with_redirect(RequestRedirect::Manual);
    init.with_body(Some(delivery.body.as_str().into()));
    init.with_headers(headers);
    Request::new_with_init(&delivery.url, &init)
}

/// How long a page may take whose headers are read.
const PAGE_DEADLINE: Duration = Duration::from_secs(5);
/// How long the keys of Cloudflare Access may take.
const CERTS_DEADLINE: Duration = Duration::from_secs(5);
/// Largest list of them, in bytes.
const CERTS_CAP: usize = 64 << 10;
/// Binding of the static assets.
const ASSETS: &str = "ASSETS";
/// Largest asset that the Worker itself reads, in bytes.
const ASSET_CAP: usize = 1024 * 1024;
/// Bytes that are read and discarded beyond a cap: a client reads the response only once it has sent its body.
const DRAINED: usize = 8 << 20;
