//! The path of one request (control API excepted): read it, select its faults, execute it, log it, respond.

use super::routes::{is_provider_path, route};
use crate::faults::{FaultPlan, logged_reply, send_reply};
use crate::http::{Connection, IncomingRequest, Reply};
use crate::jobs;
use crate::log::{LogEntry, mask_headers, mask_params, mask_value};
use crate::meta::{identify_bearer, verify_callback_of};
use crate::state::{SandboxState, SharedState};
use crate::world::digest;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use std::sync::Arc;
use std::time::Duration;

/// Executes the request to its end in a task of its own, also when the client disconnects meanwhile.
pub async fn serve(
    shared: Arc<SharedState>,
    connection: Connection,
    request: Request<Body>,
) -> Response<Body> {
    let task = tokio::spawn(async move {
        match IncomingRequest::read(request, &connection).await {
            Ok(request) => handle(&shared, &connection, request).await,
            Err(_) => {
                Reply::new(413, "text/plain", "body too large or cut short").into_response(None)
            }
        }
    });
    task.await.unwrap_or_else(|_| {
        let mut response = Response::new(Body::from("the sandbox panicked; see its stderr"));
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

async fn handle(
    shared: &Arc<SharedState>,
    connection: &Connection,
    mut request: IncomingRequest,
) -> Response<Body> {
    let plan = FaultPlan::select(&mut shared.lock().faults, &request.method, &request.path);
    if plan.executes_request() && shared.lock().rules.handshake {
        request.callback_verification = verify_callback_of(&request).await;
    }
    let reply = execute_and_log(
        &mut shared.lock(),
        shared.popup_origin.as_deref(),
        &request,
        &plan,
    );
    jobs::spawn_pending(shared);
    if plan.latency_ms > 0 {
        tokio::time::sleep(Duration::from_millis(plan.latency_ms)).await;
    }
    send_reply(reply, plan.active_fault, connection).await
}

/// Effect and log entry happen under one lock, so that the log's order is the order of the effects.
fn execute_and_log(
    state: &mut SandboxState,
    popup_origin: Option<&str>,
    request: &IncomingRequest,
    plan: &FaultPlan,
) -> Reply {
    let token = request.access_token.as_deref();
    let bearer = identify_bearer(&state.world, token);
    let given_proof = request.param_text("appsecret_proof");
    let proof = bearer.check_proof(&state.world, token, given_proof.as_deref());
    let mut reply = Reply {
        status: 0,
        ..Reply::default()
    };
    if plan.executes_request() {
        reply = route(state, popup_origin, request, &bearer, proof);
    }
    let to_provider = is_provider_path(request);
    let token_kind = match to_provider {
        true if request.headers.contains_key("authorization") => "provider",
        true => "none",
        false => bearer.as_str(),
    };
    let body = request.non_object_body.as_ref().map(mask_value);
    let logged = logged_reply(&reply, plan.active_fault.as_ref());
    let elapsed_ms = state.started_at.elapsed().as_millis();
    let entry = LogEntry {
        n: state.log.len() + 1,
        at_ms: elapsed_ms.try_into().unwrap_or(u64::MAX),
        method: request.method.clone(),
        path: request.path.clone(),
        host: request.host.clone(),
        query: mask_params(&request.query),
        body: body.unwrap_or_else(|| mask_params(&request.body)),
        headers: to_provider.then(|| mask_headers(&request.headers)),
        token_kind,
        token: token.map(digest),
        proof: proof.as_str(),
        status: logged.status,
        error_code: logged.error_code,
        error_subcode: logged.error_subcode,
        effect: reply.effect,
        fault: plan.log_name(),
    };
    state.log.push(entry);
    reply
}
