//! `GET /_sandbox/log` and `/_sandbox/count`.

use crate::log::{LogEntry, LogFilter};
use crate::state::SharedState;
use axum::Json;
use axum::extract::{Query, State};
use serde_json::{Value, json};
use std::sync::Arc;

/// `GET /_sandbox/log`: the entries that match.
pub async fn list(
    State(shared): State<Arc<SharedState>>,
    Query(filter): Query<LogFilter>,
) -> Json<Vec<LogEntry>> {
    let state = shared.lock();
    let entries = state.log.iter().filter(|entry| filter.matches(entry));
    Json(entries.cloned().collect())
}

/// `GET /_sandbox/count`: how many entries match.
pub async fn count(
    State(shared): State<Arc<SharedState>>,
    Query(filter): Query<LogFilter>,
) -> Json<Value> {
    let state = shared.lock();
    let entries = state.log.iter().filter(|entry| filter.matches(entry));
    Json(json!({ "count": entries.count() }))
}
