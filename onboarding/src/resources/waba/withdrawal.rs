//! The tokens that a person granted end when they remove the app, and are erased when they want their data deleted.

use super::record::{TokenOfRecord, WabaRecord, token_name};
use crate::resources::users::Withdrawal;
use embark_protocol::WabaId;
use embark_protocol::site_events::SiteEventType;

impl WabaRecord {
    /// Ends the tokens of record that a withdrawal is about: those of its signup, by that person, and not newer. Each is the
    /// event `token.revoked` once; the tokens of others stay as they are. Repeated, it changes nothing.
    pub(super) fn withdraw(&mut self, id: &WabaId, withdrawal: &Withdrawal) {
        let is_theirs = |token: &TokenOfRecord| {
            token.app == withdrawal.app
                && token.signup == withdrawal.signup
                && token.issued_at <= withdrawal.issued_by
                && token
                    .user_id
                    .as_ref()
                    .is_none_or(|user| *user == withdrawal.user_id)
        };
        if !self.tokens.iter().any(is_theirs) {
            return;
        }
        let event_type = SiteEventType::TokenRevoked;
        self.mark_refused(id, &withdrawal.app, is_theirs, event_type, withdrawal.at);
        if !withdrawal.erase {
            return;
        }
        self.tokens.retain(|token| !is_theirs(token));
        if self.token_of(&withdrawal.app, withdrawal.at).is_some() {
            self.enqueue_copy(id, &withdrawal.app, withdrawal.at);
        } else {
            let copy = token_name(&withdrawal.app, id);
            self.pending_copies.enqueue_deletion(copy);
        }
    }
}
