//! Twilio's Senders API: `POST|GET /v2/Channels/Senders`, Basic with account SID and auth token.

use super::{authorised, begin, shared_phone};
use crate::call::Call;
use crate::reply::Reply;
use crate::seed;
use crate::state::State;
use crate::world::{Sender, hex};
use rand::Rng;
use serde_json::{Value, json};

pub fn answer(state: &mut State, call: &Call) -> Reply {
    if !authorised(call, Some(seed::TWILIO_LOGIN), None) {
        return error(401, 20003, "Authenticate");
    }
    match (call.method.as_str(), call.parts.get(3)) {
        ("POST", None) => create(state, call),
        ("GET", Some(sid)) => match state.world.senders.get(sid) {
            Some(sender) => Reply::json(200, &node(sender)),
            None => error(404, 20404, "The requested resource was not found"),
        },
        _ => error(404, 20404, "The requested resource was not found"),
    }
}

fn create(state: &mut State, call: &Call) -> Reply {
    let request = Value::Object(call.body.clone());
    let sender_id = request["sender_id"].as_str().unwrap_or_default();
    let waba = request["configuration"]["waba_id"].as_str();
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let phone = shared_phone(state, |phone| {
        digits(&phone.display_phone_number) == digits(sender_id)
            && waba.is_none_or(|waba| waba == phone.waba_id)
    });
    let phone = match phone {
        Some(phone) if sender_id.starts_with("whatsapp:+") => phone.id.clone(),
        _ => return error(400, 20001, "Invalid sender_id or configuration.waba_id"),
    };
    let id = format!("XE{}", hex(&rand::rng().random::<[u8; 16]>()));
    begin(state, id.clone(), "twilio", "CREATING", &phone, request);
    Reply::json(201, &node(&state.world.senders[&id])).effect(true)
}

fn node(sender: &Sender) -> Value {
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

fn error(status: u16, code: u32, message: &str) -> Reply {
    let more_info = format!("https://www.twilio.com/docs/errors/{code}");
    let body = json!({"code": code, "message": message, "more_info": more_info, "status": status});
    Reply::json(status, &body)
}
