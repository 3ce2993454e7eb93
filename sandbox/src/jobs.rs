//! Starts background jobs: a provider registers numbers and reports on it after the response. A reset ends every
//! job of the state before it.

use crate::providers;
use crate::state::{JobContext, SharedState};
use crate::webhooks::send_partner_added;
use crate::world::Job;
use std::sync::Arc;

/// Spawns the jobs that the last request left in the state.
pub fn spawn_pending(shared: &Arc<SharedState>) {
    let mut state = shared.lock();
    let started_at = state.started_at;
    let mut added_partners = Vec::new();
    for job in std::mem::take(&mut state.pending_jobs) {
        let context = JobContext::new(shared, started_at);
        match job {
            Job::SendPartnerAdded(added) => {
                added_partners.push(added);
                continue;
            }
            Job::RegisterNumbers { waba_id } => {
                tokio::spawn(providers::infobip::register_numbers(context, waba_id))
            }
            Job::CompleteSender { sender_id } => {
                tokio::spawn(providers::complete_sender(context, sender_id))
            }
        };
    }
    drop(state);
    for added in added_partners {
        send_partner_added(shared, added, 1);
    }
}
