//! Control of the partners beside Meta: where Infobip's webhook goes, a webhook now, the programmed provider.

use super::{House, Refused};
use crate::infobip::{Sent, body, deliver};
use crate::outbound;
use crate::provider::Programme;
use crate::state::{Shared, State};
use axum::extract::State as Has;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use url::Url;

pub fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/_sandbox/infobip", get(shown).put(aim))
        .route("/_sandbox/infobip/send", post(send))
        .route("/_sandbox/provider", get(programme).put(set_programme))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Aim {
    webhook: Option<String>,
    #[serde(default)]
    host_header: Option<String>,
}

/// A verbatim `body` (text goes out as it is), or one built for `waba_id`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Order {
    body: Option<Value>,
    waba_id: Option<String>,
    /// FINISHED, where nothing else is said.
    status: Option<String>,
    sender_status: Option<String>,
}

async fn shown(Has(shared): House) -> Json<Value> {
    Json(look(&shared.lock()))
}

fn look(state: &State) -> Value {
    let infobip = &state.infobip;
    json!({
        "webhook": infobip.webhook.as_ref().map(Url::as_str),
        "host_header": infobip.host_header,
        "sent": infobip.sent,
    })
}

/// Only plain http to this machine itself.
async fn aim(Has(shared): House, Json(order): Json<Aim>) -> Result<Json<Value>, Refused> {
    let parse = |text: String| {
        Url::parse(&text)
            .ok()
            .filter(outbound::reaches)
            .ok_or_else(|| format!("webhook: {text:?} is no loopback address over http"))
    };
    let webhook = order.webhook.map(parse).transpose()?;
    let host = order.host_header;
    if host
        .as_ref()
        .is_some_and(|host| host.contains(char::is_control))
    {
        return Err("host_header: no host".to_owned().into());
    }
    let mut state = shared.lock();
    (state.infobip.webhook, state.infobip.host_header) = (webhook, host);
    Ok(Json(look(&state)))
}

async fn send(Has(shared): House, Json(order): Json<Order>) -> Result<Json<Sent>, Refused> {
    let text = match (order.body, order.waba_id) {
        (Some(Value::String(text)), None) => text,
        (Some(body), None) => body.to_string(),
        (None, Some(waba)) => {
            let world = &shared.lock().world;
            if !world.wabas.contains_key(&waba) {
                return Err(format!("no WABA {waba}").into());
            }
            let status = order.status.as_deref().unwrap_or("FINISHED");
            body(world, &waba, status, order.sender_status.as_deref()).to_string()
        }
        _ => return Err("either body or waba_id is wanted".to_owned().into()),
    };
    Ok(Json(deliver(&shared, text).await))
}

async fn programme(Has(shared): House) -> Json<Programme> {
    Json(shared.lock().provider.clone())
}

async fn set_programme(Has(shared): House, Json(order): Json<Programme>) -> Json<Programme> {
    shared.lock().provider = order.clone();
    Json(order)
}
