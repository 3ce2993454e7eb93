//! Gupshup's `POST /partner/app/{appId}/onboarding/register`: the app's token as it is, without a scheme.

use crate::call::Call;
use crate::reply::Reply;
use crate::seed;
use crate::state::State;
use serde_json::json;

pub fn answer(state: &State, call: &Call) -> Reply {
    let parts: Vec<&str> = call.parts.iter().map(String::as_str).collect();
    let known = call.headers.get("authorization").map(String::as_str) == Some(seed::GUPSHUP_TOKEN);
    match (call.method.as_str(), parts.as_slice()) {
        _ if !known => error(401, "Unauthorized Access"),
        ("POST", ["partner", "app", _, "onboarding", "register"]) => {
            if state.rules.provider_fails {
                return error(400, "Phone registration failed");
            }
            Reply::json(200, &json!({"status": "success", "success": true})).effect(true)
        }
        _ => error(404, "Not Found"),
    }
}

fn error(status: u16, message: &str) -> Reply {
    Reply::json(status, &json!({"status": "error", "message": message}))
}
