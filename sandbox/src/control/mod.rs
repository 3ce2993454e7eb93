//! The control API under `/_sandbox/`: reset, look, seed, mint a code, set rules, order faults, read the log.
//! Open to any origin: this is a test tool on loopback.

mod providers;

use crate::dialog::XD_ARBITER;
use crate::fault::Fault;
use crate::log::{Entry, Filter};
use crate::patch::{merge_all, patch, rows};
use crate::rules::Rules;
use crate::seed;
use crate::state::{Shared, State};
use crate::world::{BoundTo, Grant, Kind, Phone, World, default_scopes};
use axum::extract::{Path, Query, Request, State as Has};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch as patch_route, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

type House = Has<Arc<Shared>>;

/// 400 with what is wrong about the order.
pub struct Refused(String);

pub fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/_sandbox/reset", post(reset))
        .route("/_sandbox/world", get(world))
        .route("/_sandbox/seed", post(seed))
        .route("/_sandbox/codes", post(mint))
        .route("/_sandbox/rules", get(rules).patch(set_rules))
        .route(
            "/_sandbox/faults",
            get(faults).post(order_fault).delete(clear_faults),
        )
        .route("/_sandbox/log", get(log))
        .route("/_sandbox/count", get(count))
        .merge(providers::router())
        .route("/_sandbox/{collection}/{id}", patch_route(set_row))
        .layer(from_fn(any_origin))
}

async fn reset(Has(shared): House) -> StatusCode {
    *shared.lock() = State::fresh();
    StatusCode::NO_CONTENT
}

async fn world(Has(shared): House) -> Json<Value> {
    Json(shown(&shared.lock()))
}

/// Everything there is, and the seed's names for what tests need first.
fn shown(state: &State) -> Value {
    let mut shown = json!(state.world);
    shown["app_id"] = seed::APP.into();
    shown["app_secret"] = seed::APP_SECRET.into();
    shown["system_token"] = seed::SYSTEM_TOKEN.into();
    shown["config_id"] = seed::CONFIG.into();
    shown["partner_business_id"] = seed::PARTNER.into();
    shown["solution_id"] = seed::SOLUTION.into();
    shown["infobip_solution_id"] = seed::INFOBIP_SOLUTION.into();
    shown["system_user_id"] = seed::SYSTEM_USER.into();
    shown["credit_id"] = seed::CREDIT.into();
    shown["now_ms"] = state.now_ms().into();
    shown["rules"] = json!(state.rules);
    shown
}

/// Rows of a collection: each needs an `id`; what is there is merged.
async fn seed(Has(shared): House, Json(order): Json<Value>) -> Result<Json<Value>, Refused> {
    let mut state = shared.lock();
    let mut world = state.world.clone();
    let collections = order
        .as_object()
        .ok_or_else(|| Refused("an object is wanted".into()))?;
    for (collection, given) in collections {
        let rows = rows(given)?;
        match collection.as_str() {
            "apps" => merge_all(&mut world.apps, rows)?,
            "businesses" => merge_all(&mut world.businesses, rows)?,
            "wabas" => merge_all(&mut world.wabas, rows)?,
            "phones" => merge_all(&mut world.phones, rows)?,
            "system_users" => merge_all(&mut world.system_users, rows)?,
            "credits" => merge_all(&mut world.credits, rows)?,
            "allocations" => merge_all(&mut world.allocations, rows)?,
            "solutions" => merge_all(&mut world.solutions, rows)?,
            other => return Err(Refused(format!("no collection {other:?}"))),
        }
    }
    world.give_birth_order();
    state.world = world;
    Ok(Json(shown(&state)))
}

