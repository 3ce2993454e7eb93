//! `POST /{phone}/smb_app_data`: coexistence sync, each kind once and within 24 h of onboarding
//! (Embedded Signup, "Onboarding business app users").

use super::access::{Need, to_phone};
use super::error::GraphError;
use super::register::product;
use super::{Answer, Done, Graph};
use crate::world::random_word;
use serde_json::json;

pub fn answer(graph: &mut Graph, id: &str) -> Answer {
    let phone = to_phone(graph, id, Need::Send)?;
    product(graph.call)?;
    let kind = graph.call.text("sync_type").unwrap_or_default();
    if !["smb_app_state_sync", "history"].contains(&kind.as_str()) {
        return Err(GraphError::parameter(
            "Param sync_type must be one of {smb_app_state_sync, history}",
        ));
    }
    if !phone.is_on_biz_app {
        return Err(GraphError::cloud(
            100,
            "Invalid parameter",
            "This number is not in the WhatsApp Business app.",
        ));
    }
    let app = graph.who.app_id().unwrap_or_default();
    let waba = graph.world.wabas.get(&phone.waba_id);
    let subscribed = waba.is_some_and(|waba| waba.subscriptions.contains_key(app));
    if graph.rules.sync_needs_subscription && !subscribed {
        return Err(GraphError::cloud(
            100,
            "Invalid parameter",
            "Subscribe your app to the webhooks of the account first.",
        ));
    }
    // Where nobody knows when the number was onboarded, the window is over.
    let ends = phone.last_onboarded_ms.unwrap_or_default() + graph.rules.sync_window_s * 1000;
    if graph.now_ms > ends {
        return Err(GraphError::cloud(
            2593108,
            "Sync window over",
            "Onboard the number again to sync its data.",
        ));
    }
    let phone = graph
        .world
        .phones
        .get_mut(id)
        .ok_or_else(GraphError::not_permitted)?;
    if !phone.synced.insert(kind) {
        return Err(GraphError::cloud(
            2593107,
            "Sync already requested",
            "Each sync can be requested once.",
        ));
    }
    Done::changed(json!({"messaging_product": "whatsapp", "request_id": random_word(24)}))
}
