//! The events of a signup, and whose signup it is.

use crate::fake::{World, session_ids};
use embark_onboarding::resources::site::SignupIndexRow;
use embark_onboarding::signup::state::OutboxMessage;
use embark_onboarding::signup::{Signup, commands};
use embark_protocol::Reference;
use embark_protocol::requests::{EndReason, EndedRequest, LaunchedRequest};
use embark_protocol::site_events::CustomerReference;

fn reference() -> CustomerReference {
    CustomerReference {
        id: Reference::parse("customer 7").unwrap(),
        verified: false,
    }
}

fn launched(world: &World) -> Signup {
    let mut signup = world.launched();
    signup.reference = Some(reference());
    signup.bump_seq_if_changed(world.now.get());
    signup
}

fn end(world: &World, signup: &mut Signup) {
    let post = EndedRequest {
        reason: EndReason::Cancelled,
        current_step: None,
        error_code: None,
        error_message: None,
        session_id: None,
        attempt: None,
    };
    world.with_context(|cx| commands::ended(signup, post, "page/".into(), cx));
    signup.bump_seq_if_changed(world.now.get());
}

#[test]
fn each_status_is_reported_once_with_the_reference() {
    let world = World::new();
    let mut signup = launched(&world);
    end(&world, &mut signup);
    end(&world, &mut signup);
    world.with_context(|cx| commands::launched(&mut signup, LaunchedRequest::default(), cx));
    signup.bump_seq_if_changed(world.now.get());
    world.post_code(&mut signup, "code-1", Some(session_ids()));
    world.run_until_idle();
    assert_eq!(
        world.status_event_names(),
        [
            "signup.launched",
            "signup.abandoned",
            "signup.relaunched",
            "signup.connected"
        ]
    );
    let events = world.events.borrow();
    for event in events.iter() {
        assert_eq!(event.reference, Some(reference()), "{event:?}");
        assert_eq!(
            event.signup.as_ref().map(ToString::to_string),
            Some("a".repeat(32))
        );
    }
    let connected = events
        .last()
        .and_then(|event| event.connected.as_ref())
        .unwrap();
    assert!(connected.waba_id.is_some() && connected.phone_number_id.is_some());
}

#[test]
fn index_row_says_whose_signup_it_is_and_what_it_connected() {
    let world = World::new();
    let signup = launched(&world);
    let row_of = |signup: &Signup| -> Option<SignupIndexRow> {
        signup.outbox.iter().find_map(|entry| match &entry.message {
            OutboxMessage::Index(row) => Some(row.clone()),
            _ => None,
        })
    };
    let row = row_of(&signup).unwrap();
    assert_eq!(row.reference, Some(reference()));
    assert_eq!(row.started_at, world.now.get());
    assert_eq!(row.connected, None);
}
