//! Requests to Durable Objects: `POST https://object/<name>` with the request as JSON; the reply is 200 with JSON.

use crate::clock;
use crate::fetch;
use crate::telemetry;
use core::time::Duration;
use embark_onboarding::resources::backup::{self, BackupObject, BackupReply, BackupRequest};
use embark_onboarding::resources::deadlines;
use embark_onboarding::resources::key_rotation::ObjectId;
use embark_onboarding::resources::partner::PartnerRequest;
use embark_onboarding::resources::phone_number::PhoneRequest;
use embark_onboarding::resources::rpc::{ObjectName, ObjectRequest, RpcError};
use embark_onboarding::resources::run::RunRequest;
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_onboarding::resources::waba::WabaRequest;
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
    let name = name.object_name();
    let path = ["/", name].concat();
    let exchange = Box::pin(exchange(env, R::BINDING, name, &path, request));
    let replied = select(exchange, Box::pin(clock::sleep(deadline)));
    let result = match telemetry::timed(Span::Objects, replied).await {
        Either::Left((result, _)) => result,
        Either::Right(((), _)) => Err(RpcError::Timeout),
    };
    result.inspect_err(|error| {
        let detail = format!("{} {}: {error}", R::BINDING, name);
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

/// Sends a request about backups to an object of any class.
///
/// # Errors
/// There is no reply; the object may have acted on the request.
pub async fn back_up(
    env: &Env,
    object: &BackupObject,
    request: &BackupRequest,
) -> Result<BackupReply, RpcError> {
    let binding = match object {
        BackupObject::Partner => PartnerRequest::BINDING,
        BackupObject::Site(_) => SiteRequest::BINDING,
        BackupObject::Other(ObjectId::Run(_)) => RunRequest::BINDING,
        BackupObject::Other(ObjectId::Waba(_)) => WabaRequest::BINDING,
        BackupObject::Other(ObjectId::Phone(_)) => PhoneRequest::BINDING,
    };
    let path = [BACKUP_PATH, object.name()].concat();
    let exchange = Box::pin(exchange(env, binding, object.name(), &path, request));
    match select(exchange, Box::pin(clock::sleep(deadlines::BACKUP))).await {
        Either::Left((result, _)) => result,
        Either::Right(((), _)) => Err(RpcError::Timeout),
    }
}

/// Reads the request that an object received, and the name that it was addressed by.
///
/// # Errors
/// The request is not an `R`.
pub async fn read_request<R: ObjectRequest>(request: Request) -> worker::Result<(R::Name, R)> {
    read(request, "/", REQUEST_CAP).await
}

/// Reads a request about backups, and the name that the object was addressed by.
///
/// # Errors
/// The request is not one.
pub async fn read_backup_request<N: ObjectName>(
    request: Request,
) -> worker::Result<(N, BackupRequest)> {
    read(request, BACKUP_PATH, backup::REQUEST_CAP).await
}

async fn read<N: ObjectName, T: DeserializeOwned>(
    mut request: Request,
    prefix: &str,
    cap: usize,
) -> worker::Result<(N, T)> {
    let path = request.path();
    let name = path.strip_prefix(prefix).and_then(N::from_object_name);
    let name = name.ok_or("object name")?;
    let body = fetch::read_body(&mut request, cap)
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

async fn exchange<T: DeserializeOwned>(
    env: &Env,
    binding: &str,
    name: &str,
    path: &str,
    request: &impl Serialize,
) -> Result<T, RpcError> {
    #[cfg(feature = "local")]
    if crate::fault_injection::take_object_failure(binding, name) {
        return Err(RpcError::Unreachable("injected".to_owned()));
    }
    let json = serde_json::to_string(request).map_err(|error| json_error(&error))?;
    let (status, body) = send(env, binding, name, path, json)
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
    path: &str,
    json: String,
) -> worker::Result<(u16, Vec<u8>)> {
    let stub = env.durable_object(binding)?.get_by_name(name)?;
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post);
    init.with_headers(headers);
    init.with_body(Some(json.into()));
    let request = Request::new_with_init(&["https://object", path].concat(), &init)?;
    let mut response = stub.fetch_with_request(request).await?;
    Ok((response.status_code(), response.bytes().await?))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, RpcError> {
    serde_json::from_slice(body).map_err(|error| json_error(&error))
}

fn json_error(error: &serde_json::Error) -> RpcError {
    RpcError::Json(events::json_error(error))
}

/// What the path of a request about backups begins with.
pub const BACKUP_PATH: &str = "/backup/";
/// In bytes.
const REQUEST_CAP: usize = 1 << 20;
