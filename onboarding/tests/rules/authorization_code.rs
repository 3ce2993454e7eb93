//! The authorization code: Meta's refusals of it, the `redirect_uri` of its exchange, and repeated posts.

use crate::end_code;
use crate::fake::{CALLBACK, World, graph_error, outcome_post, session_ids};
use embark_onboarding::meta::RedirectUriVariant;
use embark_onboarding::signup::{Signup, commands};
use embark_protocol::requests::SessionInfoIds;
use embark_protocol::{ProblemCode, SignupStatus, WabaId};

#[test]
fn exchange_refusal_ends_with_its_own_problem() {
    for (reply, expected) in [
        (graph_error(400, 100, Some(36007)), ProblemCode::CodeExpired),
        (graph_error(400, 100, Some(36009)), ProblemCode::CodeSpent),
        (graph_error(400, 101, None), ProblemCode::AppMisconfigured),
        (graph_error(400, 1, None), ProblemCode::AppMisconfigured),
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
