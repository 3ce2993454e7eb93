//! What the customer is asked for: the account, the number, the PIN, a verification code.

use crate::fake::{PHONE, ScriptedReply, WABA, World, phone_number, session_ids};
use crate::submit_input;
use core::time::Duration;
use embark_onboarding::signup::Signup;
use embark_onboarding::transport::TransportError;
use embark_protocol::requests::InputRequest;
use embark_protocol::snapshot::{InputKind, InputPrompt};
use embark_protocol::{PhoneNumberId, ProblemCode, SignupStatus, WabaId};
use serde_json::json;

/// What the page asks the customer for.
fn need(world: &World, signup: &Signup) -> InputPrompt {
    world.snapshot(signup).input.unwrap()
}

fn waba(id: &str) -> InputRequest {
    InputRequest::Waba {
        waba_id: WabaId::parse(id).unwrap(),
    }
}

fn pin(digits: &str) -> InputRequest {
    InputRequest::Pin { pin: digits.into() }
}

fn method(name: &str) -> InputRequest {
    InputRequest::RequestCode {
        method: name.into(),
        language: None,
    }
}

fn code(digits: &str) -> InputRequest {
    InputRequest::VerifyCode {
        code: digits.into(),
    }
}

#[test]
fn several_accounts_and_numbers_ask_the_customer_to_choose() {
    let world = World::new();
    world.meta.borrow_mut().wabas = vec![WABA, "5000000000000002"];
    world.meta.borrow_mut().phones = vec![phone_number(PHONE), phone_number("6000000000000002")];
    let mut signup = world.run_signup(None);
    let waited = world.elapsed();
    assert!(waited >= Duration::from_secs(2), "late ids are waited for");
    let asked = need(&world, &signup);
    assert_eq!((asked.kind, asked.choices.len()), (InputKind::Waba, 2));
    let result = submit_input(&world, &mut signup, waba("5000000000000077"));
    assert_eq!(result, Err(ProblemCode::InputInvalid));
    let result = submit_input(&world, &mut signup, waba(WABA));
    assert_eq!(result, Ok(()));

    let mut signup = world.run_until_idle();
    let asked = need(&world, &signup);
    assert_eq!((asked.kind, asked.choices.len()), (InputKind::Number, 2));
    let number = InputRequest::Number {
        phone_number_id: PhoneNumberId::parse(PHONE).unwrap(),
    };
    assert_eq!(submit_input(&world, &mut signup, number), Ok(()));
    let signup = world.run_until_idle();
    assert_eq!(world.status(&signup), SignupStatus::Connected);
}

#[test]
fn unknown_pin_is_asked_for_before_any_register_call() {
    let world = World::new();
    world.set_phone(json!({"is_pin_enabled": true}));
    world.meta.borrow_mut().pin = Some("731904".into());
    let mut signup = world.run_signup(Some(session_ids()));
    assert_eq!(world.status(&signup), SignupStatus::NeedsInput);
    assert_eq!(world.count_calls("register"), 0);
    let result = submit_input(&world, &mut signup, pin("12345"));
    assert_eq!(result, Err(ProblemCode::InputInvalid));

    let result = submit_input(&world, &mut signup, pin("111111"));
    assert_eq!(result, Ok(()));
    let mut signup = world.run_until_idle();
    let asked = need(&world, &signup);
    let mismatch = Some(ProblemCode::PinMismatch);
    assert_eq!((asked.kind, asked.error), (InputKind::Pin, mismatch));
    let candidate = &world.phone.borrow().candidate_pin.clone();
    assert!(candidate.is_none(), "a refused PIN is discarded");

    let result = submit_input(&world, &mut signup, pin("731904"));
    assert_eq!(result, Ok(()));
    let signup = world.run_until_idle();
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    let rows = json!([signup, *world.phone.borrow()]).to_string();
    assert!(!rows.contains("731904"), "a PIN is stored sealed only");
}

