//! `POST /{phone}/messages`: accepts a message from a registered number. It goes nowhere.
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages>

use super::access::{Access, authorize_phone};
use super::context::{GraphContext, GraphReply, GraphResult};
use super::error::GraphError;
use super::params::{missing_param, require_whatsapp};
use crate::world::{digits, random_alphanumeric};
use serde_json::json;

pub fn send(ctx: &mut GraphContext, id: &str) -> GraphResult {
    let phone = authorize_phone(ctx, id, Access::Message)?;
    require_whatsapp(ctx.request)?;
    let to = ctx
        .request
        .param_text("to")
        .ok_or_else(|| missing_param("to"))?;
    if phone.platform_type != "CLOUD_API" || phone.status != "CONNECTED" {
        return Err(GraphError::cloud_api(
            133010,
            "Phone number not registered",
            "Register the number first.",
        ));
    }
    GraphReply::changed(json!({
        "messaging_product": "whatsapp",
        "contacts": [{"input": to, "wa_id": digits(&to)}],
        "messages": [{"id": format!("wamid.{}", random_alphanumeric(40))}],
    }))
}
