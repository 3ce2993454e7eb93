//! The rules of a signup: which replies of Meta and of providers lead where, what posts of a page change, and
//! which settings are accepted. Mostly tables; each file is about one step or one rule.

mod access_token;
mod account_updates;
mod account_updates_signup;
mod authorization_code;
mod callback_override;
mod cancellation;
mod credit;
mod customer_input;
mod doctor;
mod doctor_documented;
mod doctor_site;
mod failed_retry;
#[path = "../fake/mod.rs"]
mod fake;
mod granted_assets;
mod handoff_template;
mod handover;
mod health;
mod health_secrets;
mod hosted_signup;
mod index_rows;
mod infobip;
mod late_subscription;
mod launches;
mod links;
mod live_numbers;
mod login_options;
mod operator_retry;
mod policy_settings;
mod readiness;
mod register_budget;
mod renewals;
mod report;
mod shared_records;
mod status_events;
mod sync;
mod telemetry;
mod transferred_numbers;
mod user_callbacks;
mod verified_assets;
mod waiting;
mod webhook_changes;
mod webhook_documented;
mod webhook_messages;
mod webhook_signature;
mod webhook_storage;

use embark_onboarding::signup::{End, Signup, Stage, commands};
use embark_protocol::ProblemCode;
use embark_protocol::requests::InputRequest;
use fake::World;
use serde_json::Value;

/// The problem that a signup ended with. `None`: it has not ended, or not with a problem.
fn end_code(signup: &Signup) -> Option<ProblemCode> {
    match &signup.stage {
        Stage::Ended {
            end: End::Relaunch(problem) | End::Failed(problem),
            ..
        } => Some(problem.code),
        _ => None,
    }
}

/// The customer answers what the signup asks for. The signup is stored.
fn submit_input(
    world: &World,
    signup: &mut Signup,
    input: InputRequest,
) -> Result<(), ProblemCode> {
    let result = world.with_context(|cx| commands::input(signup, input, cx));
    world.store(signup);
    result.map_err(|problem| problem.code)
}

/// The settings of a site, with these besides or instead.
fn site_settings(more: &Value) -> Value {
    let mut site = serde_json::json!({"key": "acme", "app": "main", "origins": ["https://shop.example"],
        "config_id": "3000000000000001"});
    let fields = more.as_object().unwrap().clone();
    site.as_object_mut().unwrap().extend(fields);
    site
}
