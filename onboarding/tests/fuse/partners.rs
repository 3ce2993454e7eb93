//! The same for signups with a credit line, with Infobip, and with the provider of a site's template.

use crate::fake::{
    FaultPoint, PlannedFault, World, infobip_site, session_ids, solution_partner_site,
};
use crate::{Run, all_faults, is_connected, relaunch_if_asked, run_to_end};
use embark_onboarding::providers::infobip::parse_registration_webhook;
use embark_onboarding::signup::commands;
use serde_json::{Value, json};

fn template_site() -> Value {
    json!({"policy": "handoff", "handoff": {"url": "https://provider.example/{waba_id}", "status":
        {"url": "https://provider.example/{answer:/sid}", "pointer": "/status", "done": ["ONLINE"]}}})
}

fn world(site: &Value) -> World {
    let world = World::with_site(site.clone());
    world.provider.borrow_mut().connects_number = true;
    world
}

#[test]
fn signup_with_partner_and_one_fault_at_any_operation_ends_connected() {
    let mut cells = 0;
    for (site, changes) in [
        (
            solution_partner_site("share_and_attach"),
            &["share_and_attach"] as &[&str],
        ),
        (
            solution_partner_site("share_then_attach"),
            &["share_credit", "attach_credit"],
        ),
        (infobip_site(), &[]),
        (template_site(), &[]),
    ] {
        let faultless = run_to_end(world(&site), true, None);
        let stage = &faultless.signup.stage;
        assert!(is_connected(&faultless.signup), "{site}: {stage:?}");
        for fault in all_faults(faultless.world.operations.get()) {
            let run = run_to_end(world(&site), true, Some(fault));
            let failed = run.world.failed.get().expect("the operation was begun");
            let cell = format!("{} {fault:?} {}", site["policy"], failed.name);
            assert_ends_well(&run, &cell);
            if changes.is_empty() {
                assert_ordered(&run, &cell);
            } else {
                assert_credit_shared(&run, fault, changes, &cell);
            }
            cells += 1;
        }
    }
    println!("{cells} cells");
    assert!(cells > 400, "{cells}");
}

fn assert_ends_well(run: &Run, cell: &str) {
    let signup = &run.signup;
    assert!(is_connected(signup), "{cell}: {:?}", signup.stage);
    assert!(signup.outbox.is_empty(), "{cell}: {:?}", signup.outbox);
    assert!(signup.warnings.is_empty(), "{cell}: {:?}", signup.warnings);
    let events = run.world.event_names();
    assert!(events.is_empty(), "{cell}: the operator is told {events:?}");
    let ends = run.world.status_event_names();
    let is_end = |name: &&String| *name == "signup.connected";
    assert_eq!(ends.iter().filter(is_end).count(), 1, "{cell}: {ends:?}");
    let last = ends.last().map(String::as_str);
    assert_eq!(last, Some("signup.connected"), "{cell}");
}

/// A change at Meta is repeated only if it was lost: one that took effect is read back.
fn assert_credit_shared(run: &Run, fault: PlannedFault, changes: &[&str], cell: &str) {
    let failed = run.world.failed.get().unwrap();
    for change in changes {
        let calls = run.world.count_calls(change);
        let lost = failed.name == *change && fault.point == FaultPoint::RequestLost;
        let at_most = 1 + usize::from(lost);
        assert!(calls <= at_most, "{cell}: {calls} calls of {change}");
    }
    let credit = &run.signup.steps.credit;
    assert!(credit.is_done(), "{cell}: {credit:?}");
}

/// The provider registers the number, on one order or on a repeated one.
fn assert_ordered(run: &Run, cell: &str) {
    let registrations = run.world.meta.borrow().accepted_registrations;
    assert_eq!(registrations, 0, "{cell}: we register nothing");
    let orders = run.world.count_calls("share_waba") + run.world.count_calls("handoff");
    assert!(orders <= 2, "{cell}: {orders} orders");
}

#[test]
fn infobip_webhook_at_any_operation_of_the_signup_changes_no_end() {
    let body = br#"{"businessAccountId":5000000000000001,"status":"FINISHED","senders":[]}"#;
    let faultless = run_to_end(world(&infobip_site()), true, None);
    for operation in 0..faultless.world.operations.get() {
        let world = world(&infobip_site());
        world.with_code("code-1", Some(session_ids()));
        world.fault.set(Some(PlannedFault {
            operation,
            point: FaultPoint::CrashAfter,
        }));
        let _crashed = world.run_once();
        let mut signup = world.open_stored();
        let webhook = parse_registration_webhook(body).unwrap();
        world.with_context(|cx| commands::infobip_webhook(&mut signup, webhook, cx));
        let signup = world.run_until_idle_from(signup);
        let (signup, _) = relaunch_if_asked(&world, signup, true);
        assert!(
            is_connected(&signup),
            "operation {operation}: {:?}",
            signup.stage
        );
    }
}
