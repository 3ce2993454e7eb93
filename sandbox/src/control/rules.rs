//! `GET` and `PATCH /_sandbox/rules`.

use super::error::ControlError;
use super::merge_patch::merge_patch;
use crate::rules::Rules;
use crate::state::SharedState;
use axum::Json;
use axum::extract::State;
use serde_json::Value;
use std::sync::Arc;

/// `GET /_sandbox/rules`.
pub async fn show(State(shared): State<Arc<SharedState>>) -> Json<Rules> {
    Json(shared.lock().rules.clone())
}

/// `PATCH /_sandbox/rules`: changes the rules that the body has; returns all of them.
pub async fn change(
    State(shared): State<Arc<SharedState>>,
    Json(patch): Json<Value>,
) -> Result<Json<Rules>, ControlError> {
    let mut state = shared.lock();
    state.rules = merge_patch(&state.rules, patch)?;
    state.scenario = None;
    Ok(Json(state.rules.clone()))
}
