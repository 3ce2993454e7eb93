//! `POST /{phone}/request_code` and `/verify_code`. The code that Meta would send to the number is the number's `otp` in
//! `GET /_sandbox/world`, and the same in every run.
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/phone-numbers>

use super::access::{Access, authorize_phone};
use super::context::{GraphContext, GraphReply, GraphResult};
use super::error::GraphError;
use super::params::missing_param;
use crate::world::verification_code;

/// Creates a new code; an older one is no longer valid.
pub fn request_code(ctx: &mut GraphContext, id: &str) -> GraphResult {
    let phone = authorize_phone(ctx, id, Access::Manage)?;
    match ctx.request.param_text("code_method").as_deref() {
        Some("SMS" | "VOICE") => {}
        Some(_) => {
            return Err(GraphError::invalid_parameter(
                "Param code_method must be one of {SMS, VOICE}",
            ));
        }
        None => {
            return Err(missing_param("code_method"));
        }
    }
    if ctx
        .request
        .param_text("language")
        .is_none_or(|language| language.is_empty())
    {
        return Err(missing_param("language"));
    }
    if phone.code_verification_status == "VERIFIED" {
        return Err(GraphError::cloud_api(
            136024,
            "Request code error",
            "This number is already verified.",
        ));
    }
    let phone = ctx
        .world
        .phones
        .get_mut(id)
        .ok_or_else(GraphError::not_permitted)?;
    phone.otp_requests += 1;
    phone.otp = Some(verification_code(id, phone.otp_requests));
    GraphReply::success(true)
}

/// Verifies the number with the code that was requested last.
pub fn verify_code(ctx: &mut GraphContext, id: &str) -> GraphResult {
    authorize_phone(ctx, id, Access::Manage)?;
    let code = ctx
        .request
        .param_text("code")
        .ok_or_else(|| missing_param("code"))?;
    let phone = ctx
        .world
        .phones
        .get_mut(id)
        .ok_or_else(GraphError::not_permitted)?;
    if phone.otp.as_deref() != Some(code.as_str()) {
        return Err(GraphError::cloud_api(
            136025,
            "Verify code error",
            "The verification code is wrong or has expired.",
        ));
    }
    phone.otp = None;
    phone.code_verification_status = "VERIFIED".into();
    GraphReply::success(true)
}
