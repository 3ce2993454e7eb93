//! `webhook` and `webhooks`: the callback URL of an app, and webhooks on demand.

use super::error::ControlError;
use crate::http::is_loopback_http;
use crate::meta::verify_callback;
use crate::state::SharedState;
use crate::webhooks::{Change, batches, by_destination, deliver};
use crate::world::{SentWebhook, seed_ids};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use url::Url;

/// Body of `PUT /_sandbox/webhook`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallbackRequest {
    /// `None`: the seed's app.
    #[serde(default)]
    app_id: Option<String>,
    callback_url: String,
    verify_token: String,
}

/// Body of `POST /_sandbox/webhooks`: `changes`, or one `body` as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhooksRequest {
    /// `None`: the seed's app.
    app_id: Option<String>,
    changes: Vec<Change>,
    body: Option<String>,
    /// Changes of a body, at most 1,000; 0: one.
    batch: usize,
    /// Whether changes are put in a random order.
    shuffle: bool,
    /// How often each body is sent; 0: once.
    copies: usize,
    /// The least length of each body in bytes.
    pad_to: usize,
    /// How many bodies are on their way at the same time, at most 64; 0: four.
    at_once: usize,
    /// Signs in place of the app's secret.
    secret: Option<String>,
}

/// `PUT /_sandbox/webhook`: sets the callback URL as Meta's dashboard does, after a handshake with it.
pub async fn set_callback(
    State(shared): State<Arc<SharedState>>,
    Json(request): Json<CallbackRequest>,
) -> Result<StatusCode, ControlError> {
    let url = Url::parse(&request.callback_url).map_err(|error| error.to_string())?;
    verify_callback(url, &request.verify_token).await?;
    let mut state = shared.lock();
    let id = request.app_id.unwrap_or_else(|| seed_ids::APP.into());
    let app = state.world.apps.get_mut(&id);
    let app = app.ok_or_else(|| ControlError(format!("no app {id}")))?;
    app.webhook_url = request.callback_url;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /_sandbox/webhooks`: what was sent.
pub async fn list(State(shared): State<Arc<SharedState>>) -> Json<Value> {
    Json(json!({"sent": shared.lock().webhooks_sent}))
}

/// `POST /_sandbox/webhooks`: sends webhooks; returns what came of each body, once the last was answered or given up.
pub async fn send(
    State(shared): State<Arc<SharedState>>,
    Json(request): Json<WebhooksRequest>,
) -> Result<Json<Value>, ControlError> {
    let (destinations, secret) = {
        let state = shared.lock();
        let id = request.app_id.as_deref().unwrap_or(seed_ids::APP);
        let app = state.world.apps.get(id);
        let app = app.ok_or_else(|| ControlError(format!("no app {id}")))?;
        let (url, secret) = (app.webhook_url.clone(), app.secret.clone());
        let bodies_of = |changes| batches(changes, request.batch, request.shuffle, request.pad_to);
        let destinations: Vec<(String, Vec<String>)> = match request.body {
            Some(body) => vec![(url, vec![body])],
            None => by_destination(&state.world, id, request.changes)
                .into_iter()
                .map(|(url, changes)| (url, bodies_of(changes)))
                .collect(),
        };
        (destinations, request.secret.unwrap_or(secret))
    };
    let copies = request.copies.max(1);
    let at_once = match request.at_once {
        0 => AT_ONCE,
        many => many.min(MAX_AT_ONCE),
    };
    let mut bodies: Vec<(Url, String)> = Vec::new();
    for (url, of_url) in destinations {
        let url = Url::parse(&url).map_err(|error| error.to_string())?;
        if !is_loopback_http(&url) {
            return Err(ControlError(format!(
                "{url} is no loopback address over http"
            )));
        }
        let copied = of_url
            .into_iter()
            .flat_map(|body| std::iter::repeat_n(body, copies));
        bodies.extend(copied.map(|body| (url.clone(), body)));
    }
    let deliveries: Vec<SentWebhook> = futures_util::stream::iter(bodies)
        .map(async |(url, body)| deliver(&shared, &url, &secret, body).await)
        .buffered(at_once)
        .collect()
        .await;
    Ok(Json(json!({"deliveries": deliveries})))
}

/// Bodies that are on their way at the same time.
const AT_ONCE: usize = 4;
/// Of a burst.
const MAX_AT_ONCE: usize = 64;
