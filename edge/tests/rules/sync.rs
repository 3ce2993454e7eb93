//! Numbers that stay in the WhatsApp Business app.

use crate::fake::{Twist, World, error, ids};
use crate::status;
use embark_edge::graph::Unheard;
use embark_edge::signup::{Signup, view};
use embark_protocol::{Code, Remedy, Status, Step};

fn coexisting() -> World {
    let world = World::new();
    {
        let phone = &mut world.meta.borrow_mut().phones[0];
        phone["platform_type"] = "CLOUD_API".into();
        phone["is_on_biz_app"] = true.into();
    }
    world
}

fn calls(world: &World, name: &str) -> usize {
    let meta = world.meta.borrow();
    meta.calls.iter().filter(|call| **call == name).count()
}

fn steps(run: &Signup) -> Vec<Step> {
    let shown = view::render(run, 0).steps;
    shown.into_iter().map(|view| view.step).collect()
}

#[test]
fn contacts_and_chats_are_asked_for_once_each_and_nothing_is_registered() {
    let world = coexisting();
    let run = world.run_to_rest_from(world.started("code-1", Some(ids())));
    assert_eq!(status(&world, &run), Status::Connected);
    assert!(run.warnings.is_empty(), "{:?}", run.warnings);
    assert!(steps(&run).contains(&Step::Sync));
    assert_eq!(calls(&world, "register"), 0);
    let synced = world.meta.borrow().synced.concat();
    let (contacts, chats) = (synced.find("smb_app_state_sync"), synced.find("history"));
    assert!(contacts < chats, "{synced}");
    assert_eq!(calls(&world, "smb_app_data"), 2);
}

#[test]
fn any_other_number_knows_nothing_of_it() {
    let world = World::new();
    let run = world.run_to_rest_from(world.started("code-1", Some(ids())));
    assert!(!steps(&run).contains(&Step::Sync));
    assert_eq!(calls(&world, "smb_app_data"), 0);
}

#[test]
fn an_answer_that_was_lost_is_asked_for_again_and_counts() {
    let world = coexisting();
    world.meta.borrow_mut().twists = vec![Twist {
        name: "smb_app_data",
        skip: 0,
        lands: true,
        heard: Err(Unheard::Timeout),
    }];
    let run = world.run_to_rest_from(world.started("code-1", Some(ids())));
    assert_eq!(status(&world, &run), Status::Connected);
    assert!(run.warnings.is_empty());
    assert_eq!(world.meta.borrow().synced.len(), 2, "once each at Meta");
}

#[test]
fn where_the_app_does_not_listen_the_operator_is_asked_and_the_clock_is_shown() {
    let world = coexisting();
    world.meta.borrow_mut().listens = vec!["messages"];
    world.started("code-1", Some(ids()));
    let run = world.drive_once().unwrap();
    let shown = view::render(&run, world.now.get());
    let problem = shown.problem.clone().unwrap();
    assert_eq!(shown.status, Status::Waiting);
    assert_eq!(
        (problem.code, problem.step),
        (Code::AppMisconfigured, Some(Step::Sync))
    );
    assert_eq!(problem.remedy, Remedy::Operator);
    let left = u64::from(shown.wait_ms.unwrap());
    assert!((23 * 3_600_000..24 * 3_600_000).contains(&left), "{left}");
    assert_eq!(
        calls(&world, "smb_app_data"),
        0,
        "the one chance is not wasted"
    );
    // Set right an hour later.
    world.now.set(world.now.get() + 3_600_000);
    world.meta.borrow_mut().listens = vec!["history", "smb_app_state_sync", "smb_message_echoes"];
    let run = world.run_to_rest();
    assert_eq!(status(&world, &run), Status::Connected);
    assert!(run.warnings.is_empty());
}

#[test]
fn what_cannot_be_had_is_a_warning_and_never_costs_the_signup() {
    // Nobody sets it right.
    let world = coexisting();
    world.meta.borrow_mut().listens = vec![];
    let run = world.run_to_rest_from(world.started("code-1", Some(ids())));
    assert_eq!(status(&world, &run), Status::Connected);
    assert_eq!(run.warnings, ["sync_missed"]);
    for (said, warning) in [
        (error(400, 2_593_108, None), "sync_missed"),
        (error(400, 100, None), "sync_refused"),
        (error(403, 10, None), "sync_refused"),
    ] {
        let world = coexisting();
        world.meta.borrow_mut().script = vec![("smb_app_data", said)];
        let run = world.run_to_rest_from(world.started("code-1", Some(ids())));
        assert_eq!(status(&world, &run), Status::Connected);
        assert_eq!(run.warnings, [warning]);
    }
}
