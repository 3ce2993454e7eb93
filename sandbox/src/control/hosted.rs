//! `POST /_sandbox/hosted`: a customer goes through Hosted Embedded Signup, Meta's own page. There is no code: the account is
//! shared with the app, Meta sends PARTNER_ADDED, and lets the partner fetch the customer's token.
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/hosted-es>

use super::codes::create_waba_with_number;
use super::error::ControlError;
use crate::state::SharedState;
use crate::webhooks::send_partner_added;
use crate::world::{PartnerAdded, seed_ids};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// The body; every field is optional.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HostedRequest {
    /// `None`: the seed's app.
    app_id: Option<String>,
    /// How often the webhook is sent; 0: once.
    copies: usize,
}

/// Returns the account and its number.
pub async fn sign_up(
    State(shared): State<Arc<SharedState>>,
    Json(request): Json<HostedRequest>,
) -> Result<Json<Value>, ControlError> {
    let mut state = shared.lock();
    let app_id = request.app_id.unwrap_or_else(|| seed_ids::APP.into());
    if !state.world.apps.contains_key(&app_id) {
        return Err(ControlError(format!("no app {app_id}")));
    }
    state.rules.recover_tokens = true;
    let waba_id = create_waba_with_number(&mut state.world);
    let first_phone = state.world.phones_in_waba(&waba_id).next();
    let phone_number_id = first_phone.map(|phone| phone.id.clone());
    let waba = state.world.wabas.get_mut(&waba_id);
    let waba = waba.ok_or_else(|| ControlError("no account".into()))?;
    waba.shared_with.insert(app_id.clone());
    let business_id = waba.business_id.clone();
    drop(state);
    let added = PartnerAdded {
        app_id,
        waba_ids: vec![waba_id.clone()],
        app_only: false,
    };
    send_partner_added(&shared, added, request.copies.max(1));
    Ok(Json(json!({
        "waba_id": waba_id, "phone_number_id": phone_number_id, "business_id": business_id,
    })))
}
