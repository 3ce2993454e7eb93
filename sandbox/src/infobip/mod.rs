//! Infobip's side of a partner solution: it takes an account over, registers the numbers itself, says so by
//! webhook, and sends messages (its API reference, "WhatsApp" and "Messages API").

mod course;
mod messages;
mod senders;
mod webhook;

pub use course::register;
pub use webhook::{Sent, body, deliver};

use crate::call::Call;
use crate::errand::Errand;
use crate::reply::Reply;
use crate::seed;
use crate::state::State;
use crate::world::Registration;
use base64ct::{Base64, Encoding};
use serde_json::{Value, json};
use url::Url;

/// Where its webhook goes, and what was sent so far.
#[derive(Debug, Default)]
pub struct Infobip {
    pub webhook: Option<Url>,
    pub host_header: Option<String>,
    pub sent: Vec<Sent>,
}

type Answer = Result<Reply, Reply>;

pub fn answer(state: &mut State, call: &Call) -> Reply {
    let parts: Vec<&str> = call.parts.iter().map(String::as_str).collect();
    let signup = ["whatsapp", "1", "embedded-signup", "registrations"];
    let answer = authorised(call).and_then(|()| match (call.method.as_str(), parts.as_slice()) {
        ("POST", [way @ .., "share-waba"]) if way == signup => share(state, call),
        ("POST", [way @ .., "business-account", waba, "senders"]) if way == signup => {
            senders::add(state, call, waba)
        }
        (method, [way @ .., "senders", sender, "verification"]) if way == signup => {
            senders::verify(state, call, method, sender)
        }
        ("POST", ["whatsapp", "1", "message", "text"]) => messages::text(state, call),
        ("POST", ["whatsapp", "1", "message", "template"]) => messages::template(state, call),
        ("GET", ["messages-api", "1", "reports"]) => messages::reports(state, call),
        _ => Err(not_found()),
    });
    answer.unwrap_or_else(|refusal| refusal)
}

/// Takes the account over; its numbers follow in their own time. Asking again does no harm.
fn share(state: &mut State, call: &Call) -> Answer {
    let id = required(call, "businessAccountId")?;
    let waba = state.world.wabas.get(&id);
    let waba = waba.filter(|waba| !waba.shared_with.is_empty());
    let waba = waba.ok_or_else(not_found)?;
    let solution = waba.solution_id.as_ref();
    let solution = solution.and_then(|id| state.world.solutions.get(id));
    if !solution.is_some_and(|solution| solution.has(seed::INFOBIP_APP)) {
        return Err(error(
            403,
            "FORBIDDEN",
            "The business account is not shared through a partner solution with Infobip.",
        ));
    }
    let now_ms = state.now_ms();
    let known = state.world.registrations.get(&id);
    let fresh = known.is_none_or(|registration| registration.status == "FAILED");
    if fresh {
        let registration = Registration {
            id: id.clone(),
            status: "IN_PROGRESS".into(),
            entity_id: waba.business_id.clone(),
            application_id: seed::INFOBIP_APPLICATION.into(),
            failed: Default::default(),
            created_ms: now_ms,
            modified_ms: now_ms,
        };
        state.world.registrations.insert(id.clone(), registration);
        state.errands.push(Errand::Registration(id));
    }
    let status = state.rules.infobip_status;
    let reply = match &state.rules.infobip_answer {
        Value::Null => Reply::new(status, "application/json", ""),
        body => Reply::json(status, body),
    };
    Ok(reply.effect(fresh))
}

/// `App` with a key, `Basic` with a login, `IBSSO` and `Bearer` with a token.
fn authorised(call: &Call) -> Result<(), Reply> {
    let given = call.headers.get("authorization").map(String::as_str);
    let known = match given.and_then(|given| given.split_once(' ')) {
        Some(("App", key)) => key == seed::INFOBIP_KEY,
        Some(("Basic", login)) => login == basic(seed::INFOBIP_LOGIN),
        Some(("IBSSO" | "Bearer", token)) => token == seed::INFOBIP_TOKEN,
        _ => false,
    };
    known
        .then_some(())
        .ok_or_else(|| error(401, "UNAUTHORIZED", "Invalid login details"))
}

/// What stands behind `Basic` for this login.
pub fn basic((user, password): (&str, &str)) -> String {
    Base64::encode_string(format!("{user}:{password}").as_bytes())
}

fn required(call: &Call, name: &str) -> Result<String, Reply> {
    let given = call.text(name).filter(|text| !text.is_empty());
    given.ok_or_else(|| invalid(name, "must not be blank"))
}

fn not_found() -> Reply {
    error(404, "NOT_FOUND", "Requested resource not found")
}

fn invalid(field: &str, why: &str) -> Reply {
    let exception = json!({
        "messageId": "BAD_REQUEST", "text": "Bad Request", "validationErrors": {field: [why]},
    });
    Reply::json(
        400,
        &json!({"requestError": {"serviceException": exception}}),
    )
}

fn error(status: u16, id: &str, text: &str) -> Reply {
    let exception = json!({"messageId": id, "text": text});
    Reply::json(
        status,
        &json!({"requestError": {"serviceException": exception}}),
    )
}
