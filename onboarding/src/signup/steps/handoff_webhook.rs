//! Applies a registration webhook of Infobip to the hand-off that waits for it.

use crate::providers::infobip::{RegistrationStatus, RegistrationWebhook};
use crate::signup::state::{HandoffPhase, HandoffState, VerifiedAssets};
use crate::time::UnixMillis;
use crate::workflow::{Context, RetryState};
use core::time::Duration;
use embark_protocol::report::ProviderSender;

impl HandoffState {
    /// Applies a registration webhook of Infobip. Ignored unless the hand-off waits for this account, and if an
    /// older one than the last is received late.
    pub(in crate::signup) fn on_webhook(
        &mut self,
        webhook: RegistrationWebhook,
        verified: Option<&VerifiedAssets>,
        cx: &Context<'_>,
    ) {
        let Some(verified) = verified.filter(|one| one.waba.id.as_str() == webhook.waba) else {
            return;
        };
        let is_open = matches!(
            self.phase,
            HandoffPhase::Ordering | HandoffPhase::ReadingNumber | HandoffPhase::Waiting
        );
        // By Infobip's clock, which may be wrong: a time in the future does not silence later webhooks, and without a
        // time a webhook is as old as its arrival.
        let latest = cx.now + CLOCK_SKEW;
        let modified_at = match webhook.modified_at {
            UnixMillis(0) => cx.now,
            at => at.min(latest),
        };
        let last = self.webhook_modified_at;
        let last = if last > latest { UnixMillis(0) } else { last };
        if !is_open || modified_at < last {
            return;
        }
        let own = verified.phone.as_ref().and_then(|phone| {
            let is_own = |sender: &&ProviderSender| sender.phone_number_id == phone.id.as_str();
            webhook.senders.iter().find(is_own)
        });
        let has_failed = |sender: &ProviderSender| sender.status.eq_ignore_ascii_case("FAILED");
        self.failed = webhook.status == RegistrationStatus::Failed || own.is_some_and(has_failed);
        self.finished = webhook.status == RegistrationStatus::Finished && !self.failed;
        self.status_text = own.map(|sender| sender.status.clone());
        self.webhook_modified_at = modified_at;
        self.senders = webhook.senders;
        let looks_at_meta = self.finished || self.failed || webhook.is_status_unknown;
        if self.phase == HandoffPhase::Waiting && looks_at_meta {
            // Meta is asked now.
            self.retry = RetryState {
                not_before: cx.now,
                ..RetryState::default()
            };
        }
    }
}

/// How far Infobip's clock may be ahead.
const CLOCK_SKEW: Duration = Duration::from_mins(5);
