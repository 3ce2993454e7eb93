//! `GET`, `POST` and `DELETE /_sandbox/faults`.

use super::error::ControlError;
use crate::faults::Fault;
use crate::state::SharedState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;

/// `GET /_sandbox/faults`: those that are not used up.
pub async fn list(State(shared): State<Arc<SharedState>>) -> Json<Vec<Fault>> {
    Json(shared.lock().faults.clone())
}

/// `POST /_sandbox/faults`: adds a fault after those there are; returns its id.
pub async fn add(
    State(shared): State<Arc<SharedState>>,
    Json(fault): Json<Fault>,
) -> Result<Json<Value>, ControlError> {
    if fault.times == Some(0) {
        return Err(ControlError(
            "times: 0 would never apply; null applies until deleted".into(),
        ));
    }
    let mut state = shared.lock();
    state.scenario = None;
    Ok(Json(json!({"id": state.add_fault(fault)})))
}

/// `DELETE /_sandbox/faults`: all of them.
pub async fn clear(State(shared): State<Arc<SharedState>>) -> StatusCode {
    let mut state = shared.lock();
    state.scenario = None;
    state.faults.clear();
    StatusCode::NO_CONTENT
}
