//! `POST /{phone}/register` and `/deregister`: the PIN of two-step verification, the limit on wrong PINs, and the limit
//! of ten requests per number in 72 hours.
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/registration>,
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/two-step-verification>

use super::access::{Access, authorize_phone};
use super::context::{GraphContext, GraphReply, GraphResult};
use super::error::GraphError;
use super::params::{require_whatsapp, required_pin};
use crate::rules::Rules;
use crate::world::Phone;

/// `POST /{phone}/register`.
pub fn register(ctx: &mut GraphContext, id: &str) -> GraphResult {
    authorize_phone(ctx, id, Access::Message)?;
    require_whatsapp(ctx.request)?;
    let pin = required_pin(ctx.request)?;
    // A number migrated from the On-Premises API with its backup needs no new verification.
    let is_migrated = ctx.request.param("backup").is_some();
    let (rules, now_ms) = (ctx.rules, ctx.now_ms);
    let phone = ctx
        .world
        .phones
        .get_mut(id)
        .ok_or_else(GraphError::not_permitted)?;
    let is_waba_disabled = ctx
        .world
        .wabas
        .get(&phone.waba_id)
        .is_some_and(|waba| waba.status == "DISABLED");
    if phone.is_on_biz_app {
        return Err(GraphError::cloud_api(100, "Invalid parameter", COEXISTENCE));
    }
    count_request(
        &mut phone.register_requests_ms,
        &mut phone.register_blocked_until,
        rules,
        now_ms,
    )?;
    if is_waba_disabled {
        return Err(GraphError::cloud_api(
            131031,
            "Business Account locked",
            "The WhatsApp Business Account is locked.",
        ));
    }
    if phone.deregistration_incomplete {
        return Err(GraphError::cloud_api(
            133000,
            "Incomplete Deregistration",
            "A previous attempt to deregister the number was not completed.",
        ));
    }
    if phone.code_verification_status != "VERIFIED" && !is_migrated {
        return Err(GraphError::cloud_api(
            133006,
            "Phone number needs to be verified before registering",
            UNVERIFIED,
        ));
    }
    check_pin(phone, &pin, rules, now_ms)?;
    phone.pin = Some(pin);
    phone.is_pin_enabled = true;
    phone.mark_connected(now_ms);
    if let Some(name) = phone.approved_name.take() {
        phone.verified_name = name;
        phone.name_status = "APPROVED".into();
    }
    GraphReply::success(true)
}

/// `POST /{phone}/deregister`.
pub fn deregister(ctx: &mut GraphContext, id: &str) -> GraphResult {
    authorize_phone(ctx, id, Access::Message)?;
    let (rules, now_ms) = (ctx.rules, ctx.now_ms);
    let phone = ctx
        .world
        .phones
        .get_mut(id)
        .ok_or_else(GraphError::not_permitted)?;
    if phone.is_on_biz_app {
        return Err(GraphError::cloud_api(100, "Invalid parameter", COEXISTENCE));
    }
    let mut blocked_until = 0;
    count_request(
        &mut phone.deregister_requests_ms,
        &mut blocked_until,
        rules,
        now_ms,
    )?;
    if phone.platform_type != "CLOUD_API" && !phone.deregistration_incomplete {
        return Err(GraphError::cloud_api(
            133010,
            "Phone number not registered",
            "The number is not registered.",
        ));
    }
    phone.platform_type = "NOT_APPLICABLE".into();
    phone.status = "DISCONNECTED".into();
    phone.deregistration_incomplete = false;
    phone.throughput = "NOT_APPLICABLE".into();
    GraphReply::success(true)
}

/// Counts one request of the last 72 hours. The first one over the limit blocks the number for 72 hours, and so does
/// every further one.
///
/// # Errors
/// 133016.
fn count_request(
    times: &mut Vec<u64>,
    blocked_until: &mut u64,
    rules: &Rules,
    now_ms: u64,
) -> Result<(), GraphError> {
    times.retain(|at| at + WINDOW_MS > now_ms);
    if now_ms < *blocked_until || times.len() >= rules.register_budget {
        *blocked_until = (*blocked_until).max(now_ms + WINDOW_MS);
        return Err(GraphError::cloud_api(
            133016,
            "Account register limit exceeded",
            TOO_MANY_REQUESTS,
        ));
    }
    times.push(now_ms);
    Ok(())
}

