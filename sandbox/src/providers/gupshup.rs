//! Gupshup's `POST /partner/app/{appId}/onboarding/register`. The `Authorization` header is the app's token alone, without
//! a scheme.
//! <https://partner-docs.gupshup.io/>

use crate::http::{IncomingRequest, Reply};
use crate::state::SandboxState;
use crate::world::seed_ids;
use serde_json::json;

pub fn handle_request(state: &SandboxState, request: &IncomingRequest) -> Reply {
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    let token = request.headers.get("authorization").map(String::as_str);
    let is_authorized = token == Some(seed_ids::GUPSHUP_TOKEN);
    match (request.method.as_str(), segments.as_slice()) {
        _ if !is_authorized => error_reply(401, "Unauthorized Access"),
        ("POST", ["partner", "app", _, "onboarding", "register"]) => {
            if state.rules.provider_fails {
                return error_reply(400, "Phone registration failed");
            }
            Reply::json(200, &json!({"status": "success", "success": true})).with_effect(true)
        }
        _ => error_reply(404, "Not Found"),
    }
}

fn error_reply(status: u16, message: &str) -> Reply {
    Reply::json(status, &json!({"status": "error", "message": message}))
}
