//! Asks the Site object whether the site takes this signup. Runs beside the exchange, never before it: the
//! authorization code lives for 30 s. After a rejection the exchange still completes, so that the token is
//! stored; no other step runs.

use super::transition::Transition;
use crate::resources::site::{SiteReply, SiteRequest};
use crate::signup::effects::{Effect, EffectId, Outcome, PeerReply, PeerRequest};
use crate::signup::record::{Admission, AdmissionState};
use crate::workflow::AppContext;
use embark_protocol::SiteId;

impl AdmissionState {
    /// Sends `request`, an [`SiteRequest::Admit`], unless an answer is there.
    pub(in crate::signup) fn poll(
        &mut self,
        site: &SiteId,
        request: SiteRequest,
        in_flight: &[EffectId],
        cx: &AppContext<'_>,
    ) -> Transition {
        if self.decision != Admission::Unknown {
            return Transition::done();
        }
        if in_flight.contains(&EffectId::Admit) {
            return Transition::pending();
        }
        if !self.retry.is_due(cx.now) {
            return Transition::wake_at(self.retry.not_before);
        }
        self.retry = self.retry.begin_attempt(cx.now);
        let request = PeerRequest::Site(site.clone(), request);
        Transition::effect(EffectId::Admit, Effect::Peer(Box::new(request)))
    }

    /// Stores the decision, or schedules the question again.
    pub(in crate::signup) fn on_outcome(&mut self, outcome: Outcome, cx: &AppContext<'_>) {
        match outcome {
            Outcome::Peer(Ok(PeerReply::Site(SiteReply::Admitted {
                policy,
                solution,
                settings: terms,
                messages,
            }))) => {
                self.messages = messages.map(|route| *route);
                self.solution_id = solution;
                self.settings = *terms;
                self.decision = Admission::Admitted(policy);
            }
            Outcome::Peer(Ok(PeerReply::Site(SiteReply::Refused { code }))) => {
                self.decision = Admission::Rejected(code);
            }
            _ => self.retry = self.retry.after_no_reply(cx),
        }
    }
}
