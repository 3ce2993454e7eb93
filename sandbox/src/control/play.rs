//! `POST /_sandbox/play`: something happens to a connected number, in the world and as the webhooks that Meta sends of it.

use super::error::ControlError;
use crate::http::is_loopback_http;
use crate::state::{SandboxState, SharedState};
use crate::webhooks::{Change, batches, by_destination, deliver};
use crate::world::{Phone, SentWebhook, seed_ids};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use url::Url;

/// The body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlayRequest {
    happens: Happening,
    phone_number_id: String,
    /// Of `name_approved`.
    #[serde(default)]
    name: Option<String>,
    /// Of `history`: how much is sent by each webhook, in per cent.
    #[serde(default)]
    progress: Vec<u64>,
    /// How often each webhook is sent; 0: once.
    #[serde(default)]
    copies: usize,
}

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Happening {
    /// Meta approves a display name, which the number shows once it is registered again.
    NameApproved,
    /// The customer adds a payment method. Meta sends no webhook of it.
    PaymentAdded,
    /// The number leaves the API, and stays in the WhatsApp Business app.
    Offboarded,
    /// It is connected again.
    Reconnected,
    /// Parts of its chats are sent.
    History,
    /// The customer takes the partner's access to the account away.
    PartnerRemoved,
}

/// Returns what came of each webhook.
pub async fn play(
    State(shared): State<Arc<SharedState>>,
    Json(request): Json<PlayRequest>,
) -> Result<Json<Value>, ControlError> {
    let (destinations, secret) = {
        let mut state = shared.lock();
        let changes = happen(&mut state, &request)?;
        let app = state.world.apps.get(seed_ids::APP);
        let app = app.ok_or_else(|| ControlError("no app".into()))?;
        let secret = app.secret.clone();
        let destinations = by_destination(&state.world, seed_ids::APP, changes);
        (destinations, secret)
    };
    let mut deliveries: Vec<SentWebhook> = Vec::new();
    for (url, changes) in destinations {
        let Some(url) = Url::parse(&url).ok().filter(is_loopback_http) else {
            continue;
        };
        for body in batches(changes, 1, false, 0) {
            for _ in 0..request.copies.max(1) {
                deliveries.push(deliver(&shared, &url, &secret, body.clone()).await);
            }
        }
    }
    Ok(Json(json!({"deliveries": deliveries})))
}

/// Changes the world; returns the changes that Meta sends.
fn happen(state: &mut SandboxState, request: &PlayRequest) -> Result<Vec<Change>, ControlError> {
    let now_s = state.now_ms() / 1_000;
    let world = &mut state.world;
    let phone = world.phones.get_mut(&request.phone_number_id);
    let phone =
        phone.ok_or_else(|| ControlError(format!("no number {}", request.phone_number_id)))?;
    let change = |phone: &Phone, field: &str, value: Value| Change {
        entry_id: phone.waba_id.as_str().into(),
        time: Some(now_s),
        field: Some(field.to_owned()),
        value,
    };
    let digits: String = phone
        .display_phone_number
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    let account = |phone: &Phone, event: &str| {
        let value = json!({"event": event, "phone_number": digits});
        vec![change(phone, "account_update", value)]
    };
    Ok(match request.happens {
        Happening::NameApproved => {
            let name = request.name.clone().unwrap_or_else(|| "New Name".into());
            phone.approved_name = Some(name.clone());
            let value = json!({"display_phone_number": digits, "decision": "APPROVED",
                "requested_verified_name": name, "rejection_reason": null});
            vec![change(phone, "phone_number_name_update", value)]
        }
        Happening::PaymentAdded => {
            let waba = phone.waba_id.clone();
            if let Some(waba) = world.wabas.get_mut(&waba) {
                waba.primary_funding_id = Some("8900000000000001".into());
            }
            vec![]
        }
        Happening::Offboarded => {
            phone.platform_type = "NOT_APPLICABLE".into();
            account(phone, "ACCOUNT_OFFBOARDED")
        }
        Happening::Reconnected => {
            phone.platform_type = "CLOUD_API".into();
            account(phone, "ACCOUNT_RECONNECTED")
        }
        Happening::History => {
            let one = |(order, progress): (usize, &u64)| {
                let part = json!({"metadata": {"phase": 0, "chunk_order": order + 1, "progress": progress},
                    "threads": [{"id": "16315550142", "messages": []}]});
                let value = json!({"messaging_product": "whatsapp", "history": [part],
                    "metadata": {"display_phone_number": digits, "phone_number_id": phone.id}});
                change(phone, "history", value)
            };
            request.progress.iter().enumerate().map(one).collect()
        }
        Happening::PartnerRemoved => {
            let waba = phone.waba_id.clone();
            let change = change(phone, "account_update", json!({"event": "PARTNER_REMOVED"}));
            for token in world.tokens.values_mut() {
                if token.grant.app_id == seed_ids::APP && token.grant.waba_ids.contains(&waba) {
                    token.is_valid = false;
                }
            }
            vec![change]
        }
    })
}
