//! Twilio's Senders API: `POST|GET /v2/Channels/Senders`, `Basic` with account SID and auth token.
//! <https://www.twilio.com/docs/whatsapp/api/senders>

use super::auth::{authorization, basic_credentials};
use super::senders::{create_sender, find_shared_phone};
use crate::http::{IncomingRequest, Reply};
use crate::state::SandboxState;
use crate::world::{Sender, digits, seed_ids};
use rand::Rng;
use serde_json::{Value, json};

pub fn handle_request(state: &mut SandboxState, request: &IncomingRequest) -> Reply {
    let login = basic_credentials(seed_ids::TWILIO_LOGIN);
    if authorization(request) != Some(("Basic", &login)) {
        return error_reply(401, 20003, "Authenticate");
    }
    match (request.method.as_str(), request.segments.get(3)) {
        ("POST", None) => create(state, request),
        ("GET", Some(sid)) => match state.world.senders.get(sid) {
            Some(sender) => Reply::json(200, &sender_json(sender)),
            None => error_reply(404, 20404, "The requested resource was not found"),
        },
        _ => error_reply(404, 20404, "The requested resource was not found"),
    }
}

fn create(state: &mut SandboxState, request: &IncomingRequest) -> Reply {
    let body = Value::Object(request.body.clone());
    let sender_id = body["sender_id"].as_str().unwrap_or_default();
    let waba = body["configuration"]["waba_id"].as_str();
    let phone = find_shared_phone(state, |phone| {
        digits(&phone.display_phone_number) == digits(sender_id)
            && waba.is_none_or(|waba| waba == phone.waba_id)
    });
    let phone = match phone {
        Some(phone) if sender_id.starts_with("whatsapp:+") => phone.id.clone(),
        _ => return error_reply(400, 20001, "Invalid sender_id or configuration.waba_id"),
    };
    let sender = Sender {
        id: format!("XE{:032x}", rand::rng().random::<u128>()),
        provider: "twilio".into(),
        status: "CREATING".into(),
        phone_number_id: phone,
        request: body,
    };
    let reply = Reply::json(201, &sender_json(&sender)).with_effect(true);
    create_sender(state, sender);
    reply
}

fn sender_json(sender: &Sender) -> Value {
    let reasons = json!([{
        "code": "63020",
        "message": "Twilio encountered a Business Manager account error",
        "more_info": "https://www.twilio.com/docs/errors/63020",
    }]);
    json!({
        "sid": sender.id,
        "status": sender.status,
        "sender_id": sender.request["sender_id"],
        "configuration": sender.request["configuration"],
        "profile": sender.request["profile"],
        "webhook": sender.request["webhook"],
        "properties": null,
        "offline_reasons": (sender.status == "OFFLINE").then_some(reasons),
        "url": format!("https://messaging.twilio.com/v2/Channels/Senders/{}", sender.id),
    })
}

fn error_reply(status: u16, code: u32, message: &str) -> Reply {
    let more_info = format!("https://www.twilio.com/docs/errors/{code}");
    let body = json!({"code": code, "message": message, "more_info": more_info, "status": status});
    Reply::json(status, &body)
}
