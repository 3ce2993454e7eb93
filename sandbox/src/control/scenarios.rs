//! `GET /_sandbox/scenarios` and `POST /_sandbox/scenarios/{name}`. The start page has a button for each.

use super::error::ControlError;
use super::merge_patch::merge_patch;
use crate::rules::Rules;
use crate::scenarios::{SCENARIOS, Scenario};
use crate::state::SharedState;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;

/// `GET /_sandbox/scenarios`.
pub async fn list() -> Json<&'static [Scenario]> {
    Json(SCENARIOS)
}

/// `POST /_sandbox/scenarios/{name}`: replaces all rules and faults; everything else is kept. 204, or for the form of the
/// start page the way back to it.
pub async fn apply(
    State(shared): State<Arc<SharedState>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ControlError> {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == name);
    let scenario = scenario.ok_or_else(|| ControlError(format!("no scenario {name:?}")))?;
    let invalid = |error: serde_json::Error| ControlError(error.to_string());
    let rules = merge_patch(&Rules::default(), scenario.rules().map_err(invalid)?)?;
    let faults = scenario.faults().map_err(invalid)?;
    let mut state = shared.lock();
    state.rules = rules;
    state.faults.clear();
    for fault in faults {
        state.add_fault(fault);
    }
    state.scenario = Some(scenario.name);
    let accept = headers.get(header::ACCEPT).map(|value| value.as_bytes());
    let is_form = accept.is_some_and(|accept| accept.starts_with(b"text/html"));
    Ok(if is_form {
        Redirect::to("/").into_response()
    } else {
        StatusCode::NO_CONTENT.into_response()
    })
}
