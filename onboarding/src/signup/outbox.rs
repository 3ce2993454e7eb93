//! Messages of a signup to other objects, repeated until acknowledged. The signup's record is the truth: an
//! index row that a newer one has replaced is dropped before it is sent.

use super::effects::{Effect, EffectId, Effects, Outcome, PeerReply, PeerRequest};
use super::record::Signup;
use super::state::{OutboxEntry, OutboxMessage, RefusedToken};
use crate::resources::partner::{PartnerReply, PartnerRequest};
use crate::resources::site::{SignupIndexRow, SiteReply, SiteRequest};
use crate::resources::site_event::SiteEvent;
use crate::resources::users::UsersRequest;
use crate::resources::waba::{WabaReply, WabaRequest};
use crate::time::UnixMillis;
use crate::workflow::{AppContext, RetryState};
use embark_protocol::site_events::SiteEventType;
use embark_protocol::{Problem, SignupStatus, Snapshot};

impl Signup {
    /// Enqueues an index row in place of an older one.
    pub(in crate::signup) fn enqueue_index_row(&mut self, mut row: SignupIndexRow) {
        for entry in &self.outbox {
            if let OutboxMessage::Index(replaced) = &entry.message {
                row.objects.extend(replaced.objects.iter().cloned());
            }
        }
        row.objects.sort();
        row.objects.dedup();
        self.outbox
            .retain(|entry| !matches!(entry.message, OutboxMessage::Index(_)));
        self.enqueue(OutboxMessage::Index(row));
    }

    /// Enqueues an event for the site's owner. Its id is the same for the same name and launch generation,
    /// so that it arrives once.
    pub(in crate::signup) fn emit_event(
        &mut self,
        event_type: SiteEventType,
        problem: Option<Problem>,
        now: UnixMillis,
    ) {
        let generation = self.launch_generation.to_string();
        let id = [self.id.as_str(), "/", &generation, "/", event_type.as_str()].concat();
        let event = SiteEvent {
            problem: problem.map(Box::new),
            ..self.event(id, event_type, now)
        };
        self.enqueue(OutboxMessage::Event(event));
    }

    /// Enqueues the event that the signup has come to the status of this snapshot, unless the last one said so. Steps
    /// that go on by themselves have none.
    pub(in crate::signup) fn report_status(&mut self, snapshot: &Snapshot, now: UnixMillis) {
        let status = snapshot.status;
        if self.reported_status == Some(status) {
            return;
        }
        let event_type = match status {
            SignupStatus::Launched if self.reported_status.is_none() => {
                SiteEventType::SignupLaunched
            }
            SignupStatus::Launched => SiteEventType::SignupRelaunched,
            SignupStatus::Running | SignupStatus::Waiting => return,
            SignupStatus::NeedsInput => SiteEventType::SignupNeedsInput,
            SignupStatus::Connected => SiteEventType::SignupConnected,
            SignupStatus::ConnectedWithoutNumber => SiteEventType::SignupConnectedWithoutNumber,
            SignupStatus::Relaunch => SiteEventType::SignupRelaunch,
            SignupStatus::Failed => SiteEventType::SignupFailed,
            SignupStatus::Abandoned => SiteEventType::SignupAbandoned,
        };
        self.reported_status = Some(status);
        let id = [self.id.as_str(), "/status/", &self.seq.to_string()].concat();
        let event = SiteEvent {
            problem: snapshot.problem.clone().map(Box::new),
            connected: snapshot.connected.clone().map(Box::new),
            ..self.event(id, event_type, now)
        };
        self.enqueue(OutboxMessage::Event(event));
    }

    /// Enqueues the event `register_window.closing`. `number`: which it is, from 1; each arrives once.
    pub(in crate::signup) fn emit_window_notice(
        &mut self,
        number: usize,
        closes_at: UnixMillis,
        now: UnixMillis,
    ) {
        let (generation, number) = (self.launch_generation.to_string(), number.to_string());
        let id = [self.id.as_str(), "/", &generation, "/window/", &number].concat();
        let event = SiteEvent {
            register_by: Some(closes_at),
            ..self.event(id, SiteEventType::RegisterWindowClosing, now)
        };
        self.enqueue(OutboxMessage::Event(event));
    }

