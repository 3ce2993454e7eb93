//! The calls whose failure never costs a signup: the credit line's, the ones that bring chats and contacts
//! along, and the report's. Whatever goes wrong there, the number is connected; what passes leaves no trace,
//! what is refused is told.

use crate::fake::{Twist, World, ids};
use crate::fault::fault;
use crate::table::{COLUMNS, TABLE};
use embark_edge::signup::{Signup, view};
use embark_protocol::Status;
use serde_json::{Value, json};

/// What is called aside, in which signups, and how many of that name go well before.
const CALLS: &[(&str, Setting, u32)] = &[
    ("subscriptions", Setting::Coexistence, 0),
    ("smb_app_data", Setting::Coexistence, 0),
    ("smb_app_data", Setting::Coexistence, 1),
    ("assigned_users", Setting::Both, 0),
    ("assign_user", Setting::Both, 0),
    ("share_and_attach", Setting::Both, 0),
    ("waba", Setting::Both, 1),
    ("allocations", Setting::Both, 0),
    ("allocation", Setting::Both, 0),
    ("allocations", Setting::Apart, 0),
    ("share_credit", Setting::Apart, 0),
    ("attach_credit", Setting::Apart, 0),
    ("waba", Setting::Report, 1),
    ("subscriptions", Setting::Report, 0),
    ("solution", Setting::Report, 0),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Setting {
    /// A number that stays in the app.
    Coexistence,
    /// A credit line, shared and attached at once.
    Both,
    /// One after the other.
    Apart,
    /// Only the report makes this call; what it misses is a line of its own.
    Report,
}

/// Plays every cell; what is wrong is printed. How many there were, and how many were wrong.
pub fn play() -> (u32, u32) {
    let (mut cells, mut wrong) = (0, 0);
    let like = COLUMNS
        .iter()
        .position(|column| *column == "apps3")
        .unwrap();
    for (row, line) in TABLE {
        let want = line.split_whitespace().nth(like).unwrap();
        if want == "." {
            continue;
        }
        for (name, setting, skip) in CALLS {
            cells += 1;
            if let Err(why) = check(row, want, name, *setting, *skip) {
                wrong += 1;
                println!("{row} at {name} #{skip} {setting:?}: expected {want}, {why}");
            }
        }
    }
    (cells, wrong)
}

fn check(
    row: &str,
    want: &str,
    name: &'static str,
    setting: Setting,
    skip: u32,
) -> Result<(), String> {
    let world = world(setting);
    let fault = fault(row);
    world.meta.borrow_mut().twists.push(Twist {
        name,
        skip,
        lands: fault.lands,
        heard: fault.heard,
    });
    let run = end(&world);
    let status = view::render(&run, world.now.get()).status;
    let met = world.meta.borrow().twists.is_empty();
    let warned = !run.warnings.is_empty();
    // Refused as done before by what landed: read back, and no failure.
    let read_back = fault.lands && want == "warn";
    let fits = match (want, setting) {
        ("warn", Setting::Report) => !warned,
        ("warn", _) => warned || read_back,
        _ => !warned,
    };
    if status == Status::Connected && met && fits && run.owed.is_empty() {
        return Ok(());
    }
    Err(format!(
        "is {status:?}, warnings {:?}, the call was {}made",
        run.warnings,
        if met { "" } else { "not " }
    ))
}

fn world(setting: Setting) -> World {
    let world = World::new();
    let credit = |method: &str| -> Value {
        json!({"policy": "solution-partner", "credit": {"line": "8100000000000001", "currency": "USD",
            "method": method, "system_user": "8000000000000001"}})
    };
    match setting {
        Setting::Coexistence => {
            let phone = &mut world.meta.borrow_mut().phones[0];
            phone["platform_type"] = "CLOUD_API".into();
            phone["is_on_biz_app"] = true.into();
        }
        Setting::Both => world.settle(credit("share_and_attach")),
        Setting::Apart => world.settle(credit("share_then_attach")),
        Setting::Report => world.settle(json!({"solution_id": "7000000000000001"})),
    }
    world
}

/// To where nothing is open any more, the credit line's story too.
fn end(world: &World) -> Signup {
    world.started("code-1", Some(ids()));
    for _ in 0..5_000 {
        let run = world.drive_once().expect("nobody dies here");
        match run.wake {
            Some(at) => world.now.set(at.max(world.now.get() + 1)),
            None => return run,
        }
    }
    panic!("it never ends");
}
