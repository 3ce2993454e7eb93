//! The readiness report of what is connected: it comes a moment after `connected`, and anew when a person asks
//! for that. Both are waited for with an end, and neither is told to the host page.

use super::{Effect, Effects, Kind, Phase, State, Timer, follow::Following, snapshot::Snapshot};
use alloc::string::String;
use embark_protocol::Status;

/// A report that is not there by now is not waited for.
const REPORT_MS: u64 = 20_000;

impl State {
    /// Has everything read anew. What is shown stays until there is something newer.
    pub(super) fn check(&mut self, out: &mut Effects) {
        let now = self.now;
        if let Phase::Following(following) = &mut self.phase
            && following.report.is_some()
            && !following.is_waiting(now)
        {
            following.until = Some(now + REPORT_MS);
            out.after(Timer::Tick, 1_000);
            // Not owed: whoever hears nothing may press again.
            out.push(Effect::Post(Kind::Report, String::from("{}")));
        }
    }

    /// It could not be asked for.
    pub(super) fn not_checked(&mut self) {
        if let Phase::Following(following) = &mut self.phase {
            following.until = None;
        }
    }

    /// Until when a snapshot's report is waited for, if it lacks one.
    pub(super) fn awaits_report(
        &self,
        before: Option<&Following>,
        snapshot: &Snapshot,
    ) -> Option<u64> {
        let lacks = is_connected(snapshot.status) && snapshot.doc.get("report").is_none();
        let begun = before.and_then(|before| before.until);
        lacks.then(|| begun.unwrap_or(self.now + REPORT_MS))
    }
}

impl Following {
    /// Whether the end of the wait is still to come.
    pub fn is_waiting(&self, now: u64) -> bool {
        self.until.is_some_and(|until| until > now)
    }
}

fn is_connected(status: Status) -> bool {
    matches!(status, Status::Connected | Status::ConnectedWithoutNumber)
}
