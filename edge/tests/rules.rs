//! The rules of a signup, by tables: what Meta may say at each step, and where the signup goes.

mod fake;

use embark_edge::graph::Unheard;
use embark_edge::signup::{End, Signup, Stage, accept, view};
use embark_protocol::post::{Ids, Input};
use embark_protocol::snapshot::NeedKind;
use embark_protocol::{Code, PhoneNumberId, Status, WabaId};
use fake::{World, error, ids, phone_json};

fn end_code(run: &Signup) -> Option<Code> {
    match &run.stage {
        Stage::Ended {
            end: End::Relaunch(problem) | End::Failed(problem),
            ..
        } => Some(problem.code),
        _ => None,
    }
}

fn status(world: &World, run: &Signup) -> Status {
    view::render(run, world.now.get()).status
}

fn answer(world: &World, run: &mut Signup, input: Input) -> Result<(), Code> {
    let taken = world
        .with_desk(|desk| accept::input(run, input, desk))
        .map_err(|problem| problem.code);
    *world.stored.borrow_mut() = Some(serde_json::to_string(run).unwrap());
    taken
}

#[test]
fn the_exchange_has_a_word_for_every_refusal() {
    for (said, want) in [
        (error(400, 100, Some(36007)), Code::CodeExpired),
        (error(400, 100, Some(36009)), Code::CodeSpent),
        (error(400, 101, None), Code::AppMisconfigured),
        (error(400, 1, None), Code::AppMisconfigured),
        (error(400, 191, None), Code::AppMisconfigured),
        (error(403, 10, None), Code::AppMisconfigured),
        (error(401, 190, None), Code::TokenInvalid),
        (error(400, 987654, None), Code::MetaRefused),
    ] {
        let world = World::new();
        world.meta.borrow_mut().script = vec![("exchange", said)];
        let run = world.started("code-1", Some(ids()));
        let run = world.run_to_rest_from(run);
        assert_eq!(end_code(&run), Some(want));
        assert_eq!(
            world.meta.borrow().calls,
            ["exchange"],
            "{want:?}: no other call"
        );
    }
}

#[test]
fn the_ladder_moves_on_36008_only() {
    for (wanted, rungs) in [
        (None, 1),
        (Some(""), 2),
        (Some("https%3A%2F%2Fshop.example%2F"), 3),
    ] {
        let world = World::new();
        world.meta.borrow_mut().redirect_uri = wanted.map(str::to_owned);
        let run = world.started("code-1", Some(ids()));
        let run = world.run_to_rest_from(run);
        assert_eq!(status(&world, &run), Status::Connected, "{wanted:?}");
        let exchanges = world
            .meta
            .borrow()
            .calls
            .iter()
            .filter(|call| **call == "exchange")
            .count();
        assert_eq!(exchanges, rungs, "{wanted:?}");
    }
    let world = World::new();
    world.meta.borrow_mut().redirect_uri = Some("https%3A%2F%2Felsewhere.example".into());
    let run = world.started("code-1", Some(ids()));
    let run = world.run_to_rest_from(run);
    assert_eq!(end_code(&run), Some(Code::CodeRefused));
}

#[test]
fn what_the_token_does_not_prove_is_not_accepted() {
    let other_app = |world: &World| {
        let body = serde_json::json!({"data": {"app_id": "9", "is_valid": true, "scopes": []}});
        world.meta.borrow_mut().script = vec![("debug_token", fake::ok(body))];
    };
    let invalid = |world: &World| {
        let body = serde_json::json!({"data": {"app_id": fake::APP, "is_valid": false}});
        world.meta.borrow_mut().script = vec![("debug_token", fake::ok(body))];
    };
    let scope =
        |world: &World| world.meta.borrow_mut().scopes = vec!["whatsapp_business_management"];
    let foreign_waba = |world: &World| world.meta.borrow_mut().wabas = vec!["5000000000000009"];
    let foreign_phone =
        |world: &World| world.meta.borrow_mut().phones = vec![phone_json("6000000000000009")];
    let cases: [(&dyn Fn(&World), Code); 5] = [
        (&other_app, Code::TokenForeign),
        (&invalid, Code::TokenInvalid),
        (&scope, Code::ScopeMissing),
        (&foreign_waba, Code::WabaUnreachable),
        (&foreign_phone, Code::PhoneNotInWaba),
    ];
    for (arrange, want) in cases {
        let world = World::new();
        arrange(&world);
        let run = world.started("code-1", Some(ids()));
        let run = world.run_to_rest_from(run);
        assert_eq!(end_code(&run), Some(want));
        let calls = world.meta.borrow().calls.clone();
        assert!(
            !calls.contains(&"register") && !calls.contains(&"subscribe"),
            "{want:?}: {calls:?}"
        );
        assert!(
            world.phone.borrow().owner.is_none(),
            "{want:?}: nothing claimed"
        );
    }
}

