//! The same for sites that have, or had, an address of their own for messages.

use crate::fake::{World, session_ids};
use crate::{all_faults, assert_connected, run_to_end};
use serde_json::json;

const URL: &str = "https://crm.example/w";

/// The account and its number have the address; the site has it no more.
fn world_with_retired_address() -> World {
    let world = World::new();
    world.override_messages(URL);
    world.put_site(json!({"messages": {"mode": "none"}}));
    {
        let meta = &mut *world.meta.borrow_mut();
        meta.subscribed = true;
        meta.overrides.account = Some(URL.into());
        meta.overrides.number = Some(URL.into());
    }
    world
}

fn world_with_address() -> World {
    let world = World::new();
    world.override_messages(URL);
    world
}

#[test]
fn messages_go_where_the_site_says_after_one_fault_at_any_operation() {
    type Case = (fn() -> World, Option<&'static str>);
    let cases: [Case; 2] = [
        (world_with_address, Some(URL)),
        (world_with_retired_address, None),
    ];
    let mut cells = 0;
    for (world, address) in cases {
        let faultless = run_to_end(world(), true, None);
        assert_connected(&faultless, "no fault");
        for fault in all_faults(faultless.world.operations.get()) {
            let run = run_to_end(world(), true, Some(fault));
            let failed = run.world.failed.get().expect("the operation was begun");
            let cell = format!("{fault:?} {} {address:?}", failed.name);
            assert_connected(&run, &cell);
            let meta = run.world.meta.borrow();
            assert_eq!(meta.overrides.account.as_deref(), address, "{cell}");
            assert_eq!(meta.overrides.number, None, "{cell}");
            let shown = run.world.snapshot(&run.signup);
            assert_eq!(shown.warnings, [] as [&str; 0], "{cell}");
            cells += 1;
        }
    }
    println!("{cells} cells");
    assert!(cells > 200, "{cells}");
}

#[test]
fn changed_settings_are_applied_after_one_fault_at_any_operation() {
    let connected = || {
        let world = World::new();
        world.run_signup(Some(session_ids()));
        world.override_messages(URL);
        let mut signup = world.open_stored();
        signup.apply_messages();
        world.store(&signup);
        world.operations.set(0);
        world
    };
    let faultless = connected();
    faultless.run_until_idle();
    for fault in all_faults(faultless.operations.get()) {
        let world = connected();
        world.fault.set(Some(fault));
        world.run_until_idle();
        let account = world.meta.borrow().overrides.account.clone();
        assert_eq!(account.as_deref(), Some(URL), "{fault:?}");
    }
}
