//! The end of a signup, as the deployment's log and metrics have it.

use super::record::Signup;
use super::snapshot;
use crate::telemetry::{SignupEndedEvent, Subject};
use crate::time::{UnixMillis, millis};

impl Signup {
    /// The end that was last reported to the site's owner. `None`: the last report was of no end.
    pub fn reported_end(&self, now: UnixMillis) -> Option<SignupEndedEvent> {
        let status = self.reported_status.filter(|status| status.is_terminal())?;
        let problem = snapshot::render(self, now).problem;
        Some(SignupEndedEvent {
            status,
            problem: problem.map(|problem| problem.code),
            duration_ms: millis(now.since(self.started_at)),
        })
    }

    /// Whom the lines of the log about it are about.
    pub fn subject(&self) -> Subject {
        Subject {
            site: Some(self.site.clone()),
            signup: Some(self.id.clone()),
            app: Some(self.app.clone()),
        }
    }
}
