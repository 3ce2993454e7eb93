//! Sinch's provisioning API: `POST|GET /v1/projects/{project}/whatsapp/senders`, `Basic` or `Bearer`.
//! <https://developers.sinch.com/docs/provisioning-api/>

use super::auth::{authorization, basic_credentials};
use super::senders::{create_sender, find_shared_phone};
use crate::http::{IncomingRequest, Reply};
use crate::state::SandboxState;
use crate::world::{Sender, random_alphanumeric, seed_ids};
use serde_json::{Value, json};

pub fn handle_request(state: &mut SandboxState, request: &IncomingRequest) -> Reply {
    let is_authorized = match authorization(request) {
        Some(("Basic", login)) => login == basic_credentials(seed_ids::SINCH_LOGIN),
        Some(("Bearer", token)) => token == seed_ids::SINCH_TOKEN,
        _ => false,
    };
    if !is_authorized {
        return error_reply(401, "UNAUTHORIZED", "Unauthorized");
    }
    match (request.method.as_str(), request.segments.get(5)) {
        ("POST", None) => create(state, request),
        ("GET", Some(id)) => match state.world.senders.get(id) {
            Some(sender) => Reply::json(200, &sender_json(sender, request)),
            None => error_reply(404, "NOT_FOUND", "Sender not found"),
        },
        _ => error_reply(404, "NOT_FOUND", "Not found"),
    }
}

fn create(state: &mut SandboxState, request: &IncomingRequest) -> Reply {
    let body = Value::Object(request.body.clone());
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    if !["BR", "EU", "US"].contains(&text("region")) {
        return error_reply(400, "BAD_REQUEST", "region must be one of BR, EU, US");
    }
    let phone = find_shared_phone(state, |phone| {
        phone.id == text("phoneNumberId") && phone.waba_id == text("wabaId")
    });
    let Some(phone) = phone.map(|phone| phone.id.clone()) else {
        return error_reply(400, "BAD_REQUEST", "wabaId or phoneNumberId is unknown");
    };
    let sender = Sender {
        id: format!("01{}", random_alphanumeric(24).to_ascii_uppercase()),
        provider: "sinch".into(),
        status: "IN_PROGRESS".into(),
        phone_number_id: phone,
        request: body,
    };
    let reply = Reply::json(201, &sender_json(&sender, request)).with_effect(true);
    create_sender(state, sender);
    reply
}

fn sender_json(sender: &Sender, request: &IncomingRequest) -> Value {
    json!({
        "id": sender.id,
        "projectId": request.segments.get(2),
        "region": sender.request["region"],
        "state": sender.status,
        "wabaId": sender.request["wabaId"],
        "phoneNumberId": sender.request["phoneNumberId"],
    })
}

fn error_reply(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, &json!({"errorCode": code, "message": message}))
}
