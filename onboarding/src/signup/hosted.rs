//! The start of a signup that has no page.

use super::record::{Signup, Stage};
use super::state::HostedState;
use crate::resources::run::HostedSignup;
use crate::workflow::RetryState;

impl Signup {
    /// Makes this the signup of a customer who came by Meta's hosted page. It runs at once.
    pub fn start_hosted(&mut self, hosted: HostedSignup) {
        // The pages of other signups say so when Meta's window is opened.
        self.bump_seq_if_changed(self.started_at);
        self.popup.ids.waba_id = Some(hosted.waba);
        self.hosted = Some(HostedState {
            business: hosted.business,
            retry: RetryState::default(),
        });
        self.stage = Stage::Running;
    }
}
