//! An operator has a signup tried again: which are refused, which waits are kept, and which questions stay.

use crate::end_code;
use crate::fake::{PHONE, World, graph_error, phone_number, session_ids};
use core::time::Duration;
use embark_onboarding::crypto::Sealed;
use embark_onboarding::meta::ApiError;
use embark_onboarding::resources::phone_number::PhoneOwner;
use embark_onboarding::signup::state::ExchangeState;
use embark_onboarding::signup::{Signup, Stage, commands};
use embark_onboarding::transport::{ApiResponse, ApiResult, TransportError};
use embark_onboarding::workflow::{AppContext, Host, RetryDecision, RetryState, classify};
use embark_protocol::{Problem, ProblemCode, Remedy, SignupId, SignupStatus, SiteId, Step, WabaId};
use serde_json::json;

pub fn retry(world: &World, signup: &mut Signup) -> Result<(), Problem> {
    let site = SiteId::parse("acme").unwrap();
    world.with_context(|cx| signup.retry(&site, cx))
}

/// Has it tried again, stores it, and runs it until it waits.
pub fn retry_and_run(world: &World, mut signup: Signup) -> Signup {
    retry(world, &mut signup).unwrap();
    world.store(&signup);
    world.run_once().unwrap()
}

fn calls(world: &World) -> usize {
    world.meta.borrow().calls.len()
}

/// A reply of Meta's that names a wait.
fn limited(seconds: Option<u32>) -> ApiResult {
    let body = json!({"error": {"code": 80_008, "fbtrace_id": "A9"}});
    Ok(ApiResponse {
        status: 400,
        retry_after: seconds,
        body: body.to_string().into_bytes(),
    })
}

/// A signup that is run until it waits. `prepare`: what stands in its way.
fn started(prepare: impl Fn(&World)) -> (World, Signup) {
    let world = World::new();
    prepare(&world);
    world.with_code("code-1", Some(session_ids()));
    let signup = world.run_once().unwrap();
    (world, signup)
}

/// The number belongs to another site.
pub fn give_number_away(world: &World) {
    world.phone.borrow_mut().owner = Some(PhoneOwner {
        site: SiteId::parse("rival").unwrap(),
        waba: WabaId::parse("5000000000000009").unwrap(),
        signup: SignupId::parse(&"b".repeat(32)).unwrap(),
    });
}

#[test]
fn signup_that_nothing_can_be_done_for_is_refused_with_what_to_do_instead() {
    type Case = (
        &'static str,
        fn(&World) -> Signup,
        ProblemCode,
        &'static str,
    );
    let cases: [Case; 9] = [
        ("launched", World::launched, ProblemCode::Conflict, "/link)"),
        (
            "left",
            |world| {
                let mut signup = world.launched();
                let closed = serde_json::from_value(json!({"reason": "closed"})).unwrap();
                world.with_context(|cx| {
                    commands::ended(&mut signup, closed, "page/".into(), cx);
                });
                signup
            },
            ProblemCode::Conflict,
            "/link)",
        ),
        (
            "connected",
            |world| world.run_signup(Some(session_ids())),
            ProblemCode::Conflict,
            "readiness report",
        ),
        (
            "cancelled",
            |world| {
                let mut signup = world.launched();
                let site = signup.site.clone();
                signup.cancel(&site, world.now.get()).unwrap();
                world.run_until_idle_from(signup)
            },
            ProblemCode::SignupCancelled,
            "another signup",
        ),
        (
            "without a token, to be launched again",
            |world| {
                world.script([("exchange", graph_error(400, 100, Some(36_007)))]);
                world.run_signup(Some(session_ids()))
            },
            ProblemCode::CodeSpent,
            "/link)",
        ),
        (
            "without a token, failed",
            |world| {
                world.script((0..9).map(|_| ("exchange", graph_error(400, 1, None))));
                world.run_signup(Some(session_ids()))
            },
            ProblemCode::CodeSpent,
            "another signup",
        ),
        (
            "with a token that Meta refused",
            |world| {
                world.script([("subscribe", graph_error(400, 190, None))]);
                world.run_signup(Some(session_ids()))
            },
            ProblemCode::TokenInvalid,
            "/link)",
        ),
        (
            "with a permission that is missing",
            |world| {
                world.meta.borrow_mut().scopes.pop();
                world.run_signup(Some(session_ids()))
            },
            ProblemCode::ScopeMissing,
            "/link)",
        ),
        (
            "failed 14 days ago",
            |world| {
                give_number_away(world);
                let signup = world.run_signup(Some(session_ids()));
                world.advance(Duration::from_hours(15 * 24));
                signup
            },
            ProblemCode::DeadlinePassed,
            "another signup",
        ),
    ];
    for (name, make, code, advice) in cases {
        let world = World::new();
        let mut signup = make(&world);
        let before = signup.clone();
        let refused = retry(&world, &mut signup).unwrap_err();
        assert_eq!(refused.code, code, "{name}");
        assert_ne!(refused.remedy, Remedy::Retry, "{name}");
        let detail = refused.detail.unwrap();
        assert!(detail.contains(advice), "{name}: {detail}");
        assert_eq!(signup, before, "{name}");
    }
}

