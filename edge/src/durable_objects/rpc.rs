//! Requests to Durable Objects: `POST https://object/<name>` with the request as JSON; the reply is 200 with JSON.

use crate::clock;
use crate::fetch;
use crate::telemetry;
use core::time::Duration;
use embark_onboarding::resources::deadlines;
use embark_onboarding::resources::rpc::{ObjectName, ObjectRequest, RpcError};
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_onboarding::telemetry::{self as events, Span, Subject};
use embark_protocol::{Problem, SiteId};
use futures_util::future::{Either, select};
use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::{Env, Headers, Method, Request, RequestInit, Response};

/// Sends a request to an object and reads its reply.
///
/// # Errors
/// There is no reply; the object may have acted on the request.
pub async fn call<R: ObjectRequest>(
    env: &Env,
    name: &R::Name,
    request: &R,
) -> Result<R::Reply, RpcError> {
    call_within(env, name, request, R::DEADLINE).await
}

/// Like [`call`], for replies that are of no use later.
///
/// # Errors
/// There is no reply; the object may have acted on the request.
pub async fn call_within<R: ObjectRequest>(
    env: &Env,
    name: &R::Name,
    request: &R,
    deadline: Duration,
) -> Result<R::Reply, RpcError> {
    let exchange = Box::pin(exchange(env, name, request));
    let replied = select(exchange, Box::pin(clock::sleep(deadline)));
    let result = match telemetry::timed(Span::Objects, replied).await {
        Either::Left((result, _)) => result,
        Either::Right(((), _)) => Err(RpcError::Timeout),
    };
    result.inspect_err(|error| {
        let detail = format!("{} {}: {error}", R::BINDING, name.object_name());
        telemetry::failure("object_request", &detail, &Subject::default());
    })
}

/// Counts something against a site's budget ([`budget`](embark_onboarding::resources::budget)). A site that does not reply
/// in time does not hold a customer up.
///
/// # Errors
/// `too_many_requests`: the budget is spent. `unknown_site`.
pub async fn spend(env: &Env, site: &SiteId, key: &str) -> Result<(), Problem> {
    let request = SiteRequest::Spend {
        key: key.to_owned(),
    };
    match call_within(env, site, &request, deadlines::SPEND).await {
        Ok(SiteReply::Refused { code }) => Err(Problem::new(code)),
        _ => Ok(()),
    }
}

/// Reads the request that an object received, and the name that it was addressed by.
///
/// # Errors
/// The request is not an `R`.
pub async fn read_request<R: ObjectRequest>(mut request: Request) -> worker::Result<(R::Name, R)> {
    let path = request.path();
    let name = R::Name::from_object_name(path.trim_start_matches('/')).ok_or("object name")?;
    let body = fetch::read_body(&mut request, REQUEST_CAP)
        .await
        .map_err(|error| error.to_string())?;
    // The parser's text may quote the request, which may hold a code.
    let request = serde_json::from_slice(&body).map_err(|error| json_error(&error).to_string())?;
    Ok((name, request))
}

/// The response of an object with its reply.
///
/// # Errors
/// The reply cannot be serialised.
pub fn respond<T: Serialize>(reply: &T) -> worker::Result<Response> {
    Response::ok(serde_json::to_string(reply)?)
}

async fn exchange<R: ObjectRequest>(
    env: &Env,
    name: &R::Name,
    request: &R,
) -> Result<R::Reply, RpcError> {
    #[cfg(feature = "local")]
    if crate::fault_injection::take_object_failure(R::BINDING, name.object_name()) {
        return Err(RpcError::Unreachable("injected".to_owned()));
    }
    let json = serde_json::to_string(request).map_err(|error| json_error(&error))?;
    let (status, body) = send(env, R::BINDING, name.object_name(), json)
        .await
        .map_err(|error| RpcError::Unreachable(error.to_string()))?;
    if status != 200 {
        let text = ["status ", &status.to_string()].concat();
        return Err(RpcError::Unreachable(text));
    }
    parse(&body)
}

async fn send(
    env: &Env,
    binding: &str,
    name: &str,
    json: String,
) -> worker::Result<(u16, Vec<u8>)> {
    let stub = env.durable_object(binding)?.get_by_name(name)?;
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post);
    init.with_headers(headers);
    init.with_body(Some(json.into()));
    let request = Request::new_with_init(&["https://object/", name].concat(), &init)?;
    let mut response = stub.fetch_with_request(request).await?;
    Ok((response.status_code(), response.bytes().await?))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, RpcError> {
    serde_json::from_slice(body).map_err(|error| json_error(&error))
}

fn json_error(error: &serde_json::Error) -> RpcError {
    RpcError::Json(events::json_error(error))
}

/// In bytes.
const REQUEST_CAP: usize = 1 << 20;