    fn event(&self, id: String, event_type: SiteEventType, now: UnixMillis) -> SiteEvent {
        let verified = self.steps.inspect.verified.as_ref();
        SiteEvent {
            signup: Some(self.id.clone()),
            reference: self.reference.clone(),
            waba: verified.map(|verified| verified.waba.id.clone()),
            ..SiteEvent::new(id, self.site.clone(), event_type, now)
        }
    }

    /// Meta refused the business token. Tells the Waba object, if it has it.
    pub(in crate::signup) fn report_refused_token(&mut self, now: UnixMillis) {
        let is_told = |entry: &OutboxEntry| matches!(entry.message, OutboxMessage::TokenRefused(_));
        if !self.steps.claim.waba_claimed || self.outbox.iter().any(is_told) {
            return;
        }
        if let Some(verified) = &self.steps.inspect.verified {
            let waba = verified.waba.id.clone();
            self.enqueue(OutboxMessage::TokenRefused(RefusedToken { waba, at: now }));
        }
    }

    /// Enqueues a message.
    pub(in crate::signup) fn enqueue(&mut self, message: OutboxMessage) {
        self.outbox.push(OutboxEntry {
            number: self.next_outbox_number,
            message,
            retry: RetryState::default(),
        });
        self.next_outbox_number = self.next_outbox_number.wrapping_add(1);
    }

    /// Sends the next message that is due. One at a time: a newer index row waits for the older one, and
    /// replaces it if it was not acknowledged.
    pub(in crate::signup) fn poll_outbox(
        &mut self,
        in_flight: &[EffectId],
        cx: &AppContext<'_>,
        effects: &mut Effects,
    ) {
        if in_flight.iter().any(|id| matches!(id, EffectId::Outbox(_))) {
            return;
        }
        let site = self.site.clone();
        let due = self
            .outbox
            .iter_mut()
            .find(|entry| entry.retry.is_due(cx.now));
        if let Some(entry) = due {
            entry.retry = entry.retry.begin_attempt(cx.now);
            let request = match &entry.message {
                OutboxMessage::Index(row) => {
                    PeerRequest::Site(site, SiteRequest::Index(row.clone()))
                }
                OutboxMessage::Event(event) => {
                    PeerRequest::Site(site, SiteRequest::Event(event.clone()))
                }
                OutboxMessage::Connected(business) => {
                    PeerRequest::Partner(PartnerRequest::BusinessConnected(business.clone()))
                }
                OutboxMessage::TokenRefused(refused) => PeerRequest::Waba(
                    refused.waba.clone(),
                    WabaRequest::TokenRefused {
                        app: self.app.clone(),
                        at: refused.at,
                        signup: Some(self.id.clone()),
                    },
                ),
                OutboxMessage::Granted(grant) => {
                    let granted = UsersRequest::Granted(grant.clone());
                    PeerRequest::Partner(PartnerRequest::Users(granted))
                }
            };
            effects.push((
                EffectId::Outbox(entry.number),
                Effect::Peer(Box::new(request)),
            ));
            return;
        }
        if let Some(at) = self.outbox.iter().map(|entry| entry.retry.not_before).min() {
            self.schedule_wake(at);
        }
    }

    /// Removes an acknowledged message, or schedules it again.
    pub(in crate::signup) fn on_outbox_outcome(
        &mut self,
        number: u32,
        outcome: &Outcome,
        cx: &AppContext<'_>,
    ) {
        let acknowledged = matches!(
            outcome,
            Outcome::Peer(Ok(PeerReply::Site(SiteReply::Accepted)
                | PeerReply::Partner(PartnerReply::Accepted)
                | PeerReply::Waba(WabaReply::Accepted)))
        );
        if acknowledged {
            self.outbox.retain(|entry| entry.number != number);
            return;
        }
        for entry in &mut self.outbox {
            if entry.number == number {
                entry.retry = entry.retry.after_no_reply(cx);
            }
        }
    }
}
