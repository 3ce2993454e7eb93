//! The authorization code: Meta's refusals of it, the `redirect_uri` of its exchange, and repeated posts.

use crate::end_code;
use crate::fake::{CALLBACK, World, graph_error, http_response, outcome_post, session_ids};
use embark_onboarding::meta::RedirectUriVariant;
use embark_onboarding::retention::Retention;
use embark_onboarding::signup::{EffectId, Outcome, Signup, commands};
use embark_onboarding::workflow::{Host, Workflow};
use embark_protocol::requests::SessionInfoIds;
use embark_protocol::{ProblemCode, SignupStatus, WabaId};
use std::time::Duration;

#[test]
fn exchange_refusal_ends_with_its_own_problem() {
    for (reply, expected) in [
        (graph_error(400, 100, Some(36007)), ProblemCode::CodeExpired),
        (graph_error(400, 100, Some(36009)), ProblemCode::CodeSpent),
        (graph_error(400, 101, None), ProblemCode::AppMisconfigured),
        (graph_error(400, 191, None), ProblemCode::AppMisconfigured),
        (graph_error(403, 10, None), ProblemCode::AppMisconfigured),
        (graph_error(401, 190, None), ProblemCode::TokenInvalid),
        (graph_error(400, 987_654, None), ProblemCode::MetaRefused),
    ] {
        let world = World::new();
        world.script([("exchange", reply)]);
        let signup = world.run_signup(Some(session_ids()));
        assert_eq!(end_code(&signup), Some(expected));
        let calls = &world.meta.borrow().calls;
        assert_eq!(*calls, ["exchange"], "{expected:?}: no other call");
    }
}

#[test]
fn wrong_app_secret_is_repeated_three_times_in_case_it_was_just_rotated() {
    for (refusals, problem) in [(3, None), (4, Some(ProblemCode::AppMisconfigured))] {
        let world = World::new();
        let wrong_secret = || ("exchange", graph_error(400, 1, None));
        world.script((0..refusals).map(|_| wrong_secret()));
        let signup = world.run_signup(Some(session_ids()));
        assert_eq!(end_code(&signup), problem, "{refusals}");
        assert_eq!(world.count_calls("exchange"), 4, "{refusals}");
    }
}

#[test]
fn wrong_app_secret_is_not_repeated_with_the_credentials_that_were_refused() {
    let world = World::new();
    let mut signup = world.with_code("code-1", Some(session_ids()));
    let sends_code = |signup: &mut Signup| {
        let cx = Host::<Signup>::context(&world);
        let effects = signup.poll_effects(&[EffectId::Admit], &cx);
        effects.iter().any(|(id, _)| *id == EffectId::Exchange)
    };
    signup.on_run_begun();
    assert!(sends_code(&mut signup));
    let refused = Outcome::Api(graph_error(400, 1, None));
    let cx = Host::<Signup>::context(&world);
    signup.on_outcome(EffectId::Exchange, refused, &cx);
    // The Site object has not replied: the run goes on, and the pause passes in it.
    world.advance(Duration::from_secs(2));
    assert!(!sends_code(&mut signup));
    let due = signup.wake_at(world.now.get(), &Retention::default());
    assert!(due.is_some_and(|at| at <= world.now.get()), "{due:?}");
    signup.on_run_begun();
    assert!(
        sends_code(&mut signup),
        "with the credentials of the next run"
    );
}

