//! Posts that arrive late, twice or out of order, of pages that opened Meta's popup more than once.

use crate::end_code;
use crate::fake::{CALLBACK, World, graph_error, outcome_post, session_ids};
use embark_onboarding::resources::run::PagePost;
use embark_onboarding::signup::state::OutboxMessage;
use embark_onboarding::signup::{Signup, Stage, commands};
use embark_onboarding::transport::TransportError;
use embark_protocol::requests::{
    AssetsRequest, EndReason, EndedRequest, LaunchedRequest, SessionInfoIds,
};
use embark_protocol::{ProblemCode, SignupStatus, WabaId};

/// A signup that must be launched again, because the reply of its exchange was lost.
fn signup_to_relaunch(world: &World) -> Signup {
    let timeout = || ("exchange", Err(TransportError::Timeout));
    world.script([timeout(), timeout()]);
    let mut signup = world.launched();
    post_launched(world, &mut signup, Some(1));
    post_outcome(world, &mut signup, "code-1", 1, Some(session_ids()));
    world.run_until_idle_from(signup)
}

/// `launch`: the page's count of its popups. `None`: the page does not count.
fn post_launched(world: &World, signup: &mut Signup, launch: Option<u32>) {
    let post = LaunchedRequest { attempt: launch };
    world.with_context(|cx| commands::launched(signup, post, cx));
}

fn post_outcome(
    world: &World,
    signup: &mut Signup,
    code: &str,
    launch: u32,
    ids: Option<SessionInfoIds>,
) {
    let post = outcome_post(code, ids, Some(launch));
    let result = world.with_context(|cx| commands::outcome(signup, post, CALLBACK, cx));
    assert_eq!(result, Ok(()));
}

fn post_assets(world: &World, signup: &mut Signup, launch: Option<u32>, ids: SessionInfoIds) {
    let post = AssetsRequest {
        event: None,
        ids,
        granted: Default::default(),
        attempt: launch,
    };
    let result = world.with_context(|cx| commands::assets(signup, post, cx));
    assert_eq!(result, Ok(()));
}

fn post_closed(world: &World, signup: &mut Signup, launch: u32) {
    let post = EndedRequest {
        reason: EndReason::Closed,
        current_step: None,
        error_code: None,
        error_message: None,
        session_id: None,
        attempt: Some(launch),
    };
    world.with_context(|cx| commands::ended(signup, post, "page/".into(), cx));
}

fn other_ids() -> SessionInfoIds {
    SessionInfoIds {
        waba_id: WabaId::parse("5000000000000009").ok(),
        ..SessionInfoIds::default()
    }
}

#[test]
fn launched_post_repeated_keeps_the_end_and_a_new_one_reopens() {
    let world = World::new();
    let mut signup = signup_to_relaunch(&world);
    assert_eq!(end_code(&signup), Some(ProblemCode::AnswerLost));
    post_launched(&world, &mut signup, Some(1));
    assert_eq!(world.status(&signup), SignupStatus::Relaunch);
    post_launched(&world, &mut signup, Some(2));
    assert_eq!(world.status(&signup), SignupStatus::Launched);
}

#[test]
fn closed_post_of_an_earlier_popup_is_ignored() {
    let world = World::new();
    let mut signup = signup_to_relaunch(&world);
    post_launched(&world, &mut signup, Some(2));
    post_closed(&world, &mut signup, 1);
    assert_eq!(world.status(&signup), SignupStatus::Launched);
    post_closed(&world, &mut signup, 2);
    assert_eq!(world.status(&signup), SignupStatus::Abandoned);
    // The launch of the popup that was closed arrives late.
    post_launched(&world, &mut signup, Some(2));
    assert_eq!(world.status(&signup), SignupStatus::Abandoned);
    // A code outweighs the report that the popup was closed.
    post_outcome(&world, &mut signup, "code-2", 2, None);
    let signup = world.run_until_idle_from(signup);
    assert_eq!(world.status(&signup), SignupStatus::Connected);
}

#[test]
fn launched_post_without_count_reopens() {
    let world = World::new();
    let mut signup = signup_to_relaunch(&world);
    post_launched(&world, &mut signup, None);
    assert_eq!(signup.stage, Stage::Launched);
}

#[test]
fn token_is_kept_until_another_code_is_posted() {
    let world = World::new();
    world.script([("waba", graph_error(400, 100, Some(33)))]);
    let mut signup = world.run_signup(Some(session_ids()));
    assert_eq!(end_code(&signup), Some(ProblemCode::WabaUnreachable));
    post_launched(&world, &mut signup, Some(2));
    assert!(signup.has_token());
    post_outcome(&world, &mut signup, "code-2", 2, None);
    assert!(!signup.has_token());
    let signup = world.run_until_idle_from(signup);
    assert_eq!(world.status(&signup), SignupStatus::Connected);
}

