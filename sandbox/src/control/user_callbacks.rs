//! `user-callbacks`: Meta's callbacks when a person removes the app or wants their data deleted.
//! <https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback>

use super::error::ControlError;
use crate::http::{is_loopback_http, post_form};
use crate::state::SharedState;
use crate::world::seed_ids;
use axum::Json;
use axum::extract::State;
use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;
use std::sync::Arc;
use url::Url;

/// Body of `POST /_sandbox/user-callbacks`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserCallbackRequest {
    /// The callback URL, which Meta's dashboard has.
    url: String,
    /// `None`: the seed's app.
    #[serde(default)]
    app_id: Option<String>,
    /// The person, as `debug_token` names them.
    #[serde(default)]
    user_id: Option<String>,
    /// What is signed, in place of Meta's payload for `user_id`.
    #[serde(default)]
    payload: Option<Value>,
    /// Signs in place of the app's secret.
    #[serde(default)]
    secret: Option<String>,
    /// Whether the tokens of the person are invalid from now on, as after they removed the app.
    #[serde(default)]
    revoke: bool,
}

/// `POST /_sandbox/user-callbacks`: sends one; returns the status and the JSON of its answer, and what was sent.
pub async fn send(
    State(shared): State<Arc<SharedState>>,
    Json(request): Json<UserCallbackRequest>,
) -> Result<Json<Value>, ControlError> {
    let url = Url::parse(&request.url).map_err(|error| error.to_string())?;
    if !is_loopback_http(&url) {
        return Err(ControlError(format!(
            "{url} is no loopback address over http"
        )));
    }
    let (secret, issued_at) = {
        let mut state = shared.lock();
        let id = request.app_id.as_deref().unwrap_or(seed_ids::APP);
        let app = state.world.apps.get(id);
        let app = app.ok_or_else(|| ControlError(format!("no app {id}")))?;
        let secret = request.secret.unwrap_or_else(|| app.secret.clone());
        let of_person = |user: &String| Some(user) == request.user_id.as_ref();
        if request.revoke {
            for token in state.world.tokens.values_mut() {
                token.is_valid &= !(of_person(&token.user_id) && token.grant.app_id == id);
            }
        }
        (secret, state.now_ms() / 1_000)
    };
    let payload = request.payload.unwrap_or_else(
        || json!({"algorithm": "HMAC-SHA256", "issued_at": issued_at, "user_id": request.user_id}),
    );
    let signed = sign(&secret, &payload.to_string());
    let form = [("signed_request", signed.as_str())];
    let (status, body) = post_form(&url, &form)
        .await
        .map_err(|error| error.to_string())?;
    let answer: Value = serde_json::from_str(&body).unwrap_or(Value::Null);
    Ok(Json(
        json!({"status": status, "answer": answer, "signed_request": signed}),
    ))
}

fn sign(secret: &str, payload: &str) -> String {
    let payload = Base64UrlUnpadded::encode_string(payload.as_bytes());
    // HMAC takes keys of any length.
    let signature = match Hmac::<Sha256>::new_from_slice(secret.as_bytes()) {
        Ok(mut mac) => {
            mac.update(payload.as_bytes());
            Base64UrlUnpadded::encode_string(&mac.finalize().into_bytes())
        }
        Err(_) => String::new(),
    };
    format!("{signature}.{payload}")
}
