//! Numbers that stay in the WhatsApp Business app: their contacts and chat history are synchronised.

use crate::fake::{ScriptedReply, World, graph_error, session_ids};
use core::time::Duration;
use embark_onboarding::signup::Signup;
use embark_onboarding::transport::TransportError;
use embark_protocol::{ProblemCode, Remedy, SignupStatus, Step};

fn world_with_number_in_app() -> World {
    let world = World::new();
    world.keep_number_in_business_app();
    world
}

fn has_sync_step(world: &World, signup: &Signup) -> bool {
    let steps = world.snapshot(signup).steps;
    steps.iter().any(|view| view.step == Step::Sync)
}

#[test]
fn number_in_app_synchronises_contacts_then_history_and_is_not_registered() {
    let world = world_with_number_in_app();
    let signup = world.run_signup(Some(session_ids()));
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    assert!(signup.warnings.is_empty(), "{:?}", signup.warnings);
    assert!(has_sync_step(&world, &signup));
    assert_eq!(world.count_calls("register"), 0);
    assert_eq!(world.count_calls("smb_app_data"), 2);
    let requests = &world.meta.borrow().sync_requests;
    assert!(requests[0].contains("smb_app_state_sync"), "{requests:?}");
    assert!(requests[1].contains("history"), "{requests:?}");
}

#[test]
fn number_outside_app_has_no_sync_step() {
    let world = World::new();
    let signup = world.run_signup(Some(session_ids()));
    assert!(!has_sync_step(&world, &signup));
    assert_eq!(world.count_calls("smb_app_data"), 0);
}

#[test]
fn sync_reply_lost_is_repeated_and_refusal_counts_as_done() {
    let world = world_with_number_in_app();
    let lost = ScriptedReply::with_effect("smb_app_data", Err(TransportError::Timeout));
    world.meta.borrow_mut().scripted.push(lost);
    let signup = world.run_signup(Some(session_ids()));
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    assert!(signup.warnings.is_empty());
    let accepted = world.meta.borrow().sync_requests.len();
    assert_eq!(accepted, 2, "each once");
}

#[test]
fn app_webhook_without_sync_fields_waits_for_operator_up_to_a_day() {
    let world = world_with_number_in_app();
    world.meta.borrow_mut().webhook_fields = vec!["messages"];
    world.with_code("code-1", Some(session_ids()));
    let signup = world.run_once().unwrap();
    let shown = world.snapshot(&signup);
    assert_eq!(shown.status, SignupStatus::Waiting);
    let problem = shown.problem.unwrap();
    assert_eq!(problem.code, ProblemCode::AppMisconfigured);
    assert_eq!(problem.step, Some(Step::Sync));
    assert_eq!(problem.remedy, Remedy::Operator);
    let wait = Duration::from_millis(shown.wait_ms.unwrap().into());
    let expected = Duration::from_hours(23)..Duration::from_hours(24);
    assert!(expected.contains(&wait), "{wait:?}");
    // Each kind of data can be requested once only.
    assert_eq!(world.count_calls("smb_app_data"), 0);

    world.advance(Duration::from_hours(1));
    world.meta.borrow_mut().webhook_fields =
        vec!["history", "smb_app_state_sync", "smb_message_echoes"];
    let signup = world.run_until_idle();
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    assert!(signup.warnings.is_empty());
}

#[test]
fn app_webhook_never_set_up_connects_with_warning() {
    let world = world_with_number_in_app();
    world.meta.borrow_mut().webhook_fields = vec![];
    let signup = world.run_signup(Some(session_ids()));
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    assert_eq!(signup.warnings, ["sync_missed"]);
}

#[test]
fn sync_refused_connects_with_warning() {
    for (reply, warning) in [
        (graph_error(400, 2_593_108, None), "sync_missed"),
        (graph_error(400, 100, None), "sync_refused"),
        (graph_error(403, 10, None), "sync_refused"),
    ] {
        let world = world_with_number_in_app();
        world.script([("smb_app_data", reply)]);
        let signup = world.run_signup(Some(session_ids()));
        assert_eq!(world.status(&signup), SignupStatus::Connected);
        assert_eq!(signup.warnings, [warning]);
    }
}
