//! A Solution Partner's credit line: what pays is read first, the line is attached once and checked, and a
//! failure never costs the signup.

use crate::fake::{
    OUR_CREDENTIAL, ScriptedReply, World, graph_error, session_ids, solution_partner_site,
};
use core::time::Duration;
use embark_onboarding::signup::Signup;
use embark_onboarding::transport::TransportError;
use embark_protocol::{Problem, SignupStatus};
use serde_json::{Value, json};

fn world(method: &str) -> World {
    World::with_site(solution_partner_site(method))
}

fn run(world: &World) -> Signup {
    world.run_signup(Some(session_ids()))
}

fn assert_shared(signup: &Signup, case: &str) {
    let credit = &signup.steps.credit;
    assert!(credit.is_done(), "{case}: {credit:?}");
    assert!(signup.warnings.is_empty(), "{case}: {:?}", signup.warnings);
}

/// The calls between subscribe and register, in order.
fn credit_calls(world: &World) -> Vec<&'static str> {
    let calls = &world.meta.borrow().calls;
    let position = |name: &str| calls.iter().position(|call| *call == name).unwrap();
    calls[position("subscribe") + 1..position("register")].to_vec()
}

/// The problem of the first event that the operator was sent.
fn reported_problem(world: &World) -> Problem {
    let problem = world.events.borrow()[0].problem.clone();
    *problem.unwrap()
}

#[test]
fn each_sharing_method_makes_its_own_calls_in_order() {
    let share_and_attach: &[&str] = &[
        "assigned_users",
        "assign_user",
        "share_and_attach",
        "waba",
        "allocations",
        "allocation",
    ];
    let share_then_attach: &[&str] = &[
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
    for (method, calls) in [
        ("share_and_attach", share_and_attach),
        ("share_then_attach", share_then_attach),
    ] {
        let world = world(method);
        let signup = run(&world);
        assert_eq!(world.status(&signup), SignupStatus::Connected);
        assert_shared(&signup, method);
        assert_eq!(credit_calls(&world), calls, "{method}");
        let funding = world.meta.borrow().credit_line.funding.clone();
        assert_eq!(funding.as_deref(), Some(OUR_CREDENTIAL));
    }
}

#[test]
fn funded_account_is_left_alone_and_ours_counts_as_done() {
    for (funding, is_ours) in [(OUR_CREDENTIAL, true), ("7500000000000099", false)] {
        let world = world("share_and_attach");
        {
            let line = &mut world.meta.borrow_mut().credit_line;
            line.funding = Some(funding.into());
            line.shared = true;
        }
        let signup = run(&world);
        assert_eq!(world.status(&signup), SignupStatus::Connected);
        assert_eq!(signup.steps.credit.is_done(), is_ours);
        assert_eq!(credit_calls(&world), ["allocations", "allocation"]);
        let warnings = Vec::from_iter((!is_ours).then_some("credit_not_shared"));
        assert_eq!(signup.warnings, warnings);
        assert_eq!(world.event_names().len(), usize::from(!is_ours));
    }
}

#[test]
fn change_whose_reply_was_lost_is_read_back_and_not_repeated() {
    for (call, method) in [
        ("share_and_attach", "share_and_attach"),
        ("share_credit", "share_then_attach"),
        ("attach_credit", "share_then_attach"),
    ] {
        let world = world(method);
        let lost = ScriptedReply::with_effect(call, Err(TransportError::Timeout));
        world.meta.borrow_mut().scripted.push(lost);
        assert_shared(&run(&world), call);
        assert_eq!(world.count_calls(call), 1, "{call}");
    }
}

#[test]
fn line_that_was_shared_during_a_wait_is_not_shared_again() {
    let world = world("share_then_attach");
    // Nothing was shared yet when this wait begins.
    world.script([("assigned_users", graph_error(400, 17, None))]);
    world.with_code("code-1", Some(session_ids()));
    let mut signup = world.run_once().unwrap();
    assert_eq!(world.count_calls("allocations"), 1);
    world.meta.borrow_mut().credit_line.shared = true;
    while !signup.steps.credit.is_done() {
        world.advance_to_wake(signup.next_wake_at.unwrap());
        signup = world.run_once().unwrap();
    }
    assert_shared(&signup, "shared meanwhile");
    assert_eq!(world.count_calls("share_credit"), 0);
}

#[test]
fn change_refused_because_it_was_made_before_counts_as_done() {
    let world = world("share_and_attach");
    // Somebody else attached the line at the same time.
    let refused = ScriptedReply::with_effect("share_and_attach", graph_error(400, 100, Some(99)));
    world.meta.borrow_mut().scripted.push(refused);
    assert_shared(&run(&world), "share_and_attach");
}

#[test]
fn refused_call_connects_with_warning_and_tells_the_operator() {
    for (call, reply) in [
        ("share_and_attach", graph_error(403, 200, None)),
        ("share_and_attach", graph_error(400, 100, None)),
        ("assign_user", graph_error(400, 100, None)),
        ("assigned_users", graph_error(401, 190, None)),
    ] {
        let world = world("share_and_attach");
        world.script([(call, reply)]);
        let signup = run(&world);
        assert_eq!(world.status(&signup), SignupStatus::Connected, "{call}");
        assert_eq!(signup.warnings, ["credit_not_shared"], "{call}");
        assert_eq!(world.event_names(), ["credit.failed"], "{call}");
        assert_eq!(world.meta.borrow().accepted_registrations, 1);
        let problem = reported_problem(&world);
        assert!(problem.meta_code.is_some(), "{call}");
    }
}

#[test]
fn outage_of_the_credit_line_delays_the_registration_by_a_minute() {
    let world = world("share_and_attach");
    world.script((0..60).map(|_| ("share_and_attach", graph_error(503, 2, None))));
    world.with_code("code-1", Some(session_ids()));
    let mut registered_after = None;
    for _ in 0..2_000 {
        let signup = world.run_once().unwrap();
        if world.meta.borrow().accepted_registrations == 1 {
            registered_after.get_or_insert(world.elapsed());
        }
        match signup.next_wake_at {
            Some(at) if !signup.steps.credit.is_done() => world.advance_to_wake(at),
            _ => break,
        }
    }
    let registered_after = registered_after.unwrap();
    let expected = Duration::from_secs(50)..Duration::from_secs(90);
    assert!(expected.contains(&registered_after), "{registered_after:?}");
    // Shared after all, while the signup was connected.
    assert_shared(&world.run_until_idle(), "after the outage");
    assert!(world.event_names().is_empty());
}

#[test]
fn attached_line_that_shows_late_is_polled_and_not_attached_again() {
    let world = world("share_and_attach");
    world.meta.borrow_mut().credit_line.hidden_reads = 3;
    assert_shared(&run(&world), "hidden for three reads");
    assert_eq!(world.count_calls("share_and_attach"), 1);
}

#[test]
fn site_in_partner_solution_assigns_granular_tasks() {
    for (solution, task) in [
        (Value::Null, "MANAGE"),
        (json!("7000000000000001"), "MANAGE_BILLING"),
    ] {
        let world = world("share_and_attach");
        world.configure_site(json!({"solution_id": solution}));
        run(&world);
        assert_eq!(world.meta.borrow().credit_line.assigned, [task]);
    }
}

#[test]
fn missing_system_token_connects_and_tells_the_operator() {
    let mut world = world("share_and_attach");
    world.credentials.system_token = None;
    let signup = run(&world);
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    let detail = reported_problem(&world).detail;
    let expected = "the app needs a system_token secret";
    assert_eq!(detail.as_deref(), Some(expected));
}