#[test]
fn signup_of_another_site_is_not_found() {
    let world = World::new();
    let mut signup = world.launched();
    let rival = SiteId::parse("rival").unwrap();
    let refused = world.with_context(|cx| signup.retry(&rival, cx));
    assert_eq!(refused.unwrap_err().code, ProblemCode::NotFound);
}

#[test]
fn erased_token_is_not_tried_again() {
    let world = World::new();
    give_number_away(&world);
    let mut signup = world.run_signup(Some(session_ids()));
    assert_eq!(end_code(&signup), Some(ProblemCode::OwnedElsewhere));
    if let ExchangeState::Done { token, .. } = &mut signup.steps.exchange {
        *token = Sealed::from_stored(String::new());
    }
    let refused = retry(&world, &mut signup).unwrap_err();
    assert_eq!(refused.code, ProblemCode::TokenInvalid);
}

#[test]
fn wait_that_meta_did_not_name_is_over_at_once() {
    for (call, reply) in [
        ("subscribe", limited(None)),
        ("phone_numbers", limited(None)),
        ("waba", graph_error(503, 2, None)),
        ("debug_token", Err(TransportError::Connection)),
    ] {
        let (world, signup) = started(|world| world.script([(call, reply.clone())]));
        assert!(matches!(signup.stage, Stage::Running), "{call}");
        let (at, before) = (world.now.get(), world.count_calls(call));
        let signup = retry_and_run(&world, signup);
        assert_eq!(world.status(&signup), SignupStatus::Connected, "{call}");
        assert_eq!(world.now.get(), at, "{call}: nothing was waited for");
        // The readiness report reads the account, too.
        let more = if call == "waba" { 2 } else { 1 };
        assert_eq!(world.count_calls(call), before + more, "{call}");
    }
}

#[test]
fn wait_that_meta_named_is_kept_and_returned() {
    let hour = 3_600;
    for call in ["subscribe", "phone_numbers", "waba"] {
        let (world, signup) = started(|world| world.script([(call, limited(Some(hour)))]));
        assert_eq!(world.status(&signup), SignupStatus::Waiting, "{call}");
        let named_until = world.now.get() + Duration::from_hours(1);
        let before = world.count_calls(call);
        let mut signup = retry_and_run(&world, signup);
        assert_eq!(world.count_calls(call), before, "{call}");
        let retried = signup.retried(world.now.get());
        assert_eq!(retried.status, SignupStatus::Waiting, "{call}");
        assert_eq!(retried.waits_until, Some(named_until.0), "{call}");
        assert!(retried.problem.is_some() && !signup.is_being_retried());
        // Repeated, it is the same; and it goes on without our own pause when the wait is over.
        retry(&world, &mut signup).unwrap();
        world.store(&signup);
        world.now.set(named_until);
        let signup = world.run_once().unwrap();
        assert_eq!(world.status(&signup), SignupStatus::Connected, "{call}");
    }
}

#[test]
fn registration_that_meta_put_off_is_not_tried_and_the_number_is_read() {
    for code in [133_008, 133_009, 133_016] {
        let (world, signup) =
            started(|world| world.script([("register", graph_error(400, code, None))]));
        let until = world.snapshot(&signup).wait_ms;
        let before = (world.count_calls("register"), world.count_calls("phone"));
        let signup = retry_and_run(&world, signup);
        assert_eq!(world.status(&signup), SignupStatus::Waiting, "{code}");
        assert_eq!(world.snapshot(&signup).wait_ms, until, "{code}");
        let after = (world.count_calls("register"), world.count_calls("phone"));
        assert_eq!(after, (before.0, before.1 + 1), "{code}");
        // Registered meanwhile, by whomever: the wait is for nothing.
        world.meta.borrow_mut().connect_number();
        let signup = retry_and_run(&world, signup);
        assert_eq!(world.status(&signup), SignupStatus::Connected, "{code}");
        assert_eq!(world.count_calls("register"), before.0, "{code}");
    }
}

