//! The door every request but the control API's comes through: read it, look up its fault, carry it out,
//! log it, answer.

use crate::call::Call;
use crate::fault::Plan;
use crate::graph::{self, Graph};
use crate::log::{Entry, masked, masked_headers, masked_item};
use crate::reply::Reply;
use crate::state::{Shared, State};
use crate::token::{Bearer, Proof, identify};
use crate::wire::Wire;
use crate::world::digest;
use crate::{dialog, errand, handshake, infobip, provider, sdk, spoil};
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// Whatever was asked is carried out to its end, also when the client hangs up meanwhile.
pub async fn serve(shared: Arc<Shared>, wire: Wire, request: Request<Body>) -> Response<Body> {
    let work = tokio::spawn(async move {
        match Call::read(request, &wire).await {
            Ok(call) => handle(&shared, &wire, call).await,
            Err(_) => {
                Reply::new(413, "text/plain", "body too large or broken off").into_response(None)
            }
        }
    });
    work.await.unwrap_or_else(|_| {
        let mut response = Response::new(Body::from("the sandbox panicked; see its stderr"));
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

async fn handle(shared: &Arc<Shared>, wire: &Wire, mut call: Call) -> Response<Body> {
    let plan = Plan::draw(&mut shared.lock().faults, &call.method, &call.path);
    if plan.carries_out() && shared.lock().rules.handshake {
        call.handshake = handshake::with_override(&call).await;
    }
    let reply = act(
        &mut shared.lock(),
        shared.popup_origin.as_deref(),
        &call,
        &plan,
    );
    errand::set_out(shared);
    if plan.latency_ms > 0 {
        tokio::time::sleep(Duration::from_millis(plan.latency_ms)).await;
    }
    spoil::answer(reply, plan.strike, wire).await
}

/// Effect and log entry under one lock, so the log's order is the order of the effects.
fn act(state: &mut State, popup_origin: Option<&str>, call: &Call, plan: &Plan) -> Reply {
    let who = identify(&state.world, call.token.as_deref());
    let given = call.text("appsecret_proof");
    let proof = who.proof(&state.world, call.token.as_deref(), given.as_deref());
    let mut reply = Reply {
        status: 0,
        ..Reply::default()
    };
    if plan.carries_out() {
        reply = route(state, popup_origin, call, &who, proof);
    }
    let elsewhere = elsewhere(call);
    let token_kind = match elsewhere {
        true if call.headers.contains_key("authorization") => "provider",
        true => "none",
        false => who.kind(),
    };
    let body = call.other_json.as_ref().map(masked_item);
    let told = spoil::told(&reply, plan.strike.as_ref());
    let entry = Entry {
        n: state.log.len() + 1,
        at_ms: state
            .started
            .elapsed()
            .as_millis()
            .try_into()
            .unwrap_or(u64::MAX),
        method: call.method.clone(),
        path: call.path.clone(),
        host: call.host.clone(),
        query: masked(&call.query),
        body: body.unwrap_or_else(|| masked(&call.body)),
        headers: elsewhere.then(|| masked_headers(&call.headers)),
        token_kind,
        token: call.token.as_deref().map(digest),
        proof: proof.word(),
        status: told.status,
        error_code: told.error_code,
        error_subcode: told.error_subcode,
        effect: reply.effect,
        fault: plan.name(),
    };
    state.log.push(entry);
    reply
}

fn route(
    state: &mut State,
    popup_origin: Option<&str>,
    call: &Call,
    who: &Bearer,
    proof: Proof,
) -> Reply {
    let parts: Vec<&str> = call.parts.iter().map(String::as_str).collect();
    match (call.method.as_str(), parts.as_slice()) {
        ("GET", [_locale, "sdk.js"] | [_locale, "sdk", "debug.js"]) => {
            sdk::script(state, popup_origin, call)
        }
        ("GET", ["dialog", "oauth"]) => dialog::open(state, call),
        ("GET", ["dialog", "screen", id]) => dialog::show(state, id),
        ("POST", ["dialog", "screen", id]) => dialog::submit(state, call, id),
        (_, ["_sandbox", "landing"]) => Reply::json(200, &json!({"landed": true})),
        ("GET", ["favicon.ico"]) => Reply::new(204, "image/x-icon", ""),
        ("GET", []) => Reply::new(200, "text/plain; charset=utf-8", WELCOME),
        (_, [] | ["_sandbox", ..]) => Reply::new(404, "text/plain", WELCOME),
        (_, ["whatsapp" | "messages-api", "1", ..]) => infobip::answer(state, call),
        _ if elsewhere(call) => provider::answer(state, call),
        _ => ask_graph(state, call, who, proof),
    }
}

/// Not Meta: Infobip, Twilio, Sinch, Gupshup, or a provider made up by a test.
fn elsewhere(call: &Call) -> bool {
    let parts: Vec<&str> = call.parts.iter().map(String::as_str).collect();
    matches!(
        parts.as_slice(),
        ["whatsapp" | "messages-api", "1", ..]
            | ["v2", "Channels", "Senders", ..]
            | ["v1", "projects", _, "whatsapp", "senders", ..]
            | ["partner", "app", ..]
            | ["provider", ..]
    )
}

fn ask_graph(state: &mut State, call: &Call, who: &Bearer, proof: Proof) -> Reply {
    let now_ms = state.now_ms();
    let mut graph = Graph {
        world: &mut state.world,
        rules: &state.rules,
        call,
        who,
        now_ms,
    };
    let reply = match graph::answer(&mut graph, proof) {
        Ok(done) => Reply::json(200, &done.body).effect(done.effect),
        Err(error) => Reply::error(&error),
    };
    reply.header(
        "facebook-api-version",
        call.version.as_deref().unwrap_or("v25.0"),
    )
}

const WELCOME: &str = "embark-sandbox plays Meta on this machine.

  /en_US/sdk.js       the JavaScript SDK
  /v25.0/...          the dialog and Graph
  /whatsapp/1/...     Infobip; other providers beside it
  /_sandbox/world     all it holds; /_sandbox/log: every request so far

The README of the sandbox folder tells the rest.
";
