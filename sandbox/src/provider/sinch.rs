//! Sinch's provisioning API: `POST|GET /v1/projects/{project}/whatsapp/senders`, Basic or Bearer.

use super::{authorised, begin, shared_phone};
use crate::call::Call;
use crate::reply::Reply;
use crate::seed;
use crate::state::State;
use crate::world::{Sender, random_word};
use serde_json::{Value, json};

pub fn answer(state: &mut State, call: &Call) -> Reply {
    if !authorised(call, Some(seed::SINCH_LOGIN), Some(seed::SINCH_TOKEN)) {
        return error(401, "UNAUTHORIZED", "Unauthorized");
    }
    match (call.method.as_str(), call.parts.get(5)) {
        ("POST", None) => create(state, call),
        ("GET", Some(id)) => match state.world.senders.get(id) {
            Some(sender) => Reply::json(200, &node(sender, call)),
            None => error(404, "NOT_FOUND", "Sender not found"),
        },
        _ => error(404, "NOT_FOUND", "Not found"),
    }
}

fn create(state: &mut State, call: &Call) -> Reply {
    let request = Value::Object(call.body.clone());
    let text = |name: &str| request[name].as_str().unwrap_or_default();
    if !["BR", "EU", "US"].contains(&text("region")) {
        return error(400, "BAD_REQUEST", "region must be one of BR, EU, US");
    }
    let phone = shared_phone(state, |phone| {
        phone.id == text("phoneNumberId") && phone.waba_id == text("wabaId")
    });
    let Some(phone) = phone.map(|phone| phone.id.clone()) else {
        return error(400, "BAD_REQUEST", "wabaId or phoneNumberId is unknown");
    };
    let id = format!("01{}", random_word(24).to_ascii_uppercase());
    begin(state, id.clone(), "sinch", "IN_PROGRESS", &phone, request);
    Reply::json(201, &node(&state.world.senders[&id], call)).effect(true)
}

fn node(sender: &Sender, call: &Call) -> Value {
    json!({
        "id": sender.id,
        "projectId": call.parts.get(2),
        "region": sender.request["region"],
        "state": sender.status,
        "wabaId": sender.request["wabaId"],
        "phoneNumberId": sender.request["phoneNumberId"],
    })
}

fn error(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, &json!({"errorCode": code, "message": message}))
}
