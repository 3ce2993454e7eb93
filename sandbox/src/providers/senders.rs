//! Senders at Twilio and Sinch: created by a request, completed in the background.

use crate::state::{JobContext, SandboxState};
use crate::world::{Job, Phone, Sender};

/// Stores a new sender and queues its completion.
pub fn create_sender(state: &mut SandboxState, sender: Sender) {
    let sender_id = sender.id.clone();
    state.world.senders.insert(sender_id.clone(), sender);
    state.pending_jobs.push(Job::CompleteSender { sender_id });
}

/// The first number that `is_wanted`, among those of WABAs shared with any app.
pub fn find_shared_phone(
    state: &SandboxState,
    is_wanted: impl Fn(&Phone) -> bool,
) -> Option<&Phone> {
    let is_shared = |phone: &Phone| {
        let waba = state.world.wabas.get(&phone.waba_id);
        waba.is_some_and(|waba| !waba.shared_with.is_empty())
    };
    let mut phones = state.world.phones.values();
    phones.find(|phone| is_wanted(phone) && is_shared(phone))
}

/// After `provider_after_ms` the sender is ready and its number registered, or the sender fails.
pub async fn complete_sender(job: JobContext, sender_id: String) {
    let Some(delay_ms) = job.shared.lock().rules.provider_after_ms else {
        return;
    };
    let complete = |state: &mut SandboxState| {
        let (fails, now_ms) = (state.rules.provider_fails, state.now_ms());
        if let Some(sender) = state.world.senders.get_mut(&sender_id) {
            let (ready, failed) = match sender.provider.as_str() {
                "twilio" => ("ONLINE", "OFFLINE"),
                _ => ("ACTIVE", "ERROR"),
            };
            sender.status = if fails { failed } else { ready }.to_owned();
            let phone = sender.phone_number_id.clone();
            if !fails {
                state.world.connect_by_provider(&phone, now_ms);
            }
        }
    };
    // `None` after a reset: there is nothing left to complete.
    job.after(delay_ms, complete).await;
}
