//! Which file handles which path of Infobip, once the request is authorized.

use super::errors::{InfobipResult, error_reply, not_found};
use super::{messages, reports, senders, share_waba};
use crate::http::{IncomingRequest, Reply};
use crate::providers::auth::{authorization, basic_credentials};
use crate::state::SandboxState;
use crate::world::seed_ids;

pub fn handle_request(state: &mut SandboxState, request: &IncomingRequest) -> Reply {
    let result = authorize(request).and_then(|()| route(state, request));
    result.unwrap_or_else(|error| error)
}

fn route(state: &mut SandboxState, request: &IncomingRequest) -> InfobipResult {
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    let registrations = ["whatsapp", "1", "embedded-signup", "registrations"];
    match (request.method.as_str(), segments.as_slice()) {
        ("POST", [base @ .., "share-waba"]) if base == registrations => {
            share_waba::share_waba(state, request)
        }
        ("POST", [base @ .., "business-account", waba, "senders"]) if base == registrations => {
            senders::add_sender(state, request, waba)
        }
        (method, [base @ .., "senders", sender, "verification"]) if base == registrations => {
            senders::verify_sender(state, request, method, sender)
        }
        ("POST", ["whatsapp", "1", "message", "text"]) => messages::send_text(state, request),
        ("POST", ["whatsapp", "1", "message", "template"]) => {
            messages::send_templates(state, request)
        }
        ("GET", ["messages-api", "1", "reports"]) => reports::delivery_reports(state, request),
        _ => Err(not_found()),
    }
}

/// `App` with an API key, `Basic` with user and password, `IBSSO` or `Bearer` with a token.
///
/// # Errors
/// 401.
fn authorize(request: &IncomingRequest) -> Result<(), Reply> {
    let is_authorized = match authorization(request) {
        Some(("App", key)) => key == seed_ids::INFOBIP_KEY,
        Some(("Basic", login)) => login == basic_credentials(seed_ids::INFOBIP_LOGIN),
        Some(("IBSSO" | "Bearer", token)) => token == seed_ids::INFOBIP_TOKEN,
        _ => false,
    };
    is_authorized
        .then_some(())
        .ok_or_else(|| error_reply(401, "UNAUTHORIZED", "Invalid login details"))
}
