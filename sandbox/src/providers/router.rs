//! Which provider handles which path.

use super::{gupshup, infobip, scripted, sinch, twilio};
use crate::http::{IncomingRequest, Reply};
use crate::state::SandboxState;

/// For paths of providers only.
pub fn handle_request(state: &mut SandboxState, request: &IncomingRequest) -> Reply {
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        ["whatsapp" | "messages-api", ..] => infobip::handle_request(state, request),
        ["v2", ..] => twilio::handle_request(state, request),
        ["v1", ..] => sinch::handle_request(state, request),
        ["partner", ..] => gupshup::handle_request(state, request),
        _ => scripted::handle_request(&mut state.scripted_provider, request),
    }
}
