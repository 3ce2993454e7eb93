//! The background job of a shared WABA: registers its numbers and sends webhooks, as the rules say.

use super::webhook::{post_webhook, webhook_body};
use crate::rules::WebhookScript;
use crate::state::{JobContext, SandboxState};

/// Runs until the registration is over, or a reset ends it.
pub async fn register_numbers(job: JobContext, waba_id: String) {
    // `None` after a reset: there is nothing left to register.
    run_script(&job, &waba_id).await;
}

/// `None`: a reset replaced the state, or the rules say that the registration never ends.
async fn run_script(job: &JobContext, waba: &str) -> Option<()> {
    let (script, webhook_delay_ms, registered_after_ms) = {
        let rules = &job.shared.lock().rules;
        (
            rules.infobip_webhook,
            rules.infobip_webhook_ms,
            rules.infobip_after_ms,
        )
    };
    job.after(webhook_delay_ms, |_| ()).await?;
    let times = if script == WebhookScript::Duplicates {
        2
    } else {
        1
    };
    if !matches!(script, WebhookScript::Never | WebhookScript::OutOfOrder) {
        for _ in 0..times {
            send_webhook(job, waba, "IN_PROGRESS").await?;
        }
    }
    if script == WebhookScript::Early {
        job.after(0, |state| set_status(state, waba, "FINISHED"))
            .await?;
        send_webhook(job, waba, "FINISHED").await?;
    }
    let fails = script == WebhookScript::Failed;
    let end = if fails { "FAILED" } else { "FINISHED" };
    job.after(registered_after_ms?, |state| {
        if !fails {
            connect_numbers(state, waba, script == WebhookScript::SenderFailed);
        }
        set_status(state, waba, end);
    })
    .await?;
    if !matches!(script, WebhookScript::Never | WebhookScript::Early) {
        for _ in 0..times {
            send_webhook(job, waba, end).await?;
        }
    }
    if script == WebhookScript::OutOfOrder {
        send_webhook(job, waba, "IN_PROGRESS").await?;
    }
    Some(())
}

/// Posts the webhook for this status of the registration. `None` after a reset.
async fn send_webhook(job: &JobContext, waba: &str, status: &str) -> Option<()> {
    let build = |state: &mut SandboxState| webhook_body(&state.world, waba, status, None);
    let body = job.after(0, build).await?.to_string();
    post_webhook(&job.shared, body).await;
    Some(())
}

/// Connects verified numbers and those of the WhatsApp Business app; the others fail, and so does the first one where
/// `first_fails`.
fn connect_numbers(state: &mut SandboxState, waba: &str, first_fails: bool) {
    let now_ms = state.now_ms();
    let numbers: Vec<(String, bool)> = state
        .world
        .phones_in_waba(waba)
        .map(|phone| {
            let is_verified = phone.code_verification_status == "VERIFIED";
            (phone.id.clone(), is_verified || phone.is_on_biz_app)
        })
        .collect();
    for (n, (id, can_connect)) in numbers.into_iter().enumerate() {
        if can_connect && !(first_fails && n == 0) {
            state.world.connect_by_provider(&id, now_ms);
        } else if let Some(registration) = state.world.registrations.get_mut(waba) {
            registration.failed.insert(id);
        }
    }
}

fn set_status(state: &mut SandboxState, waba: &str, status: &str) {
    let now_ms = state.now_ms();
    if let Some(registration) = state.world.registrations.get_mut(waba) {
        registration.status = status.into();
        registration.modified_ms = now_ms;
    }
}
