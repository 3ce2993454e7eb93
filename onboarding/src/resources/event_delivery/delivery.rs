//! The delivery of one event, as the Site object stores it, and what may happen to it. The row is the truth, whoever sends
//! the event: a queue carries pointers to rows, and nothing else.
//!
//! A delivery that is pending is due at [`due`](Delivery::due), and the time is its lock as well. Whoever takes it puts it
//! off by [`LEASE`]: the object, which hands it to the queue; then the consumer of the queue, or the object itself, which
//! begins to send it. Each must know the time that the one before has put in, so that a message that comes twice, late, or
//! beside another sender begins nothing; and what is lost on the way is due again once the time has come.

use super::endpoint::{EndpointAddress, EventEndpoint};
use super::request::DeliveryOutcome;
use super::schedule::{self, LEASE};
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::backend::{DeliveryState, DisabledReason};

/// The delivery of one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was sent.
    pub attempts: u32,
    /// When it was first sent. `None`: it was not.
    pub first: Option<UnixMillis>,
    /// When it is sent next, if it is pending.
    pub due: UnixMillis,
}

/// What follows from the end of an attempt, besides the delivery's own change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// Why the event was not taken, for the list. `None`: it was, or what the list says stays.
    pub error: Option<String>,
    /// This attempt has switched the endpoint off: everything that is pending is to be [given up](Delivery::give_up).
    pub has_switched_off: bool,
}

impl Delivery {
    /// A delivery that is due at once.
    pub const fn new() -> Self {
        Self {
            state: DeliveryState::Pending,
            attempts: 0,
            first: None,
            due: UnixMillis(0),
        }
    }

    /// Whether it is to be sent, and nobody has taken it.
    pub fn is_due(&self, now: UnixMillis) -> bool {
        self.state == DeliveryState::Pending && self.due <= now
    }

    /// Hands it to the queue. Returns the ticket, by which the consumer may [`begin`](Self::begin) it. The caller has seen
    /// that it is due.
    pub fn hand_over(&mut self, now: UnixMillis) -> UnixMillis {
        self.due = now + LEASE;
        self.due
    }

    /// Whether the ticket is still good: nobody has taken the delivery since.
    pub fn is_held_by(&self, ticket: UnixMillis) -> bool {
        self.state == DeliveryState::Pending && self.due == ticket
    }

    /// Counts an attempt, which begins now. Returns the ticket by which it ends. The caller has seen that the delivery is
    /// due or held by its ticket.
    pub fn begin(&mut self, now: UnixMillis) -> UnixMillis {
        self.attempts = self.attempts.saturating_add(1);
        self.first.get_or_insert(now);
        // Another one than that of the queue, also within its millisecond.
        self.due = (now + LEASE).max(self.due + Duration::from_millis(1));
        self.due
    }

    /// Puts a delivery back that was handed over and may not begin.
    pub fn put_back(&mut self, now: UnixMillis) {
        self.due = now;
    }

    /// Takes in what came of an attempt, also at its endpoint. `ticket`: that of the attempt. `endpoint`: the site's now;
    /// `None`: it has none. If it is not the one that the event was sent to, or is switched off, a failure says nothing, and
    /// the event is sent to that one, or given up. `random`: any number.
    ///
    /// An attempt that took longer than its [`LEASE`] may have been followed by another: then only success counts.
    pub fn finish(
        &mut self,
        ticket: UnixMillis,
        sent_to: &EndpointAddress,
        outcome: &DeliveryOutcome,
        endpoint: Option<&mut EventEndpoint>,
        now: UnixMillis,
        random: u32,
    ) -> Finished {
        let is_last = self.is_held_by(ticket);
        let is_on = endpoint
            .as_ref()
            .is_some_and(|endpoint| endpoint.disabled.is_none());
        let current = endpoint.filter(|endpoint| endpoint.is_at(sent_to));
        let finished = |error: Option<&str>, has_switched_off| Finished {
            error: error.map(str::to_owned),
            has_switched_off,
        };
        match (outcome, current) {
            (DeliveryOutcome::Delivered, current) => {
                self.state = DeliveryState::Delivered;
                if let Some(endpoint) = current {
                    endpoint.on_success();
                }
                finished(None, false)
            }
            (DeliveryOutcome::NotSent, _) => {
                if is_last {
                    self.take_back(is_on, now);
                }
                finished(None, false)
            }
            (DeliveryOutcome::Failed { .. } | DeliveryOutcome::Gone, current)
                if current.is_none() || !is_on =>
            {
                if is_last {
                    self.go_on(is_on.then_some(now));
                }
                finished(Some("the endpoint was changed or switched off"), false)
            }
            (DeliveryOutcome::Gone, current) => {
                if is_last {
                    self.give_up();
                }
                let disable = |endpoint: &mut EventEndpoint| endpoint.disable(DisabledReason::Gone);
                finished(Some("status 410"), current.is_some_and(disable))
            }
            (
                DeliveryOutcome::Failed {
                    reason,
                    retry_after,
                },
                current,
            ) => {
                if is_last {
                    let first = self.first.unwrap_or(now);
                    let next =
                        schedule::next_attempt(self.attempts, first, now, *retry_after, random);
                    self.go_on(next);
                }
                let fail = |endpoint: &mut EventEndpoint| endpoint.on_failure(now);
                finished(Some(reason), current.is_some_and(fail))
            }
        }
    }