/// `PATCH /_sandbox/phones/{id}` and its like: any field of one row.
async fn set_row(
    Has(shared): House,
    Path((collection, id)): Path<(String, String)>,
    Json(row): Json<Value>,
) -> Result<Json<Value>, Refused> {
    let world = &mut shared.lock().world;
    let row = match collection.as_str() {
        "apps" => patch(&mut world.apps, &id, row),
        "businesses" => patch(&mut world.businesses, &id, row),
        "wabas" => patch(&mut world.wabas, &id, row),
        "phones" => {
            // Who sets a PIN means two-step verification, unless they say otherwise.
            let mut row = row;
            if let Some(pin) = row.get("pin").map(|pin| !pin.is_null())
                && row.get("is_pin_enabled").is_none()
            {
                row["is_pin_enabled"] = pin.into();
            }
            patch(&mut world.phones, &id, row)
        }
        "codes" => patch(&mut world.codes, &id, row),
        "tokens" => patch(&mut world.tokens, &id, row),
        "system_users" => patch(&mut world.system_users, &id, row),
        "credits" => patch(&mut world.credits, &id, row),
        "allocations" => patch(&mut world.allocations, &id, row),
        "solutions" => patch(&mut world.solutions, &id, row),
        "registrations" => patch(&mut world.registrations, &id, row),
        "messages" => patch(&mut world.messages, &id, row),
        "senders" => patch(&mut world.senders, &id, row),
        other => Err(Refused(format!("no collection {other:?}"))),
    }?;
    Ok(Json(row))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct CodeOrder {
    app_id: Option<String>,
    waba_id: Option<String>,
    /// A fresh business, WABA and verified number.
    new: bool,
    phone_number_id: Option<String>,
    /// An `xd_arbiter` address is the popup's own; any other one binds the code as the redirect dialog does.
    redirect_uri: Option<String>,
    page: String,
    scopes: Option<Vec<String>>,
    granular: Option<bool>,
    /// The partner solution the WABAs are shared through.
    solution_id: Option<String>,
    /// Several WABAs in one grant; the first is the one answered.
    wabas: Vec<String>,
}

/// A code as if a person had just finished the popup, with the ids its event would name.
async fn mint(Has(shared): House, Json(order): Json<CodeOrder>) -> Result<Json<Value>, Refused> {
    let mut state = shared.lock();
    let now_ms = state.now_ms();
    let app_id = order.app_id.unwrap_or_else(|| seed::APP.into());
    if !state.world.apps.contains_key(&app_id) {
        return Err(Refused(format!("no app {app_id}")));
    }
    let mut waba_ids = order.wabas;
    if order.new {
        waba_ids.insert(0, fresh(&mut state.world));
    } else if let Some(id) = order.waba_id {
        waba_ids.retain(|other| *other != id);
        waba_ids.insert(0, id);
    } else if waba_ids.is_empty() {
        waba_ids.push(seed::WABA.into());
    }
    if let Some(missing) = waba_ids
        .iter()
        .find(|id| !state.world.wabas.contains_key(*id))
    {
        return Err(Refused(format!("no WABA {missing}")));
    }
    let waba_id = waba_ids[0].clone();
    let business_id = state.world.wabas[&waba_id].business_id.clone();
    let first = state
        .world
        .phones_of(&waba_id)
        .next()
        .map(|phone| phone.id.clone());
    let phone_number_id = order.phone_number_id.or(first);
    let bound_to = match order.redirect_uri {
        Some(uri) if !uri.starts_with(XD_ARBITER) => BoundTo::Redirect { uri },
        uri => BoundTo::Sdk {
            captured: uri.unwrap_or_else(|| format!("{XD_ARBITER}?version=46#cb=f0")),
            page: order.page,
        },
    };
    let scopes = order.scopes.unwrap_or_else(default_scopes);
    let granular = order.granular.unwrap_or(true);
    let grant = Grant {
        app_id,
        business_id: business_id.clone(),
        waba_ids,
        scopes,
        granular,
        solution_id: order.solution_id,
    };
    let code = state.world.mint_code(grant, bound_to, now_ms);
    Ok(Json(json!({
        "code": code, "waba_id": waba_id, "phone_number_id": phone_number_id, "business_id": business_id,
    })))
}

fn fresh(world: &mut World) -> String {
    let business = world.add_business(None);
    let name = world.businesses[&business].name.clone();
    let waba = world.add_waba(&business, &name);
    let id = world.draw_id(Kind::Phone);
    let number = Phone {
        id: id.clone(),
        waba_id: waba.clone(),
        display_phone_number: format!("+1 631-556-{:04}", world.drawn % 10_000),
        verified_name: name,
        ..Phone::default()
    };
    world.phones.insert(id, number);
    waba
}

async fn rules(Has(shared): House) -> Json<Rules> {
    Json(shared.lock().rules.clone())
}

async fn set_rules(Has(shared): House, Json(order): Json<Value>) -> Result<Json<Rules>, Refused> {
    let mut state = shared.lock();
    state.rules = crate::patch::laid_over(&state.rules, order)?;
    Ok(Json(state.rules.clone()))
}

async fn faults(Has(shared): House) -> Json<Vec<Fault>> {
    Json(shared.lock().faults.clone())
}

async fn order_fault(
    Has(shared): House,
    Json(mut fault): Json<Fault>,
) -> Result<Json<Value>, Refused> {
    if fault.times == Some(0) {
        return Err(Refused(
            "times: 0 would never strike; null is until deleted".into(),
        ));
    }
    let mut state = shared.lock();
    fault.id = state.next_fault;
    state.next_fault += 1;
    state.faults.push(fault.clone());
    Ok(Json(json!({"id": fault.id})))
}

async fn clear_faults(Has(shared): House) -> StatusCode {
    shared.lock().faults.clear();
    StatusCode::NO_CONTENT
}

async fn log(Has(shared): House, Query(filter): Query<Filter>) -> Json<Vec<Entry>> {
    Json(
        shared
            .lock()
            .log
            .iter()
            .filter(|entry| filter.wants(entry))
            .cloned()
            .collect(),
    )
}

async fn count(Has(shared): House, Query(filter): Query<Filter>) -> Json<Value> {
    let count = shared
        .lock()
        .log
        .iter()
        .filter(|entry| filter.wants(entry))
        .count();
    Json(json!({ "count": count }))
}

async fn any_origin(request: Request, next: Next) -> Response {
    let preflight = request.method() == Method::OPTIONS;
    let mut response = if preflight {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
        (
            header::ACCESS_CONTROL_ALLOW_METHODS,
            "GET, POST, PUT, PATCH, DELETE",
        ),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

impl From<String> for Refused {
    fn from(why: String) -> Self {
        Self(why)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(json!({"error": self.0}))).into_response()
    }
}