/// With two-step verification on, the PIN must match; wrong ones are counted.
///
/// # Errors
/// 133005 for a wrong PIN, 133008 after too many, 133009 too soon after one.
fn check_pin(phone: &mut Phone, pin: &str, rules: &Rules, now_ms: u64) -> Result<(), GraphError> {
    if !phone.is_pin_enabled {
        return Ok(());
    }
    if now_ms < phone.pin_locked_until {
        let seconds = (phone.pin_locked_until - now_ms).div_ceil(1000);
        let details = format!(
            "Too many two step verification PIN guesses. Try again after {seconds} seconds."
        );
        return Err(GraphError::cloud_api(
            133008,
            "Two step verification PIN guessed too many times",
            details,
        ));
    }
    let gap_ends = phone.last_wrong_pin + rules.pin_gap_s * 1000;
    if phone.wrong_pins > 0 && now_ms < gap_ends {
        let seconds = (gap_ends - now_ms).div_ceil(1000);
        let details = format!(
            "Two step verification PIN guessed too fast. Try again after {seconds} seconds."
        );
        return Err(GraphError::cloud_api(
            133009,
            "Two step verification PIN guessed too fast",
            details,
        ));
    }
    if phone.pin.as_deref() == Some(pin) {
        phone.wrong_pins = 0;
        return Ok(());
    }
    phone.wrong_pins += 1;
    phone.last_wrong_pin = now_ms;
    if phone.wrong_pins >= rules.pin_guesses {
        phone.wrong_pins = 0;
        phone.pin_locked_until = now_ms + rules.pin_lock_s * 1000;
    }
    Err(GraphError::cloud_api(
        133005,
        "Two step verification PIN Mismatch",
        "The two step verification PIN is wrong.",
    ))
}

const WINDOW_MS: u64 = 72 * 3600 * 1000;
const TOO_MANY_REQUESTS: &str =
    "This number was registered or deregistered too often. Try again after 72 hours.";
const COEXISTENCE: &str =
    "This number is in use with the WhatsApp Business app and is already registered.";
const UNVERIFIED: &str = "Request and verify a code for this number first.";

#[cfg(test)]
mod tests {
    use super::*;

    fn phone_with_pin() -> Phone {
        Phone {
            is_pin_enabled: true,
            pin: Some("111111".into()),
            ..Phone::default()
        }
    }

    #[test]
    fn eleventh_register_request_blocks_the_number_for_72_hours() {
        let (mut times, mut blocked, rules) = (Vec::new(), 0, Rules::default());
        for n in 0..10 {
            assert_eq!(
                count_request(&mut times, &mut blocked, &rules, 1000 * n),
                Ok(()),
                "{n}"
            );
        }
        let code = |result: Result<(), GraphError>| result.err().map(|error| error.code);
        assert_eq!(
            code(count_request(&mut times, &mut blocked, &rules, 20_000)),
            Some(133016)
        );
        // The first ten are more than 72 hours ago; the block is not.
        assert_eq!(
            code(count_request(
                &mut times,
                &mut blocked,
                &rules,
                WINDOW_MS + 15_000
            )),
            Some(133016)
        );
        assert_eq!(
            count_request(&mut times, &mut blocked, &rules, 3 * WINDOW_MS),
            Ok(())
        );
    }

    #[test]
    fn right_pin_after_too_many_wrong_ones_is_refused_until_the_lock_ends() {
        let (mut phone, rules) = (
            phone_with_pin(),
            Rules {
                pin_guesses: 3,
                pin_lock_s: 60,
                ..Rules::default()
            },
        );
        let mut code = |pin: &str, now| {
            check_pin(&mut phone, pin, &rules, now)
                .err()
                .map(|error| error.code)
        };
        assert_eq!(code("000000", 0), Some(133005));
        assert_eq!(code("000000", 1), Some(133005));
        assert_eq!(code("000000", 2), Some(133005));
        assert_eq!(code("111111", 3), Some(133008));
        assert_eq!(code("111111", 60_002), None);
    }

    #[test]
    fn pin_too_soon_after_a_wrong_one_is_133009_with_the_seconds_left() {
        let (mut phone, rules) = (
            phone_with_pin(),
            Rules {
                pin_gap_s: 30,
                ..Rules::default()
            },
        );
        assert_eq!(
            check_pin(&mut phone, "000000", &rules, 1000)
                .err()
                .map(|e| e.code),
            Some(133005)
        );
        let error = check_pin(&mut phone, "111111", &rules, 2000).expect_err("too fast");
        assert_eq!(error.code, 133009);
        assert!(
            error
                .details
                .is_some_and(|text| text.contains("after 29 seconds"))
        );
        assert_eq!(check_pin(&mut phone, "111111", &rules, 31_000), Ok(()));
    }

    #[test]
    fn any_pin_without_two_step_verification_is_accepted() {
        assert_eq!(
            check_pin(&mut Phone::default(), "424242", &Rules::default(), 0),
            Ok(())
        );
    }
}
