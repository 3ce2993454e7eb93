//! The receiver of events: `/receiver` takes deliveries and shows them on a page; `/_sandbox/receiver` sets and reads it.

use super::error::ControlError;
use crate::http::Connection;
use crate::page::page;
use crate::receiver::{Receiver, ReceiverSettings};
use crate::state::SharedState;
use crate::webhooks::sign;
use crate::world::{App, World};
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};
use axum::{Extension, Json};
use maud::{PreEscaped, html};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

/// `POST /receiver` and any path below: takes a delivery.
pub async fn receive(
    State(shared): State<Arc<SharedState>>,
    Extension(connection): Extension<Connection>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let reply = {
        let mut state = shared.lock();
        let of_meta = verify_meta(&state.world, &headers, &body);
        let receiver = &mut state.receiver;
        receiver.receive(uri.path(), &headers, &body, of_meta)
    };
    let on_its_way = OnItsWay {
        shared: &shared,
        path: uri.path(),
    };
    tokio::time::sleep(Duration::from_millis(reply.delay_ms)).await;
    drop(on_its_way);
    if reply.reset {
        connection.reset();
    }
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::NO_CONTENT);
    let mut response = (status, "x".repeat(reply.body_bytes)).into_response();
    for (name, value) in &reply.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Whether an app has signed a webhook of Meta's. `None`: it is none.
fn verify_meta(world: &World, headers: &HeaderMap, body: &[u8]) -> Option<Result<(), String>> {
    let signature = headers.get("x-hub-signature-256")?;
    let body = String::from_utf8_lossy(body);
    let has_signed = |app: &App| {
        let expected = sign(&app.secret, &body);
        signature.to_str().is_ok_and(|text| text == expected)
    };
    Some(match world.apps.values().any(has_signed) {
        true => Ok(()),
        false => Err("no app has signed it".to_owned()),
    })
}

/// The query of Meta's handshake.
#[derive(Debug, Deserialize)]
pub struct Handshake {
    #[serde(rename = "hub.challenge")]
    challenge: String,
    #[serde(rename = "hub.verify_token")]
    verify_token: String,
}

/// `GET /receiver/{path}`: Meta's handshake with a partner's own address for messages.
pub async fn shake_hands(
    State(shared): State<Arc<SharedState>>,
    Query(handshake): Query<Handshake>,
) -> Result<String, StatusCode> {
    match shared.lock().receiver.knows(&handshake.verify_token) {
        true => Ok(handshake.challenge),
        false => Err(StatusCode::FORBIDDEN),
    }
}

/// A delivery that is not responded to. Its sender may give up before.
struct OnItsWay<'a> {
    shared: &'a SharedState,
    path: &'a str,
}

impl Drop for OnItsWay<'_> {
    fn drop(&mut self) {
        self.shared.lock().receiver.respond(self.path);
    }
}

/// `GET /_sandbox/receiver`.
pub async fn show(State(shared): State<Arc<SharedState>>) -> Json<Receiver> {
    Json(shared.lock().receiver.clone())
}

/// `PUT /_sandbox/receiver`: what is absent stays as it is.
pub async fn set(
    State(shared): State<Arc<SharedState>>,
    Json(settings): Json<ReceiverSettings>,
) -> Result<Json<Receiver>, ControlError> {
    let mut state = shared.lock();
    let set = state.receiver.set(settings);
    set.map_err(|error| ControlError(format!("secrets: {error}")))?;
    Ok(Json(state.receiver.clone()))
}

/// `DELETE /_sandbox/receiver`: forgets what came.
pub async fn clear(State(shared): State<Arc<SharedState>>) -> StatusCode {
    shared.lock().receiver.clear();
    StatusCode::NO_CONTENT
}

/// `GET /receiver`: the events, the newest first, read again every second.
pub async fn show_page() -> Html<String> {
    let content = html! {
        h1 { "Events that arrived" }
        p { "A back end in miniature: each event is verified with the site's signing secret as it comes. " a href="/" { "The sandbox" } }
        p #empty { "None yet. Set it as the endpoint of the demo site, “cargo xtask backend endpoint demo <this address>”, and connect a number on the demo shop." }
        p #hint hidden { "Not verified? Give the sandbox the signing secret that the endpoint has: " code { "PUT /_sandbox/receiver {\"secrets\": [\"whsec_…\"]}" } }
        ol #events {}
        script { (PreEscaped(SCRIPT)) }
    };
    Html(page("Events", STYLE, &content).into_string())
}

const STYLE: &str = "ol{list-style:none;padding:0;display:grid;gap:.75rem}\
li{border:1px solid;border-radius:8px;padding:.5rem .75rem}\
summary{display:flex;flex-wrap:wrap;gap:.25rem 1rem;cursor:pointer}\
summary b{flex:1}\
.bad{color:#b3261e}\
pre{overflow:auto;font-size:.85rem}\
@media(prefers-color-scheme:dark){.bad{color:#f2b8b5}}";

const SCRIPT: &str = "let shown = 0;
const list = document.getElementById('events');
async function refresh() {
  const { received } = await (await fetch('/_sandbox/receiver')).json();
  if (received.length < shown) { list.replaceChildren(); shown = 0; }
  for (const event of received.slice(shown)) {
    const item = document.createElement('li');
    const details = item.appendChild(document.createElement('details'));
    const summary = details.appendChild(document.createElement('summary'));
    const name = summary.appendChild(document.createElement('b'));
    name.textContent = event.body?.type ?? event.path;
    const about = summary.appendChild(document.createElement('span'));
    const data = event.body?.data;
    about.textContent = [data?.sequence && '#' + data.sequence, data?.waba_id, event.body?.timestamp].filter(Boolean).join(' · ');
    const state = summary.appendChild(document.createElement('span'));
    state.textContent = event.verified ? 'signature verified' : event.error;
    if (!event.verified) {
      state.className = 'bad';
      document.getElementById('hint').hidden = false;
    }
    if ([...list.children].some((other) => other.dataset.id === event.id)) state.textContent += ', again';
    item.dataset.id = event.id;
    summary.appendChild(document.createElement('span')).textContent = 'answered ' + event.status;
    details.appendChild(document.createElement('pre')).textContent = JSON.stringify(event.body, null, 2);
    list.prepend(item);
  }
  shown = received.length;
  document.getElementById('empty').hidden = shown > 0;
}
refresh();
setInterval(() => refresh().catch(() => {}), 1000);
";
