//! `infobip`, `infobip/send` and `provider`: Infobip's webhook, and the scripted provider.

use super::error::ControlError;
use crate::http::is_loopback_http;
use crate::providers::infobip::{post_webhook, webhook_body};
use crate::state::{SandboxState, SharedState};
use crate::world::{ScriptedProvider, WebhookDelivery};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use url::Url;

/// Body of `PUT /_sandbox/infobip`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookTarget {
    /// `null`: webhooks go nowhere.
    webhook: Option<String>,
    /// Replaces the URL's own host in the `Host` header.
    #[serde(default)]
    host_header: Option<String>,
}

/// Body of `POST /_sandbox/infobip/send`: either `body`, or `waba_id` to build one.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookRequest {
    /// A JSON string is sent as plain text, anything else as JSON.
    body: Option<Value>,
    waba_id: Option<String>,
    /// Status of the registration; `None`: FINISHED.
    status: Option<String>,
    /// Status of every number; `None`: the one that fits.
    sender_status: Option<String>,
}

/// `GET /_sandbox/infobip`.
pub async fn show_infobip(State(shared): State<Arc<SharedState>>) -> Json<Value> {
    Json(infobip_json(&shared.lock()))
}

fn infobip_json(state: &SandboxState) -> Value {
    let infobip = &state.infobip;
    json!({
        "webhook": infobip.webhook.as_ref().map(Url::as_str),
        "host_header": infobip.host_header,
        "sent": infobip.sent,
    })
}

/// `PUT /_sandbox/infobip`: only loopback addresses over plain HTTP are accepted.
pub async fn set_infobip_webhook(
    State(shared): State<Arc<SharedState>>,
    Json(target): Json<WebhookTarget>,
) -> Result<Json<Value>, ControlError> {
    let parse = |text: String| {
        Url::parse(&text)
            .ok()
            .filter(is_loopback_http)
            .ok_or_else(|| format!("webhook: {text:?} is no loopback address over http"))
    };
    let webhook = target.webhook.map(parse).transpose()?;
    let host = target.host_header;
    if host
        .as_ref()
        .is_some_and(|host| host.contains(char::is_control))
    {
        return Err(ControlError("host_header: no host".into()));
    }
    let mut state = shared.lock();
    (state.infobip.webhook, state.infobip.host_header) = (webhook, host);
    Ok(Json(infobip_json(&state)))
}

/// `POST /_sandbox/infobip/send`: posts one webhook now; returns what came of it.
pub async fn send_infobip_webhook(
    State(shared): State<Arc<SharedState>>,
    Json(request): Json<WebhookRequest>,
) -> Result<Json<WebhookDelivery>, ControlError> {
    let text = match (request.body, request.waba_id) {
        (Some(Value::String(text)), None) => text,
        (Some(body), None) => body.to_string(),
        (None, Some(waba)) => {
            let world = &shared.lock().world;
            if !world.wabas.contains_key(&waba) {
                return Err(ControlError(format!("no WABA {waba}")));
            }
            let status = request.status.as_deref().unwrap_or("FINISHED");
            webhook_body(world, &waba, status, request.sender_status.as_deref()).to_string()
        }
        _ => {
            return Err(ControlError("expected either body or waba_id".into()));
        }
    };
    Ok(Json(post_webhook(&shared, text).await))
}

/// `GET /_sandbox/provider`.
pub async fn show_scripted(State(shared): State<Arc<SharedState>>) -> Json<ScriptedProvider> {
    Json(shared.lock().scripted_provider.clone())
}

/// `PUT /_sandbox/provider`: replaces the replies; none of the new ones is used yet.
pub async fn set_scripted(
    State(shared): State<Arc<SharedState>>,
    Json(provider): Json<ScriptedProvider>,
) -> Json<ScriptedProvider> {
    shared.lock().scripted_provider = provider.clone();
    Json(provider)
}
