//! The row of a signup in the index of its site: at which step it is counted.

use crate::fake::{World, graph_error, http_response, infobip_site, session_ids};
use embark_onboarding::resources::phone_number::PhoneOwner;
use embark_protocol::{SignupId, SignupStatus, SiteId, Step, WabaId};
use serde_json::json;

/// What a signup meets, and how it is counted once it has stopped or waits.
struct Case {
    name: &'static str,
    /// Whether the page posts ids with the code.
    has_ids: bool,
    prepare: fn(&World),
    status: SignupStatus,
    step: Option<Step>,
}

const fn case(name: &'static str, prepare: fn(&World), status: SignupStatus, step: Step) -> Case {
    Case {
        name,
        has_ids: true,
        prepare,
        status,
        step: Some(step),
    }
}

const CASES: &[Case] = &[
    case(
        "code that has expired",
        |world| world.script([("exchange", graph_error(400, 100, Some(36_007)))]),
        SignupStatus::Relaunch,
        Step::Exchange,
    ),
    case(
        "site that takes no signups",
        |world| world.configure_site(json!({"enabled": false})),
        SignupStatus::Failed,
        Step::Inspect,
    ),
    Case {
        has_ids: false,
        ..case(
            "several accounts",
            |world| world.meta.borrow_mut().wabas.push("5000000000000002"),
            SignupStatus::NeedsInput,
            Step::Inspect,
        )
    },
    case(
        "number of another site",
        |world| {
            world.phone.borrow_mut().owner = Some(PhoneOwner {
                site: SiteId::parse("rival").unwrap(),
                waba: WabaId::parse("5000000000000009").unwrap(),
                signup: SignupId::parse(&"b".repeat(32)).unwrap(),
            });
        },
        SignupStatus::Failed,
        Step::Claim,
    ),
    case(
        "subscription that Meta refuses",
        |world| world.script([("subscribe", graph_error(400, 100, None))]),
        SignupStatus::Failed,
        Step::Subscribe,
    ),
    case(
        "unknown PIN",
        |world| world.set_phone(json!({"is_pin_enabled": true})),
        SignupStatus::NeedsInput,
        Step::Register,
    ),
    case(
        "limit of registrations",
        |world| world.script([("register", graph_error(400, 133_016, None))]),
        SignupStatus::Waiting,
        Step::Register,
    ),
    case(
        "key that the provider refuses",
        |world| {
            world.configure_site(infobip_site());
            world.provider.borrow_mut().script = vec![http_response(401, "{}")];
        },
        SignupStatus::Failed,
        Step::Handoff,
    ),
    Case {
        step: None,
        ..case(
            "nothing in its way",
            |_| {},
            SignupStatus::Connected,
            Step::Register,
        )
    },
];

#[test]
fn signup_is_counted_at_the_step_where_it_stands_or_has_stopped() {
    for case in CASES {
        let world = World::new();
        (case.prepare)(&world);
        world.with_code("code-1", case.has_ids.then(session_ids));
        // What waits for a moment is run on.
        for _ in 0..20 {
            let signup = world.run_once().unwrap();
            if world.status(&signup) != SignupStatus::Running {
                break;
            }
            world.advance_to_wake(signup.next_wake_at.unwrap());
        }
        let rows = world.index_rows.borrow();
        let row = rows.last().unwrap();
        let name = case.name;
        assert_eq!((row.status, row.step), (case.status, case.step), "{name}");
        assert!(
            rows.iter()
                .filter(|row| row.status == SignupStatus::Running)
                .all(|row| row.step.is_some()),
            "{name}"
        );
    }
}

#[test]
fn signup_without_a_code_is_at_no_step() {
    let world = World::new();
    let mut signup = world.launched();
    let site = SiteId::parse("acme").unwrap();
    let rows = [SignupStatus::Launched, SignupStatus::Failed].map(|status| {
        if status == SignupStatus::Failed {
            signup.cancel(&site, world.now.get()).unwrap();
        }
        world.store(&signup);
        signup = world.run_once().unwrap();
        let row = world.index_rows.borrow().last().cloned().unwrap();
        (row.status == status, row.step)
    });
    assert_eq!(rows, [(true, None); 2]);
}
