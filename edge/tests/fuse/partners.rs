//! The same for signups that are handed on: to a credit line, to Infobip, to a provider of the site's own.

use crate::fake::{Blow, World, ids};
use crate::{is_connected, lost_at_save, to_the_end};
use embark_edge::provider::infobip;
use embark_edge::signup::{Signup, handoff};
use serde_json::{Value, json};

fn credit(method: &str) -> Value {
    json!({"policy": "solution-partner", "credit": {"line": "8100000000000001", "currency": "USD",
        "method": method, "system_user": "8000000000000001"}})
}

fn infobip_site() -> Value {
    json!({"policy": "infobip", "solution_id": "7000000000000001",
        "infobip": {"base_url": "https://api.infobip.com"}})
}

fn template() -> Value {
    json!({"policy": "handoff", "handoff": {"url": "https://provider.example/{waba_id}", "status":
        {"url": "https://provider.example/{answer:/sid}", "pointer": "/status", "done": ["ONLINE"]}}})
}

fn signup(site: &Value, fuse: Option<(u32, Blow)>) -> (World, Signup) {
    let world = World::new();
    world.settle(site.clone());
    world.provider.borrow_mut().connects = true;
    let run = world.started("code-1", Some(ids()));
    world.fuse.set(fuse);
    let run = world.run_to_rest_from(run);
    let (run, _) = to_the_end(&world, run, true);
    (world, run)
}

#[test]
fn whoever_else_takes_part_every_operation_may_fail_once() {
    let mut cells = 0;
    for (site, changes) in [
        (credit("share_and_attach"), &["share_and_attach"][..]),
        (
            credit("share_then_attach"),
            &["share_credit", "attach_credit"],
        ),
        (infobip_site(), &[]),
        (template(), &[]),
    ] {
        let (clean, run) = signup(&site, None);
        assert!(is_connected(&run), "{site}: {:?}", run.stage);
        for at in 0..clean.operations.get() {
            for blow in [Blow::DieBefore, Blow::DieAfter, Blow::Lost, Blow::Landed] {
                let (world, run) = signup(&site, Some((at, blow)));
                let name = world.blown.get().unwrap_or("never blew");
                let cell = format!("{} {name} (#{at}) {blow:?}", site["policy"]);
                assert!(is_connected(&run), "{cell}: {:?}", run.stage);
                assert!(
                    run.owed.is_empty() && run.warnings.is_empty(),
                    "{cell}: {:?}",
                    run.warnings
                );
                assert!(world.events.borrow().is_empty(), "{cell}: nobody is called");
                let meta = world.meta.borrow();
                for change in changes {
                    let landed = meta.calls.iter().filter(|call| *call == change).count();
                    let unheard = usize::from(name == *change && matches!(blow, Blow::Lost));
                    // A call that never landed is made again; one that did is read back.
                    assert!(
                        landed <= 1 + unheard || lost_at_save(&world, at),
                        "{cell}: {change} {landed}"
                    );
                }
                if changes.is_empty() {
                    assert_eq!(meta.registers_accepted, 0, "{cell}: not ours to register");
                    let orders = |request: &&embark_edge::outbound::Request| {
                        matches!(request.name, "share_waba" | "handoff")
                    };
                    let orders = world.provider.borrow().seen.iter().filter(orders).count();
                    assert!(orders <= 2, "{cell}: told {orders} times");
                } else {
                    assert!(run.credit.is_done(), "{cell}: {:?}", run.credit);
                }
                cells += 1;
            }
        }
    }
    println!("{cells} cells");
    assert!(cells > 400, "{cells}");
}

/// Whatever a provider says while nothing waits for it, nothing moves.
#[test]
fn news_at_every_operation_move_nothing_they_should_not() {
    let body = br#"{"businessAccountId":5000000000000001,"status":"FINISHED","senders":[]}"#;
    let (clean, _) = signup(&infobip_site(), None);
    for at in 0..clean.operations.get() {
        let world = World::new();
        world.settle(infobip_site());
        world.provider.borrow_mut().connects = true;
        let run = world.started("code-1", Some(ids()));
        *world.stored.borrow_mut() = Some(serde_json::to_string(&run).unwrap());
        world.fuse.set(Some((at, Blow::DieAfter)));
        let _ = world.drive_once();
        let stored = world.stored.borrow().clone().unwrap();
        let mut run: Signup = serde_json::from_str(&stored).unwrap();
        let news = infobip::news(body).unwrap();
        world.with_desk(|desk| handoff::news(&mut run, news, desk));
        let run = world.run_to_rest_from(run);
        let (run, _) = to_the_end(&world, run, true);
        assert!(is_connected(&run), "#{at}: {:?}", run.stage);
    }
}
