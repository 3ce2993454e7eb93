//! `POST …/registrations/share-waba`: Infobip takes a WABA over.

use super::errors::{InfobipResult, error_reply, not_found, required_param};
use crate::http::{IncomingRequest, Reply};
use crate::state::SandboxState;
use crate::world::{Job, Registration, seed_ids};
use serde_json::Value;
use std::collections::BTreeSet;

/// Accepts the WABA; its numbers are registered in the background. Sharing it again is accepted without effect, unless
/// its registration failed.
///
/// # Errors
/// 400 without the WABA's id, 404 for a WABA that was never shared, 403 for one that was not shared through a solution
/// with Infobip.
pub fn share_waba(state: &mut SandboxState, request: &IncomingRequest) -> InfobipResult {
    let waba_id = required_param(request, "businessAccountId")?;
    let waba = state.world.wabas.get(&waba_id);
    let waba = waba.filter(|waba| !waba.shared_with.is_empty());
    let waba = waba.ok_or_else(not_found)?;
    let solution = waba.solution_id.as_ref();
    let solution = solution.and_then(|id| state.world.solutions.get(id));
    if !solution.is_some_and(|solution| solution.includes_app(seed_ids::INFOBIP_APP)) {
        return Err(error_reply(
            403,
            "FORBIDDEN",
            "The business account is not shared through a partner solution with Infobip.",
        ));
    }
    let now_ms = state.now_ms();
    let previous = state.world.registrations.get(&waba_id);
    let is_new = previous.is_none_or(|registration| registration.status == "FAILED");
    if is_new {
        let registration = Registration {
            id: waba_id.clone(),
            status: "IN_PROGRESS".into(),
            entity_id: waba.business_id.clone(),
            application_id: seed_ids::INFOBIP_APPLICATION.into(),
            failed: BTreeSet::new(),
            created_ms: now_ms,
            modified_ms: now_ms,
        };
        let registrations = &mut state.world.registrations;
        registrations.insert(waba_id.clone(), registration);
        state.pending_jobs.push(Job::RegisterNumbers { waba_id });
    }
    let status = state.rules.infobip_status;
    let reply = match &state.rules.infobip_reply_body {
        Value::Null => Reply::new(status, "application/json", ""),
        body => Reply::json(status, body),
    };
    Ok(reply.with_effect(is_new))
}
