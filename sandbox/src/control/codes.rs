//! `POST /_sandbox/codes`: an authorization code, as if a person had just finished the dialog.

use super::error::ControlError;
use crate::state::SharedState;
use crate::webhooks::send_partner_added;
use crate::world::{
    Grant, IdKind, PartnerAdded, Phone, RedirectBinding, World, XD_ARBITER, default_scopes,
    seed_ids,
};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// The body; every field is optional.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CodeRequest {
    /// `None`: the seed's app.
    app_id: Option<String>,
    /// `None`, without `new` and `wabas`: the seed's WABA.
    waba_id: Option<String>,
    /// Create a portfolio, a WABA and a verified number for this code.
    new: bool,
    /// Returned as it is; `None`: the first number of the WABA.
    phone_number_id: Option<String>,
    /// One that begins with [`XD_ARBITER`] binds the code as the popup of `FB.login` does, any other one as the dialog
    /// that redirects back does. `None`: some `redirect_uri` of the popup.
    redirect_uri: Option<String>,
    /// Address of the page that called `FB.login`.
    page: String,
    scopes: Option<Vec<String>>,
    /// Whether `debug_token` lists target ids; `None`: it does.
    granular: Option<bool>,
    /// The partner solution the WABAs are shared through.
    solution_id: Option<String>,
    /// Several WABAs in one grant; the first of them is in the reply.
    wabas: Vec<String>,
}

/// Returns the code, and the ids that the dialog's event would have.
pub async fn issue_code(
    State(shared): State<Arc<SharedState>>,
    Json(request): Json<CodeRequest>,
) -> Result<Json<Value>, ControlError> {
    let mut state = shared.lock();
    let now_ms = state.now_ms();
    let app_id = request.app_id.unwrap_or_else(|| seed_ids::APP.into());
    if !state.world.apps.contains_key(&app_id) {
        return Err(ControlError(format!("no app {app_id}")));
    }
    let mut waba_ids = request.wabas;
    if request.new {
        waba_ids.insert(0, create_waba_with_number(&mut state.world));
    } else if let Some(id) = request.waba_id {
        waba_ids.retain(|other| *other != id);
        waba_ids.insert(0, id);
    } else if waba_ids.is_empty() {
        waba_ids.push(seed_ids::WABA.into());
    }
    let mut unknown = waba_ids
        .iter()
        .filter(|id| !state.world.wabas.contains_key(*id));
    if let Some(unknown) = unknown.next() {
        return Err(ControlError(format!("no WABA {unknown}")));
    }
    let waba_id = waba_ids[0].clone();
    let business_id = state.world.wabas[&waba_id].business_id.clone();
    let first_phone = state.world.phones_in_waba(&waba_id).next();
    let first_phone = first_phone.map(|phone| phone.id.clone());
    let phone_number_id = request.phone_number_id.or(first_phone);
    let bound_to = match request.redirect_uri {
        Some(uri) if !uri.starts_with(XD_ARBITER) => RedirectBinding::Redirect { uri },
        uri => RedirectBinding::Sdk {
            captured: uri.unwrap_or_else(|| format!("{XD_ARBITER}?version=46#cb=f0")),
            page: request.page,
        },
    };
    let grant = Grant {
        app_id,
        business_id: business_id.clone(),
        waba_ids,
        scopes: request.scopes.unwrap_or_else(default_scopes),
        granular: request.granular.unwrap_or(true),
        solution_id: request.solution_id,
        extra_assets: state.rules.extra_assets.clone(),
    };
    let added = PartnerAdded {
        app_id: grant.app_id.clone(),
        waba_ids: grant.waba_ids.clone(),
        app_only: false,
    };
    let code = state.world.issue_code(grant, bound_to, now_ms);
    drop(state);
    send_partner_added(&shared, added, 1);
    Ok(Json(json!({
        "code": code, "waba_id": waba_id, "phone_number_id": phone_number_id, "business_id": business_id,
    })))
}

/// A new portfolio with a WABA and a verified number; returns the WABA's id.
pub(super) fn create_waba_with_number(world: &mut World) -> String {
    let business = world.add_business(None);
    let name = world.businesses[&business].name.clone();
    let waba = world.add_waba(&business, &name);
    let id = world.new_id(IdKind::Phone);
    let phone = Phone {
        id: id.clone(),
        waba_id: waba.clone(),
        display_phone_number: format!("+1 631-556-{:04}", world.ids_issued % 10_000),
        verified_name: name,
        ..Phone::default()
    };
    world.phones.insert(id, phone);
    waba
}
