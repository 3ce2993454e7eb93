//! `POST /{phone}/register` and `/deregister` (Cloud API, "Registration"): PINs, guesses, and the budget of
//! ten requests per number in 72 hours.

use super::access::{Need, to_phone};
use super::error::GraphError;
use super::{Answer, Done, Graph};
use crate::call::Call;
use crate::rules::Rules;
use crate::world::Phone;
use serde_json::Value;

pub fn register(graph: &mut Graph, id: &str) -> Answer {
    to_phone(graph, id, Need::Send)?;
    product(graph.call)?;
    let pin = pin_of(graph.call)?;
    let imported = graph.call.param("backup").is_some();
    let (rules, now_ms) = (graph.rules, graph.now_ms);
    let phone = graph
        .world
        .phones
        .get_mut(id)
        .ok_or_else(GraphError::not_permitted)?;
    let locked = graph
        .world
        .wabas
        .get(&phone.waba_id)
        .is_some_and(|waba| waba.status == "DISABLED");
    if phone.is_on_biz_app {
        return Err(GraphError::cloud(100, "Invalid parameter", COEXISTENCE));
    }
    spend(
        &mut phone.registers,
        &mut phone.register_blocked_until,
        rules,
        now_ms,
    )?;
    if locked {
        return Err(GraphError::cloud(
            131031,
            "Business Account locked",
            "The WhatsApp Business Account is locked.",
        ));
    }
    if phone.code_verification_status != "VERIFIED" && !imported {
        return Err(GraphError::cloud(
            133006,
            "Phone number needs to be verified before registering",
            UNVERIFIED,
        ));
    }
    guess(phone, &pin, rules, now_ms)?;
    phone.pin = Some(pin);
    phone.is_pin_enabled = true;
    phone.platform_type = "CLOUD_API".into();
    phone.status = "CONNECTED".into();
    phone.throughput = "STANDARD".into();
    phone.last_onboarded_ms = Some(now_ms);
    Done::success(true)
}

pub fn deregister(graph: &mut Graph, id: &str) -> Answer {
    to_phone(graph, id, Need::Send)?;
    let (rules, now_ms) = (graph.rules, graph.now_ms);
    let phone = graph
        .world
        .phones
        .get_mut(id)
        .ok_or_else(GraphError::not_permitted)?;
    if phone.is_on_biz_app {
        return Err(GraphError::cloud(100, "Invalid parameter", COEXISTENCE));
    }
    let mut blocked = 0;
    spend(&mut phone.deregisters, &mut blocked, rules, now_ms)?;
    if phone.platform_type != "CLOUD_API" {
        return Err(GraphError::cloud(
            133010,
            "Phone number not registered",
            "The number is not registered.",
        ));
    }
    phone.platform_type = "NOT_APPLICABLE".into();
    phone.status = "DISCONNECTED".into();
    phone.throughput = "NOT_APPLICABLE".into();
    Done::success(true)
}

/// `messaging_product` must be there, and must be `whatsapp`.
pub fn product(call: &Call) -> Result<(), GraphError> {
    match call.text("messaging_product").as_deref() {
        Some("whatsapp") => Ok(()),
        Some(other) => Err(GraphError::parameter(format_args!(
            "Param messaging_product must be one of {{WHATSAPP}} - got \"{other}\"."
        ))),
        None => Err(GraphError::parameter(
            "The parameter messaging_product is required.",
        )),
    }
}

/// Six digits as text: a number would lose its leading zeros.
pub fn pin_of(call: &Call) -> Result<String, GraphError> {
    match call.param("pin") {
        Some(Value::String(pin)) if is_pin(pin) => Ok(pin.clone()),
        Some(Value::String(_)) => Err(GraphError::parameter("Param pin must be 6 digits long.")),
        Some(_) => Err(GraphError::parameter("Param pin must be a string.")),
        None => Err(GraphError::parameter("The parameter pin is required.")),
    }
}

fn is_pin(pin: &str) -> bool {
    pin.len() == 6 && pin.bytes().all(|b| b.is_ascii_digit())
}

