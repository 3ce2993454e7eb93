//! `POST /{phone}/smb_app_data`: syncs contacts and history of a number in the WhatsApp Business app, each once and
//! within 24 hours of onboarding.
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-business-app-users>

use super::access::{Access, authorize_phone};
use super::context::{GraphContext, GraphReply, GraphResult};
use super::error::GraphError;
use super::params::require_whatsapp;
use crate::world::random_alphanumeric;
use serde_json::json;

pub fn request_sync(ctx: &mut GraphContext, id: &str) -> GraphResult {
    let phone = authorize_phone(ctx, id, Access::Message)?;
    require_whatsapp(ctx.request)?;
    let sync_type = ctx.request.param_text("sync_type").unwrap_or_default();
    if !["smb_app_state_sync", "history"].contains(&sync_type.as_str()) {
        return Err(GraphError::invalid_parameter(
            "Param sync_type must be one of {smb_app_state_sync, history}",
        ));
    }
    if !phone.is_on_biz_app {
        return Err(GraphError::cloud_api(
            100,
            "Invalid parameter",
            "This number is not in the WhatsApp Business app.",
        ));
    }
    let app = ctx.bearer.app_id().unwrap_or_default();
    let waba = ctx.world.wabas.get(&phone.waba_id);
    let subscribed = waba.is_some_and(|waba| waba.subscriptions.contains_key(app));
    if ctx.rules.sync_needs_subscription && !subscribed {
        return Err(GraphError::cloud_api(
            100,
            "Invalid parameter",
            "Subscribe your app to the webhooks of the account first.",
        ));
    }
    // Without a time of onboarding the window is over.
    let window_ends_ms =
        phone.last_onboarded_ms.unwrap_or_default() + ctx.rules.sync_window_s * 1000;
    if ctx.now_ms > window_ends_ms {
        return Err(GraphError::cloud_api(
            2593108,
            "Sync window over",
            "Onboard the number again to sync its data.",
        ));
    }
    let phone = ctx
        .world
        .phones
        .get_mut(id)
        .ok_or_else(GraphError::not_permitted)?;
    if !phone.synced.insert(sync_type) {
        return Err(GraphError::cloud_api(
            2593107,
            "Sync already requested",
            "Each sync can be requested once.",
        ));
    }
    GraphReply::changed(
        json!({"messaging_product": "whatsapp", "request_id": random_alphanumeric(24)}),
    )
}