    /// Gives it up, unless it is delivered.
    pub fn give_up(&mut self) {
        if self.state == DeliveryState::Pending {
            self.state = DeliveryState::Dead;
        }
    }

    /// The attempt that began has sent nothing.
    fn take_back(&mut self, is_on: bool, now: UnixMillis) {
        self.attempts = self.attempts.saturating_sub(1);
        if self.attempts == 0 {
            self.first = None;
        }
        self.go_on(is_on.then_some(now));
    }

    /// `None`: it is given up.
    fn go_on(&mut self, next: Option<UnixMillis>) {
        match next {
            Some(at) => self.due = at,
            None => self.give_up(),
        }
    }
}

impl Default for Delivery {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Sealed;
    use crate::resources::event_delivery::{DeliveryResponse, StoredSigningSecret};
    use crate::transport::TransportError;

    const NOW: UnixMillis = UnixMillis(1_000_000_000);
    const SECOND: Duration = Duration::from_secs(1);

    fn endpoint() -> EventEndpoint {
        let secret = StoredSigningSecret {
            name: "a".into(),
            sealed: Sealed::from_stored("v1.1.x".into()),
            until: None,
        };
        EventEndpoint::new("https://partner.example/events".into(), secret, NOW).unwrap()
    }

    fn failed() -> DeliveryOutcome {
        DeliveryOutcome::Failed {
            reason: "status 500".into(),
            retry_after: None,
        }
    }

    fn answer_200() -> DeliveryResponse {
        DeliveryResponse {
            status: 200,
            retry_after: None,
        }
    }

    #[test]
    fn ticket_is_good_until_somebody_takes_the_delivery() {
        let mut delivery = Delivery::new();
        assert!(delivery.is_due(NOW));
        let queued = delivery.hand_over(NOW);
        assert!(delivery.is_held_by(queued) && !delivery.is_due(NOW));
        // At the same millisecond too.
        let begun = delivery.begin(NOW);
        assert!(!delivery.is_held_by(queued) && delivery.is_held_by(begun));
        assert_eq!((delivery.attempts, delivery.first), (1, Some(NOW)));
        // Nobody reports: it is due again, and the ticket good until somebody takes it.
        assert!(delivery.is_due(begun) && delivery.is_held_by(begun));
        let again = delivery.hand_over(begun);
        assert!(!delivery.is_held_by(begun) && delivery.is_held_by(again));
        delivery.give_up();
        assert!(!delivery.is_held_by(again) && !delivery.is_due(again));
    }

