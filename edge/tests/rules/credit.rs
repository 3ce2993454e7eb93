//! A Solution Partner's credit line: looked at first, attached once, verified; and never the price of a
//! signup.

use crate::fake::{OURS, Twist, World, error, ids};
use crate::status;
use embark_edge::graph::Unheard;
use embark_edge::signup::Signup;
use embark_protocol::Status;
use serde_json::{Value, json};

fn partner(method: &str) -> World {
    let world = World::new();
    world.settle(
        json!({"policy": "solution-partner", "credit": {"line": "8100000000000001",
        "currency": "USD", "method": method, "system_user": "8000000000000001"}}),
    );
    world
}

fn finish(world: &World) -> Signup {
    world.run_to_rest_from(world.started("code-1", Some(ids())))
}

/// The calls between subscribe and register, in order.
fn calls(world: &World) -> Vec<&'static str> {
    let meta = world.meta.borrow();
    let from = meta.calls.iter().position(|call| *call == "subscribe");
    let to = meta.calls.iter().position(|call| *call == "register");
    meta.calls[from.unwrap() + 1..to.unwrap()].to_vec()
}

fn events(world: &World) -> Vec<String> {
    let events = world.events.borrow();
    events.iter().map(|event| event.name.clone()).collect()
}

#[test]
fn each_method_makes_its_own_calls_in_its_own_order() {
    let both = [
        "assigned_users",
        "assign_user",
        "share_and_attach",
        "waba",
        "allocations",
        "allocation",
    ];
    let apart = [
        "allocations",
        "assigned_users",
        "assign_user",
        "share_credit",
        "waba",
        "allocations",
        "attach_credit",
        "waba",
        "allocations",
        "allocation",
    ];
    for (method, want) in [
        ("share_and_attach", both.as_slice()),
        ("share_then_attach", apart.as_slice()),
    ] {
        let world = partner(method);
        let run = finish(&world);
        assert_eq!(status(&world, &run), Status::Connected);
        assert!(run.credit.is_done() && run.warnings.is_empty(), "{method}");
        let seen = calls(&world);
        assert_eq!(seen, want, "{method}");
        assert_eq!(world.meta.borrow().credit.funding.as_deref(), Some(OURS));
    }
}

#[test]
fn what_is_ours_already_is_done_and_what_is_anothers_is_left_alone() {
    for (funding, done) in [(OURS, true), ("7500000000000099", false)] {
        let world = partner("share_and_attach");
        {
            let credit = &mut world.meta.borrow_mut().credit;
            credit.funding = Some(funding.into());
            credit.shared = true;
        }
        let run = finish(&world);
        assert_eq!(status(&world, &run), Status::Connected);
        assert_eq!(run.credit.is_done(), done);
        assert_eq!(calls(&world), ["allocations", "allocation"]);
        let warned = if done {
            vec![]
        } else {
            vec!["credit_not_shared"]
        };
        assert_eq!(run.warnings, warned);
        assert_eq!(events(&world).len(), usize::from(!done));
    }
}

#[test]
fn a_lost_answer_is_read_back_and_nothing_is_shared_twice() {
    for (name, method) in [
        ("share_and_attach", "share_and_attach"),
        ("share_credit", "share_then_attach"),
        ("attach_credit", "share_then_attach"),
    ] {
        let world = partner(method);
        world.meta.borrow_mut().twists = vec![Twist {
            name,
            skip: 0,
            lands: true,
            heard: Err(Unheard::Timeout),
        }];
        let run = finish(&world);
        assert!(run.credit.is_done() && run.warnings.is_empty(), "{name}");
        let meta = world.meta.borrow();
        assert_eq!(
            meta.calls.iter().filter(|call| **call == name).count(),
            1,
            "{name}"
        );
    }
}

#[test]
fn refused_as_shared_before_is_no_failure() {
    let world = partner("share_and_attach");
    // Somebody else of the partner's attached it in the very moment.
    world.meta.borrow_mut().twists = vec![Twist {
        name: "share_and_attach",
        skip: 0,
        lands: true,
        heard: error(400, 100, Some(99)),
    }];
    let run = finish(&world);
    assert!(run.credit.is_done() && run.warnings.is_empty());
}

#[test]
fn a_share_that_fails_does_not_cost_the_signup() {
    for (call, said) in [
        ("share_and_attach", error(403, 200, None)),
        ("share_and_attach", error(400, 100, None)),
        ("assign_user", error(400, 100, None)),
        ("assigned_users", error(401, 190, None)),
    ] {
        let world = partner("share_and_attach");
        world.meta.borrow_mut().script = vec![(call, said)];
        let run = finish(&world);
        assert_eq!(status(&world, &run), Status::Connected, "{call}");
        assert_eq!(run.warnings, ["credit_not_shared"], "{call}");
        assert_eq!(events(&world), ["credit.failed"], "{call}");
        assert_eq!(world.meta.borrow().registers_accepted, 1);
        let problem = world.events.borrow()[0].problem.clone().unwrap();
        assert!(problem.meta_code.is_some(), "{call}");
    }
}

#[test]
fn a_line_that_does_not_answer_holds_the_number_up_for_a_minute_at_most() {
    let world = partner("share_and_attach");
    let lost = |skip| Twist {
        name: "share_and_attach",
        skip,
        lands: false,
        heard: error(503, 2, None),
    };
    world.meta.borrow_mut().twists = (0..60).map(|_| lost(0)).collect();
    let began = world.now.get();
    let run = world.started("code-1", Some(ids()));
    *world.stored.borrow_mut() = Some(serde_json::to_string(&run).unwrap());
    let mut registered = None;
    for _ in 0..2_000 {
        let run = world.drive_once().unwrap();
        if world.meta.borrow().registers_accepted == 1 && registered.is_none() {
            registered = Some(world.now.get() - began);
        }
        let Some(at) = run.wake.filter(|_| !run.credit.is_done()) else {
            break;
        };
        world.now.set(at.max(world.now.get() + 1));
    }
    let waited = registered.unwrap();
    assert!((50_000..90_000).contains(&waited), "{waited}");
    let run = world.run_to_rest();
    assert!(run.credit.is_done(), "shared later on, off the path");
    assert!(run.warnings.is_empty() && events(&world).is_empty());
}

#[test]
fn what_shows_late_is_waited_for() {
    let world = partner("share_and_attach");
    world.meta.borrow_mut().credit.shows_after = 3;
    let run = finish(&world);
    assert!(run.credit.is_done() && run.warnings.is_empty());
    let count = |name: &str| {
        let meta = world.meta.borrow();
        meta.calls.iter().filter(|call| **call == name).count()
    };
    assert_eq!(count("share_and_attach"), 1);
}

#[test]
fn inside_a_solution_the_tasks_are_granular() {
    for (solution, want) in [
        (Value::Null, "MANAGE"),
        (json!("7000000000000001"), "MANAGE_BILLING"),
    ] {
        let world = partner("share_and_attach");
        world.settle(json!({"solution_id": solution}));
        finish(&world);
        assert_eq!(world.meta.borrow().credit.assigned, [want]);
    }
}

#[test]
fn without_a_system_token_the_operator_is_told_what_is_missing() {
    let mut world = partner("share_and_attach");
    world.access.system = None;
    let run = finish(&world);
    assert_eq!(status(&world, &run), Status::Connected);
    let problem = world.events.borrow()[0].problem.clone().unwrap();
    assert_eq!(
        problem.detail.as_deref(),
        Some("the app needs a system_token secret")
    );
}