/// Counts one request against the budget; the one too many locks the number for the whole window.
fn spend(
    times: &mut Vec<u64>,
    blocked_until: &mut u64,
    rules: &Rules,
    now_ms: u64,
) -> Result<(), GraphError> {
    times.retain(|at| at + WINDOW_MS > now_ms);
    if now_ms < *blocked_until || times.len() >= rules.register_budget {
        *blocked_until = (*blocked_until).max(now_ms + WINDOW_MS);
        return Err(GraphError::cloud(
            133016,
            "Account register limit exceeded",
            BUDGET,
        ));
    }
    times.push(now_ms);
    Ok(())
}

/// With two-step verification on, the PIN must match; wrong ones are counted.
fn guess(phone: &mut Phone, pin: &str, rules: &Rules, now_ms: u64) -> Result<(), GraphError> {
    if !phone.is_pin_enabled {
        return Ok(());
    }
    if now_ms < phone.pin_locked_until {
        let seconds = (phone.pin_locked_until - now_ms).div_ceil(1000);
        let details = format!(
            "Too many two step verification PIN guesses. Try again after {seconds} seconds."
        );
        return Err(GraphError::cloud(
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
        return Err(GraphError::cloud(
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
    Err(GraphError::cloud(
        133005,
        "Two step verification PIN Mismatch",
        "The two step verification PIN is wrong.",
    ))
}

const WINDOW_MS: u64 = 72 * 3600 * 1000;
const BUDGET: &str =
    "This number was registered or deregistered too often. Try again after 72 hours.";
const COEXISTENCE: &str =
    "This number is in use with the WhatsApp Business app and is already registered.";
const UNVERIFIED: &str = "Request and verify a code for this number first.";

#[cfg(test)]
mod tests {
    use super::*;

    fn locked_phone() -> Phone {
        Phone {
            is_pin_enabled: true,
            pin: Some("111111".into()),
            ..Phone::default()
        }
    }

    #[test]
    fn the_eleventh_request_locks_the_number_for_72_hours() {
        let (mut times, mut blocked, rules) = (Vec::new(), 0, Rules::default());
        for n in 0..10 {
            assert_eq!(
                spend(&mut times, &mut blocked, &rules, 1000 * n),
                Ok(()),
                "{n}"
            );
        }
        let code = |result: Result<(), GraphError>| result.err().map(|error| error.code);
        assert_eq!(
            code(spend(&mut times, &mut blocked, &rules, 20_000)),
            Some(133016)
        );
        // The window of the first ten is over, the lock is not.
        assert_eq!(
            code(spend(&mut times, &mut blocked, &rules, WINDOW_MS + 15_000)),
            Some(133016)
        );
        assert_eq!(
            spend(&mut times, &mut blocked, &rules, 3 * WINDOW_MS),
            Ok(())
        );
    }

    #[test]
    fn wrong_pins_are_told_then_locked_and_the_right_one_waits_too() {
        let (mut phone, rules) = (
            locked_phone(),
            Rules {
                pin_guesses: 3,
                pin_lock_s: 60,
                ..Rules::default()
            },
        );
        let mut code = |pin: &str, now| {
            guess(&mut phone, pin, &rules, now)
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
    fn a_gap_makes_fast_guesses_133009_and_says_how_long() {
        let (mut phone, rules) = (
            locked_phone(),
            Rules {
                pin_gap_s: 30,
                ..Rules::default()
            },
        );
        assert_eq!(
            guess(&mut phone, "000000", &rules, 1000)
                .err()
                .map(|e| e.code),
            Some(133005)
        );
        let error = guess(&mut phone, "111111", &rules, 2000).expect_err("too fast");
        assert_eq!(error.code, 133009);
        assert!(
            error
                .details
                .is_some_and(|text| text.contains("after 29 seconds"))
        );
        assert_eq!(guess(&mut phone, "111111", &rules, 31_000), Ok(()));
    }

    #[test]
    fn without_two_step_any_pin_becomes_the_pin() {
        assert_eq!(
            guess(&mut Phone::default(), "424242", &Rules::default(), 0),
            Ok(())
        );
    }
}