    #[test]
    fn outcome_decides_where_a_delivery_stands() {
        use DeliveryState::{Dead, Delivered, Pending};
        let moved = |endpoint: &mut EventEndpoint| {
            endpoint
                .set_url(endpoint.url.clone(), NOW + SECOND)
                .unwrap();
        };
        let off = |endpoint: &mut EventEndpoint| {
            endpoint.disable(DisabledReason::Failing);
        };
        let same = |_: &mut EventEndpoint| {};
        let now = NOW + SECOND * 2;
        // Slower than the deadline, although it may answer 200 afterwards; and slow, but in time.
        let too_slow = DeliveryOutcome::of(&Err(TransportError::Timeout), NOW);
        let slow = DeliveryOutcome::of(&Ok(answer_200()), NOW);
        type Change = fn(&mut EventEndpoint);
        let rows: [(
            DeliveryOutcome,
            Change,
            DeliveryState,
            Option<UnixMillis>,
            u32,
        ); 12] = [
            (too_slow, same, Pending, Some(now + SECOND * 5), 1),
            (slow, same, Delivered, None, 1),
            (DeliveryOutcome::Delivered, same, Delivered, None, 1),
            (DeliveryOutcome::Delivered, moved, Delivered, None, 1),
            (DeliveryOutcome::Delivered, off, Delivered, None, 1),
            (failed(), same, Pending, Some(now + SECOND * 5), 1),
            (failed(), moved, Pending, Some(now), 1),
            (failed(), off, Dead, None, 1),
            (DeliveryOutcome::Gone, same, Dead, None, 1),
            (DeliveryOutcome::Gone, moved, Pending, Some(now), 1),
            (DeliveryOutcome::NotSent, same, Pending, Some(now), 0),
            (DeliveryOutcome::NotSent, off, Dead, None, 0),
        ];
        for (outcome, change, state, due, attempts) in rows {
            let (mut delivery, mut endpoint) = (Delivery::new(), endpoint());
            let (ticket, sent_to) = (delivery.begin(NOW), endpoint.address());
            change(&mut endpoint);
            let on = Some(&mut endpoint);
            let finished = delivery.finish(ticket, &sent_to, &outcome, on, now, 0);
            assert_eq!(
                (delivery.state, delivery.attempts),
                (state, attempts),
                "{outcome:?}"
            );
            assert!(due.is_none_or(|due| delivery.due == due), "{outcome:?}");
            let is_gone = outcome == DeliveryOutcome::Gone && state == Dead;
            assert_eq!(finished.has_switched_off, is_gone, "{outcome:?}");
            // The site has no endpoint any more.
            let (mut delivery, _) = (Delivery::new(), ());
            let ticket = delivery.begin(NOW);
            delivery.finish(ticket, &sent_to, &outcome, None, now, 0);
            assert_ne!(delivery.state, Pending, "{outcome:?}");
        }
    }

    #[test]
    fn report_that_comes_after_the_next_attempt_began_counts_if_it_is_success() {
        let (mut delivery, mut endpoint) = (Delivery::new(), endpoint());
        let sent_to = endpoint.address();
        let first = delivery.begin(NOW);
        let second = delivery.begin(first);
        for outcome in [failed(), DeliveryOutcome::NotSent] {
            let on = Some(&mut endpoint);
            delivery.finish(first, &sent_to, &outcome, on, first, 0);
            assert!(delivery.is_held_by(second), "{outcome:?}");
        }
        assert_eq!(endpoint.failures, 1, "it was a failure all the same");
        let on = Some(&mut endpoint);
        delivery.finish(first, &sent_to, &DeliveryOutcome::Delivered, on, first, 0);
        assert_eq!(
            (delivery.state, endpoint.failures),
            (DeliveryState::Delivered, 0)
        );
        // The second one fails: it stays delivered.
        let on = Some(&mut endpoint);
        delivery.finish(second, &sent_to, &failed(), on, second, 0);
        assert_eq!(delivery.state, DeliveryState::Delivered);
    }

    #[test]
    fn attempt_that_sent_nothing_is_not_counted() {
        let (mut delivery, mut endpoint) = (Delivery::new(), endpoint());
        let sent_to = endpoint.address();
        for round in 0..20_u32 {
            let now = NOW + SECOND * 60 * round;
            let ticket = delivery.begin(now);
            let on = Some(&mut endpoint);
            delivery.finish(ticket, &sent_to, &DeliveryOutcome::NotSent, on, now, 0);
        }
        assert_eq!((delivery.attempts, delivery.first), (0, None));
        assert_eq!(endpoint.failures, 0);
    }
}
