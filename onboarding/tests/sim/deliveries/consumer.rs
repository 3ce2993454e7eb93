//! Who sends: a consumer of the queue, as in `edge/src/event_consumer.rs`, with the events of one message; or the Site
//! object itself.

use super::state::{Event, OWN_SENDER, Post, Sender, World};
use crate::violation::{Check, ensure};
use core::time::Duration;
use embark_onboarding::resources::event_delivery::queue::{
    AT_ONCE, BEGIN_WITHIN, DeliveryResult, QueuedDeliveries,
};
use embark_onboarding::resources::event_delivery::{
    DeliveryOutcome, EndpointAddress, EventEndpoint, UNREACHABLE_FROM,
};
use embark_onboarding::time::UnixMillis;

impl Sender {
    pub fn new(sent_to: EndpointAddress, waiting: Vec<(u64, UnixMillis)>) -> Self {
        Self {
            sent_to,
            waiting,
            results: vec![],
            begun_at: UnixMillis::default(),
            failures: 0,
        }
    }
}

impl World {
    pub fn message_arrives(&mut self, message: QueuedDeliveries) -> Check {
        // The request is lost: the queue delivers the message again.
        if self.fault_occurs() {
            self.schedule(Duration::from_secs(5), Event::Message(message));
            return Ok(());
        }
        let Some(sender) = self.site_begins(&message)? else {
            return Ok(());
        };
        // So is the reply, or it comes too late.
        let slowest = if self.fault_occurs() { 10_000 } else { 50 };
        let delay = self.random.millis(1..=slowest);
        if delay > BEGIN_DEADLINE {
            let tickets: Vec<_> = sender.waiting.clone();
            self.site.probes.retain(|probe| !tickets.contains(probe));
            self.schedule(Duration::from_secs(5), Event::Message(message));
            return Ok(());
        }
        let number = self
            .senders
            .last_key_value()
            .map_or(0, |(number, _)| *number)
            + 1;
        self.senders.insert(number, sender);
        self.schedule(delay, Event::SenderBegins(number));
        Ok(())
    }

    /// Sends what may go beside what is on its way; reports, if nothing is left.
    pub fn sender_goes_on(&mut self, number: u64) -> Check {
        loop {
            let in_flight = self
                .posts
                .iter()
                .filter(|post| post.sender == number)
                .count();
            let now = self.now;
            let Some(sender) = self.senders.get_mut(&number) else {
                return Ok(());
            };
            if sender.begun_at == UnixMillis::default() {
                sender.begun_at = now;
            }
            let goes_on =
                sender.failures < UNREACHABLE_FROM && now.since(sender.begun_at) < BEGIN_WITHIN;
            if goes_on && in_flight < AT_ONCE && !sender.waiting.is_empty() {
                let (sequence, ticket) = sender.waiting.remove(0);
                self.post(number, sequence, ticket)?;
            } else if in_flight > 0 {
                return Ok(());
            } else {
                break;
            }
        }
        let Some(mut sender) = self.senders.remove(&number) else {
            return Ok(());
        };
        for (sequence, ticket) in std::mem::take(&mut sender.waiting) {
            self.site
                .probes
                .retain(|probe| *probe != (sequence, ticket));
            sender.results.push(DeliveryResult {
                sequence,
                ticket,
                outcome: DeliveryOutcome::NotSent,
            });
        }
        if !self.fault_occurs() {
            let copies = if self.fault_occurs() { 2 } else { 1 };
            for _ in 0..copies {
                let delay = self.random.millis(1..=4_900);
                self.schedule(delay, Event::Finish(Box::new(sender.clone())));
            }
        }
        Ok(())
    }

    /// Begins one attempt.
    pub fn post(&mut self, sender: u64, sequence: u64, ticket: UnixMillis) -> Check {
        let key = self.site.key_of(sequence);
        let beside = self.posts.iter().find(|post| post.sequence == sequence);
        let holds = beside.is_none() || self.site.log[&key].was_replayed;
        ensure(holds, "event_is_sent_by_one", || {
            format!("{sender} sends {sequence} beside {beside:?}")
        })?;
        let (outcome, delay) = self.respond(&key);
        let endpoint = self.site.endpoint.as_ref();
        self.posts.push(Post {
            sender,
            sequence,
            sent_to: endpoint.map(EventEndpoint::address),
        });
        let result = DeliveryResult {
            sequence,
            ticket,
            outcome,
        };
        self.schedule(delay, Event::PostEnds(sender, result));
        Ok(())
    }

    pub fn post_ends(&mut self, number: u64, result: DeliveryResult) -> Check {
        let sequence = result.sequence;
        let found = self
            .posts
            .iter()
            .position(|post| post.sender == number && post.sequence == sequence);
        // It is over with its sender.
        let Some(found) = found else {
            return Ok(());
        };
        let post = self.posts.remove(found);
        self.site
            .probes
            .retain(|probe| *probe != (sequence, result.ticket));
        if number == OWN_SENDER {
            let Some(sent_to) = post.sent_to else {
                return Ok(());
            };
            let mut sender = Sender::new(sent_to, vec![]);
            sender.results.push(result);
            return self.site_finishes(sender);
        }
        if let Some(sender) = self.senders.get_mut(&number) {
            sender.failures = match result.outcome {
                DeliveryOutcome::Failed { .. } => sender.failures + 1,
                DeliveryOutcome::Gone => UNREACHABLE_FROM,
                DeliveryOutcome::Delivered | DeliveryOutcome::NotSent => 0,
            };
            sender.results.push(result);
        }
        self.sender_goes_on(number)
    }

    /// What it was sending may have arrived; nobody reports it.
    pub fn sender_dies(&mut self, number: u64) {
        let waiting = self
            .senders
            .remove(&number)
            .map_or(vec![], |sender| sender.waiting);
        let dead: Vec<u64> = self
            .posts
            .extract_if(.., |post| post.sender == number)
            .map(|post| post.sequence)
            .collect();
        let is_over =
            |probe: &(u64, UnixMillis)| dead.contains(&probe.0) || waiting.contains(probe);
        self.site.probes.retain(|probe| !is_over(probe));
    }
}

/// A consumer waits for as long for what it may send.
const BEGIN_DEADLINE: Duration = Duration::from_secs(5);
