//! `POST /{phone}/request_code` and `/verify_code`. The code that "arrives" on the number is repeatable and
//! stands in `GET /_sandbox/world` as the number's `otp`.

use super::access::{Need, to_phone};
use super::error::GraphError;
use super::{Answer, Done, Graph};
use sha2::{Digest, Sha256};

pub fn request_code(graph: &mut Graph, id: &str) -> Answer {
    let phone = to_phone(graph, id, Need::Manage)?;
    match graph.call.text("code_method").as_deref() {
        Some("SMS" | "VOICE") => {}
        Some(_) => {
            return Err(GraphError::parameter(
                "Param code_method must be one of {SMS, VOICE}",
            ));
        }
        None => {
            return Err(GraphError::parameter(
                "The parameter code_method is required.",
            ));
        }
    }
    if graph
        .call
        .text("language")
        .is_none_or(|language| language.is_empty())
    {
        return Err(GraphError::parameter("The parameter language is required."));
    }
    if phone.code_verification_status == "VERIFIED" {
        return Err(GraphError::cloud(
            136024,
            "Request code error",
            "This number is already verified.",
        ));
    }
    let phone = graph
        .world
        .phones
        .get_mut(id)
        .ok_or_else(GraphError::not_permitted)?;
    phone.otp_requests += 1;
    phone.otp = Some(code_for(id, phone.otp_requests));
    Done::success(true)
}

pub fn verify_code(graph: &mut Graph, id: &str) -> Answer {
    to_phone(graph, id, Need::Manage)?;
    let code = graph
        .call
        .text("code")
        .ok_or_else(|| GraphError::parameter("The parameter code is required."))?;
    let phone = graph
        .world
        .phones
        .get_mut(id)
        .ok_or_else(GraphError::not_permitted)?;
    if phone.otp.as_deref() != Some(code.as_str()) {
        return Err(GraphError::cloud(
            136025,
            "Verify code error",
            "The verification code is wrong or has expired.",
        ));
    }
    phone.otp = None;
    phone.code_verification_status = "VERIFIED".into();
    Done::success(true)
}

/// The nth code sent to this number: six digits.
pub fn code_for(phone: &str, nth: u32) -> String {
    let hash = Sha256::digest(format!("{phone}:{nth}").as_bytes());
    let number = hash
        .iter()
        .take(4)
        .fold(0u32, |sum, byte| (sum << 8) | u32::from(*byte));
    format!("{:06}", number % 1_000_000)
}
