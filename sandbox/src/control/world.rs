//! `reset`, `world`, `seed`, and `PATCH` of one row.

use super::error::ControlError;
use super::merge_patch::{merge_rows, patch_row, rows_with_ids};
use crate::state::{SandboxState, SharedState};
use crate::world::seed_ids;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;

/// `POST /_sandbox/reset`: restores the seed.
pub async fn reset(State(shared): State<Arc<SharedState>>) -> StatusCode {
    *shared.lock() = SandboxState::seeded();
    StatusCode::NO_CONTENT
}

/// `GET /_sandbox/world`.
pub async fn show(State(shared): State<Arc<SharedState>>) -> Json<Value> {
    Json(world_json(&shared.lock()))
}

/// All rows, the rules, the clock, and by name the ids of the seed that tests use most.
fn world_json(state: &SandboxState) -> Value {
    let mut world = json!(state.world);
    world["app_id"] = seed_ids::APP.into();
    world["app_secret"] = seed_ids::APP_SECRET.into();
    world["system_token"] = seed_ids::SYSTEM_TOKEN.into();
    world["config_id"] = seed_ids::CONFIG.into();
    world["partner_business_id"] = seed_ids::PARTNER.into();
    world["solution_id"] = seed_ids::SOLUTION.into();
    world["infobip_solution_id"] = seed_ids::INFOBIP_SOLUTION.into();
    world["system_user_id"] = seed_ids::SYSTEM_USER.into();
    world["credit_id"] = seed_ids::CREDIT.into();
    world["now_ms"] = state.now_ms().into();
    world["rules"] = json!(state.rules);
    world
}

/// `POST /_sandbox/seed`: merges rows into collections: all of the request, or nothing.
pub async fn seed(
    State(shared): State<Arc<SharedState>>,
    Json(seed): Json<Value>,
) -> Result<Json<Value>, ControlError> {
    let mut state = shared.lock();
    let mut world = state.world.clone();
    let collections = seed
        .as_object()
        .ok_or_else(|| ControlError("expected an object".into()))?;
    for (collection, rows) in collections {
        let rows = rows_with_ids(rows)?;
        match collection.as_str() {
            "apps" => merge_rows(&mut world.apps, rows)?,
            "businesses" => merge_rows(&mut world.businesses, rows)?,
            "wabas" => merge_rows(&mut world.wabas, rows)?,
            "phones" => merge_rows(&mut world.phones, rows)?,
            "system_users" => merge_rows(&mut world.system_users, rows)?,
            "credits" => merge_rows(&mut world.credits, rows)?,
            "allocations" => merge_rows(&mut world.allocations, rows)?,
            "solutions" => merge_rows(&mut world.solutions, rows)?,
            other => return Err(ControlError(format!("no collection {other:?}"))),
        }
    }
    world.assign_creation_order();
    state.world = world;
    Ok(Json(world_json(&state)))
}

/// `PATCH /_sandbox/{collection}/{id}`: any fields of one row; returns the row.
pub async fn patch_one(
    State(shared): State<Arc<SharedState>>,
    Path((collection, id)): Path<(String, String)>,
    Json(patch): Json<Value>,
) -> Result<Json<Value>, ControlError> {
    let world = &mut shared.lock().world;
    let row = match collection.as_str() {
        "apps" => patch_row(&mut world.apps, &id, patch),
        "businesses" => patch_row(&mut world.businesses, &id, patch),
        "wabas" => patch_row(&mut world.wabas, &id, patch),
        "phones" => patch_row(&mut world.phones, &id, with_two_step_verification(patch)),
        "codes" => patch_row(&mut world.codes, &id, patch),
        "tokens" => patch_row(&mut world.tokens, &id, patch),
        "system_users" => patch_row(&mut world.system_users, &id, patch),
        "credits" => patch_row(&mut world.credits, &id, patch),
        "allocations" => patch_row(&mut world.allocations, &id, patch),
        "solutions" => patch_row(&mut world.solutions, &id, patch),
        "registrations" => patch_row(&mut world.registrations, &id, patch),
        "messages" => patch_row(&mut world.messages, &id, patch),
        "senders" => patch_row(&mut world.senders, &id, patch),
        other => return Err(ControlError(format!("no collection {other:?}"))),
    }?;
    Ok(Json(row))
}

/// Setting `pin` also turns two-step verification on, or off where it is null, unless the patch sets that too.
fn with_two_step_verification(mut patch: Value) -> Value {
    if let Some(pin) = patch.get("pin").map(|pin| !pin.is_null())
        && patch.get("is_pin_enabled").is_none()
    {
        patch["is_pin_enabled"] = pin.into();
    }
    patch
}