#[test]
fn unverified_number_is_verified_then_registered() {
    let world = World::new();
    world.unverify_number();
    let mut signup = world.run_signup(Some(session_ids()));
    assert_eq!(need(&world, &signup).kind, InputKind::Verification);
    let result = submit_input(&world, &mut signup, method("pigeon"));
    assert_eq!(result, Err(ProblemCode::InputInvalid));
    let result = submit_input(&world, &mut signup, method("sms"));
    assert_eq!(result, Ok(()));

    let mut signup = world.run_until_idle();
    let result = submit_input(&world, &mut signup, code("000-000"));
    assert_eq!(result, Ok(()));
    let mut signup = world.run_until_idle();
    let asked = need(&world, &signup);
    assert_eq!(asked.error, Some(ProblemCode::InputInvalid));
    assert_eq!(asked.attempts_left, Some(4));

    let result = submit_input(&world, &mut signup, code("424-242"));
    assert_eq!(result, Ok(()));
    let signup = world.run_until_idle();
    assert_eq!(world.status(&signup), SignupStatus::Connected);
}

#[test]
fn verification_code_whose_reply_was_lost_is_not_asked_for_again() {
    let world = World::new();
    world.unverify_number();
    let mut signup = world.run_signup(Some(session_ids()));
    let result = submit_input(&world, &mut signup, method("sms"));
    assert_eq!(result, Ok(()));
    let mut signup = world.run_until_idle();
    // Meta refuses the code the second time: the number is verified by then.
    let lost = ScriptedReply::with_effect("verify_code", Err(TransportError::Connection));
    world.meta.borrow_mut().scripted.push(lost);
    let result = submit_input(&world, &mut signup, code("424242"));
    assert_eq!(result, Ok(()));
    let signup = world.run_until_idle();
    assert_eq!(world.status(&signup), SignupStatus::Connected);
}

#[test]
fn digits_of_any_script_are_accepted_as_pin_and_code() {
    for typed in [
        "١٢٣٤٥٦",
        "۱۲۳۴۵۶",
        "１２３４５６",
        "\u{200e}123456",
        "123 456",
        "123-456",
        "\u{2067}123\u{a0}456\u{2069}",
    ] {
        let world = World::new();
        world.set_phone(json!({"is_pin_enabled": true}));
        world.meta.borrow_mut().pin = Some("123456".into());
        let mut signup = world.run_signup(Some(session_ids()));
        let result = submit_input(&world, &mut signup, pin(typed));
        assert_eq!(result, Ok(()), "{typed:?}");
        let signup = world.run_until_idle();
        assert_eq!(world.status(&signup), SignupStatus::Connected, "{typed:?}");
    }
    let world = World::new();
    world.unverify_number();
    let mut signup = world.run_signup(Some(session_ids()));
    assert_eq!(submit_input(&world, &mut signup, method("sms")), Ok(()));
    let mut signup = world.run_until_idle();
    let result = submit_input(&world, &mut signup, code("12345x"));
    assert_eq!(result, Err(ProblemCode::InputInvalid));
    let result = submit_input(&world, &mut signup, code("\u{200f}٤٢٤-٢٤٢"));
    assert_eq!(result, Ok(()));
    let signup = world.run_until_idle();
    assert_eq!(world.status(&signup), SignupStatus::Connected);
}

#[test]
fn verification_code_is_requested_in_the_language_of_the_page() {
    for (language, want) in [
        (Some("ar"), "language=ar_AR"),
        (Some("pt-BR"), "language=pt_BR"),
        (Some("xx"), "language=en_US"),
        (Some("\u{0}&x=1"), "language=en_US"),
        (None, "language=en_US"),
    ] {
        let world = World::new();
        world.unverify_number();
        let mut signup = world.run_signup(Some(session_ids()));
        let input = InputRequest::RequestCode {
            method: "SMS".into(),
            language: language.map(str::to_owned),
        };
        assert_eq!(submit_input(&world, &mut signup, input), Ok(()));
        world.run_until_idle();
        let requested = world.meta.borrow().code_requests.concat();
        assert!(requested.contains(want), "{language:?}: {requested}");
    }
}