#[test]
fn ids_of_an_earlier_popup_are_ignored() {
    let world = World::new();
    let mut signup = signup_to_relaunch(&world);
    post_launched(&world, &mut signup, Some(2));
    post_assets(&world, &mut signup, Some(1), other_ids());
    assert_eq!(signup.popup.ids, SessionInfoIds::default());
    // The first code once more, with ids of its own.
    post_outcome(&world, &mut signup, "code-1", 1, Some(other_ids()));
    assert_eq!(world.status(&signup), SignupStatus::Launched);
    assert_eq!(signup.popup.ids, SessionInfoIds::default());
    // Of which popup these are is unknown: ids that come with the code replace them.
    post_assets(&world, &mut signup, None, other_ids());
    post_outcome(&world, &mut signup, "code-2", 2, Some(session_ids()));
    assert_eq!(signup.popup.ids, session_ids());
}

#[test]
fn signup_takes_eleven_codes_and_each_further_one_costs_the_site() {
    let world = World::new();
    let outcome = |code: &str, launch| {
        let post = outcome_post(code, Some(session_ids()), Some(launch));
        PagePost::Outcome(post)
    };
    let mut signup = world.launched();
    let id = signup.id.clone();
    let expense = |signup: &Signup, post: &PagePost| commands::expense(&id, Some(signup), post);
    let first = outcome("code-0", 1);
    assert_eq!(
        commands::expense(&id, None, &first),
        Some(id.to_string()),
        "the first post of a signup"
    );
    assert_eq!(expense(&signup, &first), None, "it was launched");
    for n in 0..=10 {
        let (code, launch) = (format!("code-{n}"), n + 1);
        let post = outcome(&code, launch);
        let want = (n > 0).then(|| format!("{id}/{n}"));
        assert_eq!(expense(&signup, &post), want);
        post_launched(&world, &mut signup, Some(launch));
        post_outcome(&world, &mut signup, &code, launch, Some(session_ids()));
        assert_eq!(expense(&signup, &post), None, "a repeated post");
        let timeout = || ("exchange", Err(TransportError::Timeout));
        world.script([timeout(), timeout()]);
        signup = world.run_until_idle_from(signup);
        assert_eq!(world.status(&signup), SignupStatus::Relaunch);
    }
    post_launched(&world, &mut signup, Some(12));
    let post = outcome_post("code-11", Some(session_ids()), Some(12));
    let refused = world.with_context(|cx| commands::outcome(&mut signup, post, CALLBACK, cx));
    let code = refused.err().map(|problem| problem.code);
    assert_eq!(code, Some(ProblemCode::TooManyTries));
}

#[test]
fn end_of_a_popup_is_stored_as_words_without_sentences_and_marks() {
    let world = World::new();
    let mut signup = world.launched();
    let post = EndedRequest {
        reason: EndReason::Error,
        current_step: Some("PHONE_NUMBER_SETUP".into()),
        error_code: Some("call +1 900".into()),
        error_message: Some("a\u{202e}b\u{7}c\u{2066}d".into()),
        session_id: Some("Session/1.a-b_c:d=".into()),
        attempt: None,
    };
    world.with_context(|cx| commands::ended(&mut signup, post, "page/".into(), cx));
    let ended = signup.popup.ended.unwrap();
    assert_eq!(ended.current_step.as_deref(), Some("PHONE_NUMBER_SETUP"));
    assert_eq!(ended.error_code, None);
    assert_eq!(ended.error_message.as_deref(), Some("abcd"));
    assert_eq!(ended.session_id.as_deref(), Some("Session/1.a-b_c:d="));
    assert_eq!(signup.popup.ended_by.as_deref(), Some("page/"));
}

#[test]
fn sdk_that_opens_no_window_is_reported_to_the_operator_once() {
    let world = World::new();
    let mut signup = world.launched();
    let post = || EndedRequest {
        reason: EndReason::NoWindow,
        current_step: None,
        error_code: None,
        error_message: None,
        session_id: None,
        attempt: None,
    };
    for _ in 0..2 {
        world.with_context(|cx| commands::ended(&mut signup, post(), "page/".into(), cx));
    }
    let events: Vec<_> = signup
        .outbox
        .iter()
        .filter_map(|entry| match &entry.message {
            OutboxMessage::Event(event) => Some(event.name.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(events, ["sdk_no_window"]);
}
