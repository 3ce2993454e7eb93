//! Calls whose failure never costs the signup: those of the credit line, of the synchronisation, of the address that messages
//! are sent to, and of the report.
//! Whatever goes wrong, the signup ends connected. A failure that passes leaves no warning; a refusal leaves one.

use crate::fake::{ScriptedReply, World, session_ids, solution_partner_site};
use crate::fault::Fault;
use crate::table::{COLUMNS, TABLE};
use embark_onboarding::signup::Signup;
use embark_protocol::SignupStatus;
use serde_json::json;

/// The calls: name, which signups make it, and how many calls of that name succeed before.
const CALLS: &[(&str, Setting, u32)] = &[
    ("subscriptions", Setting::Coexistence, 0),
    ("smb_app_data", Setting::Coexistence, 0),
    ("smb_app_data", Setting::Coexistence, 1),
    ("assigned_users", Setting::ShareAndAttach, 0),
    ("assign_user", Setting::ShareAndAttach, 0),
    ("share_and_attach", Setting::ShareAndAttach, 0),
    ("waba", Setting::ShareAndAttach, 1),
    ("allocations", Setting::ShareAndAttach, 0),
    ("allocation", Setting::ShareAndAttach, 0),
    ("allocations", Setting::ShareThenAttach, 0),
    ("share_credit", Setting::ShareThenAttach, 0),
    ("attach_credit", Setting::ShareThenAttach, 0),
    // The first read is that of inspect.
    ("subscribed_apps", Setting::Override, 1),
    ("number_override", Setting::Override, 0),
    ("set_account_override", Setting::Override, 0),
    ("subscribed_apps", Setting::Override, 2),
    ("number_override", Setting::Override, 1),
    ("set_number_override", Setting::OverrideOfNumber, 0),
    ("clear_number_override", Setting::OverrideRetired, 0),
    ("clear_account_override", Setting::OverrideRetired, 0),
    ("waba", Setting::Report, 1),
    ("subscriptions", Setting::Report, 0),
    ("solution", Setting::Report, 0),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Setting {
    /// A number that stays in the WhatsApp Business app.
    Coexistence,
    /// A credit line that is shared and attached by one call.
    ShareAndAttach,
    /// A credit line that is shared by one call and attached by another.
    ShareThenAttach,
    /// The site has an address for messages.
    Override,
    /// The same, and the account has another one, so that the number gets it.
    OverrideOfNumber,
    /// The site had an address, which account and number still have.
    OverrideRetired,
    /// The call is one of the report's. A refusal is a check of the report, not a warning.
    Report,
}

/// Checks every cell and prints each violation. How many cells there are, and how many violations.
///
/// The expectations are those of the report's `subscribed_apps`, the last column of the table.
pub fn check_all() -> (u32, u32) {
    let (mut cells, mut violations) = (0, 0);
    let mut columns = COLUMNS.iter();
    let column = columns.position(|column| *column == "apps3").unwrap();
    for (row, line) in TABLE {
        let expected = line.split_whitespace().nth(column).unwrap();
        if expected == "." {
            continue;
        }
        for (name, setting, skip) in CALLS {
            cells += 1;
            if let Err(actual) = check(row, expected, name, *setting, *skip) {
                violations += 1;
                println!("{row} at {name} #{skip} {setting:?}: expected {expected}, {actual}");
            }
        }
    }
    (cells, violations)
}

/// # Errors
/// What was observed instead.
fn check(
    row: &str,
    expected: &str,
    name: &'static str,
    setting: Setting,
    skip: u32,
) -> Result<(), String> {
    let world = world(setting);
    let fault = Fault::by_name(row);
    world.meta.borrow_mut().scripted.push(ScriptedReply {
        name,
        skip,
        takes_effect: fault.takes_effect,
        reply: fault.reply,
    });
    let signup = run_to_end(&world);
    let status = world.status(&signup);
    let was_called = world.meta.borrow().scripted.is_empty();
    let warnings = world.snapshot(&signup).warnings;
    let warned = !warnings.is_empty();
    let as_expected = match (expected, setting) {
        ("warn", Setting::Report) => !warned,
        // A change that took effect is read back: no warning.
        ("warn", _) => warned || fault.takes_effect,
        _ => !warned,
    };
    if status == SignupStatus::Connected && was_called && as_expected && signup.outbox.is_empty() {
        return Ok(());
    }
    Err(format!(
        "is {status:?}, warnings {warnings:?}, the call was made: {was_called}"
    ))
}

fn world(setting: Setting) -> World {
    match setting {
        Setting::Coexistence => {
            let world = World::new();
            world.keep_number_in_business_app();
            world
        }
        Setting::ShareAndAttach => World::with_site(solution_partner_site("share_and_attach")),
        Setting::ShareThenAttach => World::with_site(solution_partner_site("share_then_attach")),
        Setting::Override | Setting::OverrideOfNumber | Setting::OverrideRetired => {
            let world = World::new();
            world.override_messages(MESSAGES_URL);
            {
                let overrides = &mut world.meta.borrow_mut().overrides;
                if setting == Setting::OverrideOfNumber {
                    overrides.account = Some("https://other.example/".into());
                }
                if setting == Setting::OverrideRetired {
                    overrides.account = Some(MESSAGES_URL.into());
                    overrides.number = Some(MESSAGES_URL.into());
                }
            }
            if setting != Setting::Override {
                // Subscribed before: a plain subscription would take the address away.
                world.meta.borrow_mut().subscribed = true;
            }
            if setting == Setting::OverrideRetired {
                world.put_site(json!({"messages": {"mode": "forward"}}));
            }
            world
        }
        Setting::Report => World::with_site(json!({"solution_id": "7000000000000001"})),
    }
}

const MESSAGES_URL: &str = "https://crm.example/w";

/// Runs a signup until it has nothing left to do, the credit line's retries included.
fn run_to_end(world: &World) -> Signup {
    world.with_code("code-1", Some(session_ids()));
    for _ in 0..5_000 {
        let signup = world.run_once().expect("nothing crashes here");
        match signup.next_wake_at {
            Some(at) => world.advance_to_wake(at),
            None => return signup,
        }
    }
    panic!("the signup never ends");
}
