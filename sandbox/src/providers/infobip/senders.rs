//! Adding a number to a WABA that Infobip has: created, verified by a code, then registered by Infobip.

use super::errors::{InfobipResult, error_reply, invalid_field, not_found, required_param};
use crate::http::{IncomingRequest, Reply};
use crate::state::SandboxState;
use crate::world::{IdKind, Phone, digits};
use rand::Rng;

/// `POST …/business-account/{id}/senders`: 202.
///
/// # Errors
/// 404 for a WABA that Infobip does not have, 400 for a missing or wrong field, 409 for a number it has.
pub fn add_sender(
    state: &mut SandboxState,
    request: &IncomingRequest,
    waba: &str,
) -> InfobipResult {
    if !state.world.registrations.contains_key(waba) {
        return Err(not_found());
    }
    let country_code = required_param(request, "countryCode")?;
    let number = required_param(request, "phoneNumber")?;
    let verified_name = required_param(request, "displayName")?;
    let code_method = required_param(request, "type")?;
    required_param(request, "locale")?;
    if !["EXTERNAL_SMS", "EXTERNAL_VOICE"].contains(&code_method.as_str()) {
        return Err(invalid_field(
            "type",
            "must be one of EXTERNAL_SMS, EXTERNAL_VOICE",
        ));
    }
    let display = format!("+{country_code} {number}");
    if find_sender(state, &display).is_some() {
        return Err(error_reply(
            409,
            "CONFLICT",
            "This sender is already there.",
        ));
    }
    let id = state.world.new_id(IdKind::Phone);
    let phone = Phone {
        id: id.clone(),
        waba_id: waba.to_owned(),
        display_phone_number: display,
        verified_name,
        code_verification_status: "NOT_VERIFIED".into(),
        otp: Some(new_otp()),
        ..Phone::default()
    };
    state.world.phones.insert(id, phone);
    Ok(accepted())
}

/// `POST …/senders/{sender}/verification` with the code verifies and registers the number; `PUT` sends a new code. 202.
///
/// # Errors
/// 404 for an unknown number, 400 for a wrong code.
pub fn verify_sender(
    state: &mut SandboxState,
    request: &IncomingRequest,
    method: &str,
    sender: &str,
) -> InfobipResult {
    let id = find_sender(state, sender).ok_or_else(not_found)?;
    let now_ms = state.now_ms();
    let phone = state.world.phones.get_mut(&id).ok_or_else(not_found)?;
    match method {
        "PUT" => phone.otp = Some(new_otp()),
        "POST" => {
            let code = required_param(request, "code")?;
            if phone.otp.as_ref() != Some(&code) {
                return Err(invalid_field("code", "is wrong"));
            }
            phone.otp = None;
            phone.code_verification_status = "VERIFIED".into();
            let waba = phone.waba_id.clone();
            state.world.connect_by_provider(&id, now_ms);
            if let Some(registration) = state.world.registrations.get_mut(&waba) {
                registration.failed.remove(&id);
            }
        }
        _ => return Err(not_found()),
    }
    Ok(accepted())
}

/// Id of the number with these digits in a WABA that Infobip has.
pub fn find_sender(state: &SandboxState, sender: &str) -> Option<String> {
    let is_sender = |phone: &&Phone| {
        digits(&phone.display_phone_number) == digits(sender)
            && state.world.registrations.contains_key(&phone.waba_id)
    };
    let phone = state.world.phones.values().find(is_sender);
    phone.map(|phone| phone.id.clone())
}

fn new_otp() -> String {
    rand::rng().random_range(100_000..1_000_000_u32).to_string()
}

fn accepted() -> Reply {
    Reply::new(202, "application/json", "").with_effect(true)
}
