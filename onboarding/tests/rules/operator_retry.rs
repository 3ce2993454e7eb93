//! An operator has a signup tried again: which are, what is called, which waits are kept, and that nothing is done twice.

use crate::end_code;
use crate::fake::{
    PHONE, World, graph_error, http_response, infobip_site, phone_number, session_ids,
    solution_partner_site,
};
use core::time::Duration;
use embark_onboarding::crypto::Sealed;
use embark_onboarding::resources::phone_number::PhoneOwner;
use embark_onboarding::resources::run::HostedSignup;
use embark_onboarding::signup::state::ExchangeState;
use embark_onboarding::signup::{End, Signup, Stage, commands};
use embark_onboarding::transport::{ApiResponse, ApiResult, TransportError};
use embark_protocol::{
    AppKey, BusinessId, Problem, ProblemCode, Remedy, SignupId, SignupStatus, SiteId, WabaId,
};
use serde_json::json;

fn retry(world: &World, signup: &mut Signup) -> Result<(), Problem> {
    let site = SiteId::parse("acme").unwrap();
    world.with_context(|cx| signup.retry(&site, cx))
}

/// Has it tried again, stores it, and runs it until it waits.
fn retry_and_run(world: &World, mut signup: Signup) -> Signup {
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
fn give_number_away(world: &World) {
    world.phone.borrow_mut().owner = Some(PhoneOwner {
        site: SiteId::parse("rival").unwrap(),
        waba: WabaId::parse("5000000000000009").unwrap(),
        signup: SignupId::parse(&"b".repeat(32)).unwrap(),
    });
}

#[test]
fn signup_that_nothing_can_be_done_for_is_refused_with_what_to_do_instead() {
    type Case = (&'static str, fn(&World) -> Signup, ProblemCode, &'static str);
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
fn wait_that_meta_named_is_kept_and_said() {
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
        (
            "unverified number",
            World::unverify_number,
            |world| world.set_phone(json!({"code_verification_status": "VERIFIED"})),
        ),
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

/// Fails, or is to be launched again, with this code; goes on once the second function has put it right.
struct Failure {
    code: ProblemCode,
    prepare: fn(&World),
    put_right: fn(&World),
    /// Each of these calls is made so often in all.
    calls: &'static [(&'static str, usize)],
}

const FAILURES: &[Failure] = &[
    Failure {
        code: ProblemCode::SiteDisabled,
        prepare: |world| world.configure_site(json!({"enabled": false})),
        put_right: |world| world.configure_site(json!({"enabled": true})),
        calls: &[("exchange", 1), ("register", 1)],
    },
    Failure {
        code: ProblemCode::MetaRefused,
        prepare: |world| world.script([("debug_token", graph_error(400, 100, None))]),
        put_right: |_| {},
        calls: &[("exchange", 1), ("debug_token", 2)],
    },
    Failure {
        code: ProblemCode::WabaUnreachable,
        prepare: |world| world.script([("waba", graph_error(400, 100, Some(33)))]),
        put_right: |_| {},
        calls: &[("exchange", 1), ("register", 1)],
    },
    Failure {
        code: ProblemCode::OwnedElsewhere,
        prepare: give_number_away,
        put_right: |world| world.phone.borrow_mut().owner = None,
        calls: &[("exchange", 1), ("phone_numbers", 1), ("register", 1)],
    },
    Failure {
        code: ProblemCode::MetaRefused,
        prepare: |world| world.script([("subscribe", graph_error(400, 100, None))]),
        put_right: |_| {},
        // The list is read before the app is subscribed once more.
        calls: &[("exchange", 1), ("subscribe", 2), ("subscribed_apps", 3)],
    },
    Failure {
        code: ProblemCode::AccountLocked,
        prepare: |world| world.script([("register", graph_error(400, 131_031, None))]),
        put_right: |_| {},
        calls: &[("exchange", 1), ("subscribe", 1), ("register", 2)],
    },
    Failure {
        code: ProblemCode::NumberOnPremise,
        prepare: |world| world.set_phone(json!({"platform_type": "ON_PREMISE"})),
        put_right: |world| world.set_phone(json!({"platform_type": "NOT_APPLICABLE"})),
        calls: &[("exchange", 1), ("register", 1)],
    },
    Failure {
        code: ProblemCode::AppMisconfigured,
        prepare: |world| {
            world.configure_site(infobip_site());
            world.provider.borrow_mut().connects_number = true;
            world.provider.borrow_mut().script = vec![http_response(401, "{}")];
        },
        put_right: |_| {},
        calls: &[("exchange", 1), ("share_waba", 2)],
    },
];

#[test]
fn failed_signup_goes_on_from_its_step() {
    for failure in FAILURES {
        let world = World::new();
        (failure.prepare)(&world);
        let signup = world.run_signup(Some(session_ids()));
        let name = failure.code.as_str();
        assert_eq!(end_code(&signup), Some(failure.code), "{name}");
        world.advance(Duration::from_hours(30));
        (failure.put_right)(&world);
        let mut signup = signup;
        retry(&world, &mut signup).unwrap();
        let signup = world.run_until_idle_from(signup);
        assert_eq!(world.status(&signup), SignupStatus::Connected, "{name}");
        for (call, count) in failure.calls {
            assert_eq!(world.count_calls(call), *count, "{name}: {call}");
        }
        let events = world.status_event_names();
        assert_eq!(
            events.last().map(String::as_str),
            Some("signup.connected"),
            "{name}: {events:?}"
        );
    }
}

#[test]
fn failure_that_is_still_there_is_reported_again() {
    let world = World::new();
    give_number_away(&world);
    let mut signup = world.run_signup(Some(session_ids()));
    for _ in 0..2 {
        retry(&world, &mut signup).unwrap();
        signup = world.run_until_idle_from(signup);
        assert_eq!(end_code(&signup), Some(ProblemCode::OwnedElsewhere));
    }
    let events = world.status_event_names();
    let failed = events.iter().filter(|name| *name == "signup.failed");
    assert_eq!(failed.count(), 3, "{events:?}");
}

#[test]
fn number_that_is_live_by_now_is_not_registered() {
    let world = World::new();
    give_number_away(&world);
    let mut signup = world.run_signup(Some(session_ids()));
    world.phone.borrow_mut().owner = None;
    world.meta.borrow_mut().connect_number();
    retry(&world, &mut signup).unwrap();
    let signup = world.run_until_idle_from(signup);
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    assert_eq!(world.count_calls("register"), 0);
}

#[test]
fn credit_line_is_shared_once() {
    let world = World::with_site(solution_partner_site("share_and_attach"));
    world.script([("register", graph_error(400, 131_031, None))]);
    let mut signup = world.run_signup(Some(session_ids()));
    assert_eq!(end_code(&signup), Some(ProblemCode::AccountLocked));
    let shared = world.count_calls("share_and_attach");
    retry(&world, &mut signup).unwrap();
    let signup = world.run_until_idle_from(signup);
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    assert_eq!(world.count_calls("share_and_attach"), shared);
}

#[test]
fn order_that_the_provider_accepted_is_not_repeated() {
    let world = World::with_site(infobip_site());
    world.with_code("code-1", Some(session_ids()));
    let signup = world.run_once().unwrap();
    assert_eq!(world.status(&signup), SignupStatus::Waiting);
    let reads = world.count_calls("phone");
    let mut signup = retry_and_run(&world, signup);
    assert_eq!(world.count_calls("share_waba"), 1);
    assert_eq!(world.count_calls("phone"), reads + 1, "Meta was read now");
    // Infobip never reports; the wait has ended.
    let problem = Problem::new(ProblemCode::ProviderUnavailable);
    let problem = problem.at_step(embark_protocol::Step::Handoff);
    signup.end(End::Failed(problem), world.now.get());
    world.meta.borrow_mut().connect_number();
    retry(&world, &mut signup).unwrap();
    let signup = world.run_until_idle_from(signup);
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    assert_eq!(world.count_calls("share_waba"), 1);
}

#[test]
fn hosted_signup_fetches_its_token_again() {
    let world = World::new();
    let mut signup = world.launched();
    signup.start_hosted(HostedSignup {
        site: SiteId::parse("acme").unwrap(),
        app: AppKey::parse("main").unwrap(),
        waba: WabaId::parse("5000000000000001").unwrap(),
        business: BusinessId::parse("4000000000000001").unwrap(),
    });
    world.script([("system_user_token", graph_error(400, 190, None))]);
    let mut signup = world.run_until_idle_from(signup);
    assert_eq!(end_code(&signup), Some(ProblemCode::AppMisconfigured));
    retry(&world, &mut signup).unwrap();
    let signup = world.run_until_idle_from(signup);
    assert_eq!(world.status(&signup), SignupStatus::Connected);
}

#[test]
fn three_wrong_pins_are_asked_for_anew() {
    let world = World::new();
    world.set_phone(json!({"is_pin_enabled": true}));
    world.meta.borrow_mut().pin = Some("731904".into());
    let mut signup = world.run_signup(Some(session_ids()));
    for _ in 0..3 {
        let wrong = embark_protocol::requests::InputRequest::Pin {
            pin: "111111".into(),
        };
        assert_eq!(crate::submit_input(&world, &mut signup, wrong), Ok(()));
        signup = world.run_until_idle();
    }
    assert_eq!(end_code(&signup), Some(ProblemCode::TooManyTries));
    world.advance(Duration::from_hours(73));
    let signup = retry_and_run(&world, signup);
    let asked = world.snapshot(&signup).input.unwrap();
    assert_eq!(asked.attempts_left, Some(3));
}
