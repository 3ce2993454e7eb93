//! Business phone numbers: `GET|POST /{waba}/phone_numbers`, `GET /{phone}`, and `POST /{phone}` with a PIN or a
//! webhook override.
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/manage-phone-numbers>

use super::access::{Access, authorize_phone, authorize_waba};
use super::context::{GraphContext, GraphReply, GraphResult};
use super::error::GraphError;
use super::fields::{page, select_fields};
use super::health::phone_health;
use super::params::{missing_param, required_param, required_pin};
use super::subscribed_apps::check_override;
use crate::timestamp::format_seconds;
use crate::world::{IdKind, Phone};
use serde_json::{Value, json};

/// `GET /{waba}/phone_numbers`.
pub fn list(ctx: &mut GraphContext, waba: &str) -> GraphResult {
    authorize_waba(ctx, waba, Access::Read)?;
    let fields = ctx.request.param_text("fields");
    let to_node = |phone| {
        select_fields(
            &node(ctx, phone),
            fields.as_deref(),
            DEFAULT_FIELDS,
            NODE_TYPE,
        )
    };
    let data: Vec<Value> = ctx
        .world
        .phones_in_waba(waba)
        .map(to_node)
        .collect::<Result<_, _>>()?;
    GraphReply::unchanged(page(data))
}

/// `GET /{phone}`.
pub fn get(ctx: &mut GraphContext, id: &str) -> GraphResult {
    let phone = authorize_phone(ctx, id, Access::Read)?;
    GraphReply::unchanged(select_fields(
        &node(ctx, &phone),
        ctx.request.param_text("fields").as_deref(),
        DEFAULT_FIELDS,
        NODE_TYPE,
    )?)
}

/// `POST /{waba}/phone_numbers`: creates a number in this WABA, not verified and not registered.
pub fn add(ctx: &mut GraphContext, waba: &str) -> GraphResult {
    authorize_waba(ctx, waba, Access::Manage)?;
    let (cc, number) = (
        required_param(ctx, "cc")?,
        required_param(ctx, "phone_number")?,
    );
    let verified_name = required_param(ctx, "verified_name")?;
    if ![&cc, &number]
        .iter()
        .all(|part| part.bytes().all(|b| b.is_ascii_digit()))
    {
        return Err(GraphError::invalid_parameter(
            "Param phone_number must be digits only",
        ));
    }
    let id = ctx.world.new_id(IdKind::Phone);
    let phone = Phone {
        id: id.clone(),
        waba_id: waba.to_owned(),
        display_phone_number: format!("+{cc} {number}"),
        verified_name,
        code_verification_status: "NOT_VERIFIED".into(),
        ..Phone::default()
    };
    ctx.world.phones.insert(id.clone(), phone);
    GraphReply::changed(json!({ "id": id }))
}

/// `POST /{phone}`: `{"pin"}` sets the PIN of two-step verification. `{"webhook_configuration":{"override_callback_uri"}}` sets the
/// number's own callback, after a handshake with it, or clears it where it is empty.
pub fn update(ctx: &mut GraphContext, id: &str) -> GraphResult {
    authorize_phone(ctx, id, Access::Message)?;
    let phone = ctx
        .world
        .phones
        .get_mut(id)
        .ok_or_else(GraphError::not_permitted)?;
    if ctx.request.param("pin").is_some() {
        let pin = required_pin(ctx.request)?;
        if phone.platform_type != "CLOUD_API" {
            return Err(GraphError::cloud_api(
                133010,
                "Phone number not registered",
                "Register the number first.",
            ));
        }
        let effect = phone.pin.as_ref() != Some(&pin);
        (phone.pin, phone.is_pin_enabled) = (Some(pin), true);
        return GraphReply::success(effect);
    }
    if let Some(config) = ctx.request.param("webhook_configuration") {
        let uri = config["override_callback_uri"].as_str().unwrap_or_default();
        let uri = Some(uri).filter(|uri| !uri.is_empty()).map(str::to_owned);
        if let Some(uri) = &uri {
            check_override(ctx.request, uri, config["verify_token"].as_str())?;
        }
        let effect = phone.override_callback_uri != uri;
        phone.override_callback_uri = uri;
        return GraphReply::success(effect);
    }
    Err(missing_param("pin"))
}

fn node(ctx: &GraphContext, phone: &Phone) -> Value {
    let waba = ctx.world.wabas.get(&phone.waba_id);
    let app = ctx.bearer.app_id();
    let subscription = app.and_then(|app| waba?.subscriptions.get(app));
    let app = app.and_then(|app| ctx.world.apps.get(app));
    let mut webhooks = json!({});
    if let Some(app) = app.filter(|app| !app.webhook_url.is_empty()) {
        webhooks["application"] = app.webhook_url.clone().into();
    }
    if let Some(uri) =
        subscription.and_then(|subscription| subscription.override_callback_uri.clone())
    {
        webhooks["whatsapp_business_account"] = uri.into();
    }
    if let Some(uri) = &phone.override_callback_uri {
        webhooks["phone_number"] = uri.clone().into();
    }
    json!({
        "id": phone.id,
        "display_phone_number": phone.display_phone_number,
        "verified_name": phone.verified_name,
        "code_verification_status": phone.code_verification_status,
        "quality_rating": phone.quality_rating,
        "platform_type": phone.platform_type,
        "host_platform": phone.platform_type,
        "throughput": {"level": phone.throughput},
        "last_onboarded_time": phone.last_onboarded_ms.map(|ms| format_seconds(ms / 1000)),
        "webhook_configuration": webhooks,
        "status": phone.status,
        "name_status": phone.name_status,
        "new_name_status": "NONE",
        "certificate": null,
        "new_certificate": null,
        "account_mode": phone.account_mode,
        "is_on_biz_app": phone.is_on_biz_app,
        "is_official_business_account": phone.is_official_business_account,
        "is_pin_enabled": phone.is_pin_enabled,
        "messaging_limit_tier": phone.messaging_limit,
        "whatsapp_business_manager_messaging_limit": phone.messaging_limit,
        "country_dial_code": phone.display_phone_number.trim_start_matches('+').split(' ').next(),
        "username": null,
        "search_visibility": "NON_VISIBLE",
        "health_status": phone_health(ctx, phone),
    })
}

const NODE_TYPE: &str = "WhatsAppBusinessPhoneNumber";
const DEFAULT_FIELDS: &[&str] = &[
    "verified_name",
    "code_verification_status",
    "display_phone_number",
    "quality_rating",
    "platform_type",
    "throughput",
    "last_onboarded_time",
    "webhook_configuration",
];
