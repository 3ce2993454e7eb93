//! The webhook that Meta sends when a customer has finished the dialog.
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/account_update>

use super::body::{Change, batches};
use super::delivery::deliver;
use crate::http::is_loopback_http;
use crate::state::{SandboxState, SharedState};
use crate::world::PartnerAdded;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::sync::Arc;
use url::Url;

/// Sends it in the background, `copies` times at once. Does nothing for an app whose callback URL is no loopback address.
pub fn send_partner_added(shared: &Arc<SharedState>, added: PartnerAdded, copies: usize) {
    let shared = shared.clone();
    tokio::spawn(async move {
        let Some((url, secret, bodies)) = prepare(&shared.lock(), &added) else {
            return;
        };
        let send_all = async || {
            for body in &bodies {
                deliver(&shared, &url, &secret, body.clone()).await;
            }
        };
        join_all((0..copies).map(|_| send_all())).await;
    });
}

fn prepare(state: &SandboxState, added: &PartnerAdded) -> Option<(Url, String, Vec<String>)> {
    let app = state.world.apps.get(&added.app_id)?;
    let url = Url::parse(&app.webhook_url).ok()?;
    let is_subscribed = app.webhook_fields.contains("account_update");
    if !state.rules.partner_added || !is_subscribed || !is_loopback_http(&url) {
        return None;
    }
    let event = if added.app_only {
        "PARTNER_APP_INSTALLED"
    } else {
        "PARTNER_ADDED"
    };
    let change = |waba: &String| {
        let row = state.world.wabas.get(waba);
        let mut info =
            json!({"waba_id": waba, "owner_business_id": row.map(|row| &row.business_id)});
        if let Some(solution) = row.and_then(|row| row.solution_id.as_ref()) {
            info["solution_id"] = solution.as_str().into();
            info["solution_partner_business_ids"] = json!([app.business_id]);
        }
        if added.app_only {
            info["partner_app_id"] = app.id.as_str().into();
        }
        Change {
            entry_id: Value::from(app.business_id.as_str()),
            time: Some(state.now_ms() / 1_000),
            field: Some("account_update".to_owned()),
            value: json!({"event": event, "waba_info": info}),
        }
    };
    let changes = added.waba_ids.iter().map(change).collect();
    let secret = app.secret.clone();
    Some((url, secret, batches(changes, 1, false, 0)))
}
