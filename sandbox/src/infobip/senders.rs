//! A further number for an account Infobip has: added, verified by a code, then registered by Infobip.

use super::{Answer, error, invalid, not_found, required};
use crate::call::Call;
use crate::reply::Reply;
use crate::state::State;
use crate::world::{Kind, Phone};
use rand::Rng;

/// `POST …/business-account/{id}/senders` → 202.
pub fn add(state: &mut State, call: &Call, waba: &str) -> Answer {
    let known = state.world.registrations.contains_key(waba);
    known.then_some(()).ok_or_else(not_found)?;
    let (code, number) = (
        required(call, "countryCode")?,
        required(call, "phoneNumber")?,
    );
    let name = required(call, "displayName")?;
    let kind = required(call, "type")?;
    required(call, "locale")?;
    if !["EXTERNAL_SMS", "EXTERNAL_VOICE"].contains(&kind.as_str()) {
        return Err(invalid(
            "type",
            "must be one of EXTERNAL_SMS, EXTERNAL_VOICE",
        ));
    }
    let display = format!("+{code} {number}");
    if find(state, &digits(&display)).is_some() {
        return Err(error(409, "CONFLICT", "This sender is already there."));
    }
    let id = state.world.draw_id(Kind::Phone);
    let phone = Phone {
        id: id.clone(),
        waba_id: waba.to_owned(),
        display_phone_number: display,
        verified_name: name,
        code_verification_status: "NOT_VERIFIED".into(),
        otp: Some(otp()),
        ..Phone::default()
    };
    state.world.phones.insert(id, phone);
    Ok(accepted())
}

/// `POST …/senders/{sender}/verification` with the code; `PUT` sends a new one.
pub fn verify(state: &mut State, call: &Call, method: &str, sender: &str) -> Answer {
    let id = find(state, sender).ok_or_else(not_found)?;
    let now_ms = state.now_ms();
    let phone = state.world.phones.get_mut(&id).ok_or_else(not_found)?;
    match method {
        "PUT" => phone.otp = Some(otp()),
        "POST" => {
            let code = required(call, "code")?;
            if phone.otp.as_ref() != Some(&code) {
                return Err(invalid("code", "is wrong"));
            }
            phone.otp = None;
            phone.code_verification_status = "VERIFIED".into();
            let waba = phone.waba_id.clone();
            state.world.connect(&id, now_ms);
            if let Some(registration) = state.world.registrations.get_mut(&waba) {
                registration.failed.remove(&id);
            }
        }
        _ => return Err(not_found()),
    }
    Ok(accepted())
}

/// The number with these digits in an account Infobip has.
pub fn find(state: &State, sender: &str) -> Option<String> {
    let here = |phone: &&Phone| {
        digits(&phone.display_phone_number) == digits(sender)
            && state.world.registrations.contains_key(&phone.waba_id)
    };
    let phone = state.world.phones.values().find(here);
    phone.map(|phone| phone.id.clone())
}

fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

fn otp() -> String {
    rand::rng().random_range(100_000..1_000_000_u32).to_string()
}

fn accepted() -> Reply {
    Reply::new(202, "application/json", "").effect(true)
}