#[test]
fn a_number_of_another_site_stays_with_it() {
    let world = World::new();
    let run = world.started("code-1", Some(ids()));
    world.run_to_rest_from(run);
    let before = world.phone.borrow().clone();
    let mut other = world.launched();
    other.site = embark_protocol::SiteId::parse("rival").unwrap();
    world.submit(&mut other, "code-2", Some(ids()));
    let other = world.run_to_rest();
    assert_eq!(end_code(&other), Some(Code::OwnedElsewhere));
    assert_eq!(*world.phone.borrow(), before);
    assert_eq!(world.meta.borrow().registers_accepted, 1);
}

#[test]
fn a_site_that_does_not_admit_keeps_the_token_and_stops() {
    let world = World::new();
    world.site.borrow_mut().config.as_mut().unwrap().enabled = false;
    let run = world.started("code-1", Some(ids()));
    let run = world.run_to_rest_from(run);
    assert_eq!(end_code(&run), Some(Code::SiteDisabled));
    assert_eq!(world.meta.borrow().calls, ["exchange"]);
    assert!(
        serde_json::to_string(&run.exchange)
            .unwrap()
            .contains("token")
    );
}

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

#[test]
fn register_is_skipped_where_it_must_be() {
    for (field, value) in [("status", "CONNECTED"), ("is_on_biz_app", "true")] {
        let world = World::new();
        world.meta.borrow_mut().phones[0]["platform_type"] = "CLOUD_API".into();
        world.meta.borrow_mut().phones[0][field] = if value == "true" {
            true.into()
        } else {
            value.into()
        };
        let run = world.started("code-1", Some(ids()));
        let run = world.run_to_rest_from(run);
        assert_eq!(status(&world, &run), Status::Connected, "{field}");
        assert!(!world.meta.borrow().calls.contains(&"register"), "{field}");
    }
}

#[test]
fn a_waba_without_a_number_is_neither_failed_nor_connected() {
    let world = World::new();
    world.meta.borrow_mut().phones.clear();
    let hint = Ids {
        waba_id: WabaId::parse(fake::WABA).ok(),
        ..Ids::default()
    };
    let run = world.started("code-1", Some(hint));
    let run = world.run_to_rest_from(run);
    assert_eq!(status(&world, &run), Status::ConnectedWithoutNumber);
}

#[test]
fn register_waits_as_long_as_meta_says() {
    let body = serde_json::json!({"error": {"code": 133009, "fbtrace_id": "A9",
        "error_data": {"details": "Please try again in 40 seconds"}}});
    let heard = Ok(embark_edge::graph::Reply {
        status: 400,
        retry_after: None,
        body: body.to_string().into_bytes(),
    });
    let world = World::new();
    world.meta.borrow_mut().script = vec![("register", heard)];
    let before = world.now.get();
    let run = world.started("code-1", Some(ids()));
    let run = world.run_to_rest_from(run);
    assert_eq!(status(&world, &run), Status::Connected);
    assert!(world.now.get() - before >= 40_000);
}

#[test]
fn meta_that_never_answers_is_given_up_in_the_end() {
    let world = World::new();
    let unheard = || ("subscribe", Err(Unheard::Timeout));
    world.meta.borrow_mut().script = (0..5).map(|_| unheard()).collect();
    let run = world.started("code-1", Some(ids()));
    let run = world.run_to_rest_from(run);
    assert_eq!(
        status(&world, &run),
        Status::Connected,
        "five losses are nothing"
    );

    let world = World::new();
    let down = || ("waba", Err(Unheard::Broken));
    world.meta.borrow_mut().script = (0..5_000).map(|_| down()).collect();
    let run = world.started("code-1", Some(ids()));
    let run = world.run_to_rest_from(run);
    assert_eq!(end_code(&run), Some(Code::MetaUnavailable));
}

#[test]
fn the_same_answer_twice_is_one_and_another_is_a_conflict() {
    let world = World::new();
    let mut run = world.started("code-1", Some(ids()));
    let again = |run: &mut Signup, code: &str, ids: Option<Ids>| {
        let post = embark_protocol::post::Outcome {
            code: code.into(),
            code_source: embark_protocol::post::CodeSource::Sdk,
            redirect_uri: None,
            event: None,
            ids,
        };
        world
            .with_desk(|desk| accept::outcome(run, post, fake::CALLBACK, desk))
            .map_err(|p| p.code)
    };
    assert_eq!(again(&mut run, "code-1", Some(ids())), Ok(()));
    assert_eq!(again(&mut run, "code-1", None), Ok(()));
    let other = Ids {
        waba_id: WabaId::parse("5000000000000009").ok(),
        ..Ids::default()
    };
    assert_eq!(
        again(&mut run, "code-1", Some(other)),
        Err(Code::CodeAlreadySent)
    );
    assert_eq!(
        again(&mut run, "code-2", Some(ids())),
        Err(Code::CodeAlreadySent)
    );
    let mut run = world.run_to_rest_from(run);
    assert_eq!(status(&world, &run), Status::Connected);
    assert_eq!(again(&mut run, "code-1", Some(ids())), Ok(()));
    assert_eq!(again(&mut run, "code-2", None), Err(Code::CodeAlreadySent));
    assert_eq!(world.meta.borrow().exchanges_accepted, 1);
}