#[test]
fn question_is_asked_again_unless_meta_has_the_answer_by_now() {
    // Each with what the customer does at Meta.
    type Case = (&'static str, fn(&World), fn(&World));
    let cases: [Case; 3] = [
        ("unverified number", World::unverify_number, |world| {
            world.set_phone(json!({"code_verification_status": "VERIFIED"}))
        }),
        (
            "unknown PIN",
            |world| world.set_phone(json!({"is_pin_enabled": true})),
            |world| world.set_phone(json!({"is_pin_enabled": false})),
        ),
        (
            "number that is registered by now",
            |world| world.set_phone(json!({"is_pin_enabled": true})),
            |world| world.meta.borrow_mut().connect_number(),
        ),
    ];
    for (name, ask, answer) in cases {
        let (world, signup) = started(ask);
        let question = world.snapshot(&signup).input;
        assert!(question.is_some(), "{name}");
        // Days later: nothing of the question has changed.
        world.advance(Duration::from_hours(50));
        let before = calls(&world);
        let signup = retry_and_run(&world, signup);
        assert_eq!(world.snapshot(&signup).input, question, "{name}");
        assert_eq!(calls(&world), before + 1, "{name}: the number was read");
        assert_eq!(world.count_calls("register"), 0, "{name}");
        answer(&world);
        let signup = retry_and_run(&world, signup);
        assert_eq!(world.status(&signup), SignupStatus::Connected, "{name}");
    }
}

#[test]
fn pin_that_meta_does_not_show_costs_no_attempt() {
    let (world, signup) = started(|world| world.meta.borrow_mut().pin = Some("731904".into()));
    assert_eq!(world.status(&signup), SignupStatus::NeedsInput);
    assert_eq!(world.count_calls("register"), 1);
    let signup = retry_and_run(&world, signup);
    assert_eq!(world.status(&signup), SignupStatus::NeedsInput);
    assert_eq!(world.count_calls("register"), 1);
}

#[test]
fn question_stays_while_the_number_cannot_be_read() {
    for reply in [
        graph_error(400, 100, Some(33)),
        graph_error(400, 10, None),
        graph_error(503, 2, None),
    ] {
        let (world, signup) = started(World::unverify_number);
        let question = world.snapshot(&signup).input;
        world.script([("phone", reply)]);
        let signup = retry_and_run(&world, signup);
        assert_eq!(world.snapshot(&signup).input, question);
    }
    let (world, signup) = started(World::unverify_number);
    world.script([("phone", graph_error(400, 190, None))]);
    let signup = retry_and_run(&world, signup);
    assert_eq!(end_code(&signup), Some(ProblemCode::TokenInvalid));
}

#[test]
fn choice_of_a_number_is_read_again() {
    let world = World::new();
    world.meta.borrow_mut().phones = vec![phone_number(PHONE), phone_number("6000000000000002")];
    let signup = world.run_signup(None);
    assert_eq!(world.status(&signup), SignupStatus::NeedsInput);
    world.advance(Duration::from_hours(50));
    let signup = retry_and_run(&world, signup);
    let choices = world.snapshot(&signup).input.unwrap().choices;
    assert_eq!(choices.len(), 2);
    // The customer has removed one of them.
    world.meta.borrow_mut().phones.pop();
    let signup = retry_and_run(&world, signup);
    assert_eq!(world.status(&signup), SignupStatus::Connected);
}

#[test]
fn choice_of_an_account_is_offered_again() {
    let world = World::new();
    world.meta.borrow_mut().wabas.push("5000000000000002");
    let signup = world.run_signup(None);
    let question = world.snapshot(&signup).input;
    assert_eq!(question.as_ref().map(|input| input.choices.len()), Some(2));
    let signup = retry_and_run(&world, signup);
    assert_eq!(world.snapshot(&signup).input, question);
}

#[test]
fn call_that_was_under_way_is_not_given_up_for_its_earlier_attempts() {
    let world = World::new();
    let failing_for_a_day = RetryState {
        attempts: 700,
        first_attempt_at: world.now.get().before(Duration::from_hours(23)),
        ..RetryState::default()
    };
    world.advance(Duration::from_hours(2));
    let cx: AppContext<'_> = Host::<Signup>::context(&world);
    let classify = |retry| classify(&ApiError::unreadable(), retry, Step::Register, &cx);
    let given_up = classify(failing_for_a_day);
    assert!(matches!(given_up, RetryDecision::Fail(_)), "{given_up:?}");
    let repeated = classify(failing_for_a_day.forgotten());
    assert!(matches!(repeated, RetryDecision::Retry(_)), "{repeated:?}");
}