#[test]
fn trouble_of_metas_at_the_exchange_is_not_the_operators() {
    let error = |error: &str| format!(r#"{{"error":{error}}}"#);
    for (status, body) in [
        (500, error(r#"{"code":1}"#)),
        (500, error(r#"{"code":1,"is_transient":true}"#)),
        (400, error(r#"{"code":1,"is_transient":"true"}"#)),
        (503, error(r#"{"code":"1"}"#)),
        (500, error(r#"{"code":101}"#)),
        (500, error(r#"{"code":191}"#)),
        (
            400,
            error(r#"{"code":101,"message":"Cannot get application info due to a system error."}"#),
        ),
        (400, error(r#"{"code":"80008","error_data":[]}"#)),
        (
            400,
            error(r#"{"code":12,"error_data":"{\"details\":null}"}"#),
        ),
        (400, error(r#"{"code":2,"is_transient":true}"#)),
    ] {
        let world = World::new();
        world.script([("exchange", http_response(status, &body))]);
        let signup = world.run_signup(Some(session_ids()));
        assert_eq!(
            world.status(&signup),
            SignupStatus::Connected,
            "{status} {body}"
        );
        let exchanges = world.count_calls("exchange");
        assert_eq!(exchanges, 2, "{status} {body}");
    }
}

#[test]
fn error_data_of_any_type_does_not_hide_the_code() {
    for data in [
        r#""{\"details\":\"x\"}""#,
        "[]",
        "null",
        "7",
        r#""text""#,
        "{}",
    ] {
        let world = World::new();
        let body =
            format!(r#"{{"error":{{"code":"100","error_subcode":"36008","error_data":{data}}}}}"#);
        world.script([("exchange", http_response(400, &body))]);
        let signup = world.run_signup(Some(session_ids()));
        assert_eq!(end_code(&signup), Some(ProblemCode::CodeRefused), "{data}");

        let world = World::new();
        let body =
            format!(r#"{{"error":{{"code":133005,"fbtrace_id":"A1","error_data":{data}}}}}"#);
        world.script([("register", http_response(400, &body))]);
        let signup = world.run_signup(Some(session_ids()));
        let asked = world.snapshot(&signup).input.unwrap();
        assert_eq!(asked.error, Some(ProblemCode::PinMismatch), "{data}");
    }
}

fn world_expecting(redirect_uri: Option<&str>) -> World {
    let world = World::new();
    world.meta.borrow_mut().redirect_uri = redirect_uri.map(str::to_owned);
    world
}

#[test]
fn redirect_uri_refused_by_meta_tries_the_next_variant() {
    for (expected_by_meta, exchanges) in [
        (None, 1),
        (Some(""), 2),
        (Some("https%3A%2F%2Fshop.example%2F"), 3),
    ] {
        let world = world_expecting(expected_by_meta);
        let signup = world.run_signup(Some(session_ids()));
        assert_eq!(world.status(&signup), SignupStatus::Connected);
        let calls = world.count_calls("exchange");
        assert_eq!(calls, exchanges, "{expected_by_meta:?}");
    }
    let world = world_expecting(Some("https%3A%2F%2Felsewhere.example"));
    let signup = world.run_signup(Some(session_ids()));
    assert_eq!(end_code(&signup), Some(ProblemCode::CodeRefused));
}

#[test]
fn redirect_uri_variant_of_last_exchange_is_tried_first() {
    let world = world_expecting(Some(""));
    let signup = world.run_signup(Some(session_ids()));
    let code = signup.authorization_code.unwrap();
    assert_eq!(code.accepted_variant, Some(RedirectUriVariant::Empty));
    let exchanges = |preferred| {
        let mut world = world_expecting(Some(""));
        world.credentials.redirect_uri_variant = preferred;
        let signup = world.run_signup(Some(session_ids()));
        assert_eq!(world.status(&signup), SignupStatus::Connected);
        world.count_calls("exchange")
    };
    assert_eq!(exchanges(RedirectUriVariant::Empty), 1);
    // A variant that Meta no longer accepts costs one attempt; one that this page cannot offer costs none.
    assert_eq!(exchanges(RedirectUriVariant::Page), 3);
    assert_eq!(exchanges(RedirectUriVariant::Captured), 2);
}

#[test]
fn outcome_post_repeated_is_accepted_and_another_conflicts() {
    let world = World::new();
    let post = |signup: &mut Signup, code: &str, ids: Option<SessionInfoIds>| {
        let post = outcome_post(code, ids, None);
        world
            .with_context(|cx| commands::outcome(signup, post, CALLBACK, cx))
            .map_err(|problem| problem.code)
    };
    let conflict = Err(ProblemCode::CodeAlreadySent);
    let mut signup = world.with_code("code-1", Some(session_ids()));
    assert_eq!(post(&mut signup, "code-1", Some(session_ids())), Ok(()));
    assert_eq!(post(&mut signup, "code-1", None), Ok(()));
    let other_ids = SessionInfoIds {
        waba_id: WabaId::parse("5000000000000009").ok(),
        ..SessionInfoIds::default()
    };
    assert_eq!(post(&mut signup, "code-1", Some(other_ids)), conflict);
    assert_eq!(post(&mut signup, "code-2", Some(session_ids())), conflict);

    let mut signup = world.run_until_idle_from(signup);
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    assert_eq!(post(&mut signup, "code-1", Some(session_ids())), Ok(()));
    assert_eq!(post(&mut signup, "code-2", None), conflict);
    assert_eq!(world.meta.borrow().accepted_exchanges, 1);
}
