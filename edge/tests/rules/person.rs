//! What a person is asked: which account, which number, the PIN, a verification code.

use crate::fake::{self, World, ids, phone_json};
use crate::{answer, status};
use embark_edge::signup::view;
use embark_protocol::post::Input;
use embark_protocol::snapshot::NeedKind;
use embark_protocol::{Code, PhoneNumberId, Status, WabaId};

#[test]
fn several_accounts_or_numbers_are_a_question() {
    let world = World::new();
    world.meta.borrow_mut().wabas = vec![fake::WABA, "5000000000000002"];
    world.meta.borrow_mut().phones = vec![phone_json(fake::PHONE), phone_json("6000000000000002")];
    let run = world.started("code-1", None);
    let before = world.now.get();
    let mut run = world.run_to_rest_from(run);
    assert!(world.now.get() - before >= 2_000, "late ids are waited for");
    let need = view::render(&run, world.now.get()).input.unwrap();
    assert_eq!((need.kind, need.choices.len()), (NeedKind::Waba, 2));
    let foreign = Input::Waba {
        waba_id: WabaId::parse("5000000000000077").unwrap(),
    };
    assert_eq!(answer(&world, &mut run, foreign), Err(Code::InputInvalid));
    let chosen = Input::Waba {
        waba_id: WabaId::parse(fake::WABA).unwrap(),
    };
    assert_eq!(answer(&world, &mut run, chosen), Ok(()));
    let mut run = world.run_to_rest();
    let need = view::render(&run, world.now.get()).input.unwrap();
    assert_eq!((need.kind, need.choices.len()), (NeedKind::Number, 2));
    let chosen = Input::Number {
        phone_number_id: PhoneNumberId::parse(fake::PHONE).unwrap(),
    };
    assert_eq!(answer(&world, &mut run, chosen), Ok(()));
    assert_eq!(status(&world, &world.run_to_rest()), Status::Connected);
}

#[test]
fn a_pin_we_do_not_hold_is_asked_for_before_any_call() {
    let world = World::new();
    world.meta.borrow_mut().phones[0]["is_pin_enabled"] = true.into();
    world.meta.borrow_mut().pin = Some("731904".into());
    let run = world.started("code-1", Some(ids()));
    let mut run = world.run_to_rest_from(run);
    assert_eq!(status(&world, &run), Status::NeedsInput);
    assert!(!world.meta.borrow().calls.contains(&"register"));
    assert_eq!(
        answer(
            &world,
            &mut run,
            Input::Pin {
                pin: "12345".into()
            }
        ),
        Err(Code::InputInvalid)
    );
    assert_eq!(
        answer(
            &world,
            &mut run,
            Input::Pin {
                pin: "111111".into()
            }
        ),
        Ok(())
    );
    let mut run = world.run_to_rest();
    let need = view::render(&run, world.now.get()).input.unwrap();
    assert_eq!(
        (need.kind, need.error),
        (NeedKind::Pin, Some(Code::PinMismatch))
    );
    assert!(
        world.phone.borrow().candidate.is_none(),
        "a refused PIN dies"
    );
    assert_eq!(
        answer(
            &world,
            &mut run,
            Input::Pin {
                pin: "731904".into()
            }
        ),
        Ok(())
    );
    let run = world.run_to_rest();
    assert_eq!(status(&world, &run), Status::Connected);
    let stored = serde_json::to_string(&run).unwrap()
        + &serde_json::to_string(&*world.phone.borrow()).unwrap();
    assert!(
        !stored.contains("731904"),
        "a PIN is never stored in the clear"
    );
}

#[test]
fn an_unverified_number_is_verified_and_then_registered() {
    let world = World::new();
    world.meta.borrow_mut().phones[0]["code_verification_status"] = "NOT_VERIFIED".into();
    let run = world.started("code-1", Some(ids()));
    let mut run = world.run_to_rest_from(run);
    assert_eq!(
        view::render(&run, world.now.get()).input.unwrap().kind,
        NeedKind::Verification
    );
    assert_eq!(
        answer(
            &world,
            &mut run,
            Input::RequestCode {
                method: "pigeon".into()
            }
        ),
        Err(Code::InputInvalid)
    );
    assert_eq!(
        answer(
            &world,
            &mut run,
            Input::RequestCode {
                method: "sms".into()
            }
        ),
        Ok(())
    );
    let mut run = world.run_to_rest();
    assert_eq!(
        answer(
            &world,
            &mut run,
            Input::VerifyCode {
                code: "000-000".into()
            }
        ),
        Ok(())
    );
    let mut run = world.run_to_rest();
    let need = view::render(&run, world.now.get()).input.unwrap();
    assert_eq!(
        (need.error, need.tries_left),
        (Some(Code::InputInvalid), Some(4))
    );
    assert_eq!(
        answer(
            &world,
            &mut run,
            Input::VerifyCode {
                code: "424-242".into()
            }
        ),
        Ok(())
    );
    assert_eq!(status(&world, &world.run_to_rest()), Status::Connected);
}
