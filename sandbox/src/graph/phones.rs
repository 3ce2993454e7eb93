//! Business phone numbers: `GET|POST /{waba}/phone_numbers`, `GET /{phone}`, and `POST /{phone}` with a PIN
//! or a webhook override.

use super::access::{Need, to_phone, to_waba};
use super::error::GraphError;
use super::fields::pick;
use super::register::pin_of;
use super::{Answer, Done, Graph, health};
use crate::time;
use crate::world::{Kind, Phone};
use serde_json::{Value, json};

pub fn list(graph: &mut Graph, waba: &str) -> Answer {
    to_waba(graph, waba, Need::Read)?;
    let fields = graph.call.text("fields");
    let one = |phone| pick(&node(graph, phone), fields.as_deref(), DEFAULT, NODE);
    let data: Vec<Value> = graph
        .world
        .phones_of(waba)
        .map(one)
        .collect::<Result<_, _>>()?;
    Done::read(page(data))
}

pub fn get(graph: &mut Graph, id: &str) -> Answer {
    let phone = to_phone(graph, id, Need::Read)?;
    Done::read(pick(
        &node(graph, &phone),
        graph.call.text("fields").as_deref(),
        DEFAULT,
        NODE,
    )?)
}

/// A new number in this WABA: not verified, not registered.
pub fn add(graph: &mut Graph, waba: &str) -> Answer {
    to_waba(graph, waba, Need::Manage)?;
    let text = |name: &str| {
        let missing = || GraphError::parameter(format_args!("The parameter {name} is required."));
        graph
            .call
            .text(name)
            .filter(|text| !text.is_empty())
            .ok_or_else(missing)
    };
    let (cc, number, verified_name) = (text("cc")?, text("phone_number")?, text("verified_name")?);
    if ![&cc, &number]
        .iter()
        .all(|part| part.bytes().all(|b| b.is_ascii_digit()))
    {
        return Err(GraphError::parameter(
            "Param phone_number must be digits only",
        ));
    }
    let id = graph.world.draw_id(Kind::Phone);
    let phone = Phone {
        id: id.clone(),
        waba_id: waba.to_owned(),
        display_phone_number: format!("+{cc} {number}"),
        verified_name,
        code_verification_status: "NOT_VERIFIED".into(),
        ..Phone::default()
    };
    graph.world.phones.insert(id.clone(), phone);
    Done::changed(json!({ "id": id }))
}

/// `{"pin"}` sets the two-step PIN; `{"webhook_configuration":{"override_callback_uri"}}` sets or, with an
/// empty string, clears the number's own callback.
pub fn set(graph: &mut Graph, id: &str) -> Answer {
    to_phone(graph, id, Need::Send)?;
    let phone = graph
        .world
        .phones
        .get_mut(id)
        .ok_or_else(GraphError::not_permitted)?;
    if graph.call.param("pin").is_some() {
        let pin = pin_of(graph.call)?;
        if phone.platform_type != "CLOUD_API" {
            return Err(GraphError::cloud(
                133010,
                "Phone number not registered",
                "Register the number first.",
            ));
        }
        let effect = phone.pin.as_ref() != Some(&pin);
        (phone.pin, phone.is_pin_enabled) = (Some(pin), true);
        return Done::success(effect);
    }
    if let Some(config) = graph.call.param("webhook_configuration") {
        let uri = config["override_callback_uri"].as_str().unwrap_or_default();
        let uri = Some(uri).filter(|uri| !uri.is_empty()).map(str::to_owned);
        let effect = phone.override_callback_uri != uri;
        phone.override_callback_uri = uri;
        return Done::success(effect);
    }
    Err(GraphError::parameter("The parameter pin is required."))
}

/// `{data, paging}`; the sandbox has one page.
pub fn page(data: Vec<Value>) -> Value {
    if data.is_empty() {
        return json!({ "data": [] });
    }
    json!({"data": data, "paging": {"cursors": {"before": "QVFIUmJlZm9yZQ", "after": "QVFIUmFmdGVy"}}})
}

fn node(graph: &Graph, phone: &Phone) -> Value {
    let waba = graph.world.wabas.get(&phone.waba_id);
    let app = graph.who.app_id();
    let subscription = app.and_then(|app| waba?.subscriptions.get(app));
    let app = app.and_then(|app| graph.world.apps.get(app));
    let mut webhooks = json!({});
    if let Some(app) = app.filter(|app| !app.webhook_url.is_empty()) {
        webhooks["application"] = app.webhook_url.clone().into();
    }
    if let Some(uri) = subscription.and_then(|own| own.override_callback_uri.clone()) {
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
        "last_onboarded_time": phone.last_onboarded_ms.map(|ms| time::seconds(ms / 1000)),
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
        "health_status": health::of_phone(graph, phone),
    })
}

const NODE: &str = "WhatsAppBusinessPhoneNumber";
const DEFAULT: &[&str] = &[
    "verified_name",
    "code_verification_status",
    "display_phone_number",
    "quality_rating",
    "platform_type",
    "throughput",
    "last_onboarded_time",
    "webhook_configuration",
];
