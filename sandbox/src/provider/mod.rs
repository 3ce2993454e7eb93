//! Other providers a number can be handed to: Twilio, Sinch and Gupshup as their documents describe them,
//! and one that answers whatever a test programs.

mod gupshup;
mod programme;
mod sinch;
mod twilio;

pub use programme::Programme;

use crate::call::Call;
use crate::errand::{Course, Errand};
use crate::infobip::basic;
use crate::reply::Reply;
use crate::state::State;
use crate::world::{Phone, Sender};
use serde_json::Value;

pub fn answer(state: &mut State, call: &Call) -> Reply {
    let parts: Vec<&str> = call.parts.iter().map(String::as_str).collect();
    match parts.as_slice() {
        ["v2", ..] => twilio::answer(state, call),
        ["v1", ..] => sinch::answer(state, call),
        ["partner", ..] => gupshup::answer(state, call),
        _ => state.provider.answer(call),
    }
}

/// A sender comes up after a while, and its number with it; or it fails.
pub async fn become_ready(course: Course, id: String) {
    let Some(after) = course.shared.lock().rules.provider_after_ms else {
        return;
    };
    let act = |state: &mut State| {
        let (fails, now_ms) = (state.rules.provider_fails, state.now_ms());
        if let Some(sender) = state.world.senders.get_mut(&id) {
            let (ready, failed) = match sender.provider.as_str() {
                "twilio" => ("ONLINE", "OFFLINE"),
                _ => ("ACTIVE", "ERROR"),
            };
            sender.status = if fails { failed } else { ready }.to_owned();
            let phone = sender.phone_number_id.clone();
            if !fails {
                state.world.connect(&phone, now_ms);
            }
        }
    };
    // `None`: a reset took this world away.
    course.later(after, act).await;
}

/// Notes the sender, and that it is on its way.
fn begin(state: &mut State, id: String, provider: &str, status: &str, phone: &str, request: Value) {
    let sender = Sender {
        id: id.clone(),
        provider: provider.into(),
        status: status.into(),
        phone_number_id: phone.into(),
        request,
    };
    state.world.senders.insert(id.clone(), sender);
    state.errands.push(Errand::Sender(id));
}

/// A number of an account that was shared with somebody.
fn shared_phone(state: &State, wanted: impl Fn(&Phone) -> bool) -> Option<&Phone> {
    let shared = |phone: &Phone| {
        let waba = state.world.wabas.get(&phone.waba_id);
        waba.is_some_and(|waba| !waba.shared_with.is_empty())
    };
    let mut phones = state.world.phones.values();
    phones.find(|phone| wanted(phone) && shared(phone))
}

fn authorised(call: &Call, login: Option<(&str, &str)>, token: Option<&str>) -> bool {
    let given = call.headers.get("authorization").map(String::as_str);
    match given.and_then(|given| given.split_once(' ')) {
        Some(("Basic", given)) => login.is_some_and(|login| basic(login) == given),
        Some(("Bearer", given)) => token == Some(given),
        _ => false,
    }
}
