//! Cloudflare Access: the keys of a team, which a test makes.

use crate::state::SharedState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::Value;
use std::sync::Arc;

/// `PUT /_sandbox/access-keys`: what `GET /cdn-cgi/access/certs` answers, a JSON Web Key Set.
pub async fn set_keys(
    State(shared): State<Arc<SharedState>>,
    Json(keys): Json<Value>,
) -> StatusCode {
    shared.lock().access_keys = keys;
    StatusCode::NO_CONTENT
}
