//! The readiness report of a connected signup. It comes a moment after `connected`, and again when a
//! person asks for it. Both waits end after a fixed time, and neither is reported to the host page.

use super::{
    effect::{Effect, Effects, Timer},
    post_request::PostRequest,
    state::{Phase, State},
};
use embark_protocol::SignupStatus;
use embark_view::model::{Following, Snapshot};

/// For how long a report is waited for.
const REPORT_WAIT_MS: u64 = 20_000;

impl State {
    /// Asks the Worker to read the report again. The current one stays on the screen until then.
    pub(super) fn refresh_report(&mut self, effects: &mut Effects) {
        let now = self.now;
        if let Phase::Following(following) = &mut self.phase
            && following.report.is_some()
            && !following.is_waiting(now)
        {
            following.deadline = Some(now + REPORT_WAIT_MS);
            effects.start_timer(Timer::Countdown, 1_000);
            // Sent once, not by the outbox: the person can press the button again.
            effects.push(Effect::Post(PostRequest::Report {}));
        }
    }

    pub(super) fn on_refresh_failed(&mut self) {
        if let Phase::Following(following) = &mut self.phase {
            following.deadline = None;
        }
    }

    /// Until when the report of this snapshot is waited for, Unix milliseconds. `None` if the snapshot
    /// has one or is not connected. A wait that has begun is not extended.
    pub(super) fn report_deadline(
        &self,
        before: Option<&Following>,
        snapshot: &Snapshot,
    ) -> Option<u64> {
        let is_missing = is_connected(snapshot.known_status()) && snapshot.report.is_none();
        let begun = before.and_then(|before| before.deadline);
        is_missing.then(|| begun.unwrap_or(self.now + REPORT_WAIT_MS))
    }
}

fn is_connected(status: SignupStatus) -> bool {
    matches!(
        status,
        SignupStatus::Connected | SignupStatus::ConnectedWithoutNumber
    )
}
