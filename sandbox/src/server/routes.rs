//! Which part of the sandbox handles which path. The `Host` header does not matter.

use super::start_page::start_page;
use crate::http::{IncomingRequest, Reply};
use crate::meta::{Bearer, GraphContext, ProofCheck, handle_graph_request};
use crate::state::SandboxState;
use crate::{dialog, providers, sdk};
use serde_json::json;

/// Executes the request: changes the state and builds the reply, before any fault alters it.
pub fn route(
    state: &mut SandboxState,
    popup_origin: Option<&str>,
    request: &IncomingRequest,
    bearer: &Bearer,
    proof: ProofCheck,
) -> Reply {
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    match (request.method.as_str(), segments.as_slice()) {
        ("GET", [_locale, "sdk.js"] | [_locale, "sdk", "debug.js"]) => {
            sdk::script(state, popup_origin, request)
        }
        ("GET", ["dialog", "oauth"]) => dialog::open(state, request),
        ("GET", ["dialog", "screen", id]) => dialog::show_screen(state, id),
        ("POST", ["dialog", "screen", id]) => dialog::submit_screen(state, request, id),
        ("GET", ["cdn-cgi", "access", "certs"]) => Reply::json(200, &state.access_keys),
        (_, ["_sandbox", "landing"]) => Reply::json(200, &json!({"landed": true})),
        ("GET", ["favicon.ico"]) => Reply::new(204, "image/x-icon", ""),
        ("GET", []) if accepts_html(request) => Reply::html_page(200, start_page(state)),
        ("GET", []) => Reply::new(200, "text/plain; charset=utf-8", WELCOME),
        (_, [] | ["_sandbox", ..]) => Reply::new(404, "text/plain", WELCOME),
        _ if is_provider_path(request) => providers::handle_request(state, request),
        _ => graph_reply(state, request, bearer, proof),
    }
}

/// A path of Infobip, Twilio, Sinch, Gupshup or the scripted provider, not of Meta.
pub fn is_provider_path(request: &IncomingRequest) -> bool {
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    matches!(
        segments.as_slice(),
        ["whatsapp" | "messages-api", "1", ..]
            | ["v2", "Channels", "Senders", ..]
            | ["v1", "projects", _, "whatsapp", "senders", ..]
            | ["partner", "app", ..]
            | ["provider", ..]
    )
}

fn graph_reply(
    state: &mut SandboxState,
    request: &IncomingRequest,
    bearer: &Bearer,
    proof: ProofCheck,
) -> Reply {
    let now_ms = state.now_ms();
    let mut context = GraphContext {
        world: &mut state.world,
        rules: &state.rules,
        request,
        bearer,
        now_ms,
    };
    let reply = match handle_graph_request(&mut context, proof) {
        Ok(done) => Reply::json(200, &done.body).with_effect(done.effect),
        Err(error) => error.to_reply(),
    };
    let version = request.graph_version.as_deref().unwrap_or("v25.0");
    reply.with_header("facebook-api-version", version)
}

/// Whether a person asks, in a browser.
fn accepts_html(request: &IncomingRequest) -> bool {
    let accept = request.headers.get("accept");
    accept.is_some_and(|accept| accept.contains("text/html"))
}

const WELCOME: &str = "embark-sandbox plays Meta on this machine.

  /en_US/sdk.js       the JavaScript SDK
  /v25.0/...          the dialog and the Graph API
  /whatsapp/1/...     Infobip; the README lists the other providers
  /_sandbox/world     everything it holds; /_sandbox/log: every request so far

See README.md in the sandbox folder.
";
