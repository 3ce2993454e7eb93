//! The Site object: `edge/src/durable_objects/event_delivery.rs` and `event_queue.rs`, with rows in maps.

use super::meta::site;
use super::state::{Broken, Event, OWN_SENDER, Row, Sender, Site, World};
use crate::violation::{Check, Violation, ensure};
use core::time::Duration;
use embark_onboarding::crypto::Sealed;
use embark_onboarding::resources::event_delivery::queue::{
    AT_ONCE, DeliveryResult, EVENTS_PER_MESSAGE, MOST_IN_QUEUE, QueuedDeliveries,
};
use embark_onboarding::resources::event_delivery::schedule::LEASE;
use embark_onboarding::resources::event_delivery::{
    Delivery, DeliveryOutcome, EndpointAddress, EventEndpoint, StoredSigningSecret,
};
use embark_onboarding::resources::site_event::SiteEvent;
use embark_onboarding::time::UnixMillis;
use embark_protocol::backend::DeliveryState;
use std::collections::BTreeMap;

impl Site {
    pub fn new(now: UnixMillis, has_queue: bool) -> Self {
        Self {
            log: BTreeMap::new(),
            endpoint: Some(endpoint(now)),
            alarm: None,
            has_queue,
            probes: vec![],
        }
    }

    pub fn key_of(&self, sequence: u64) -> String {
        let found = self.log.iter().find(|(_, row)| row.sequence == sequence);
        found.map(|(key, _)| key.clone()).unwrap()
    }

    fn row_mut(&mut self, sequence: u64) -> &mut Row {
        let mut rows = self.log.values_mut();
        rows.find(|row| row.sequence == sequence).unwrap()
    }

    fn deliveries(&self) -> impl Iterator<Item = (u64, Delivery)> {
        let with_delivery = |row: &Row| Some((row.sequence, row.delivery?));
        self.log.values().filter_map(with_delivery)
    }

    fn give_up(&mut self) {
        for row in self.log.values_mut() {
            row.delivery.iter_mut().for_each(Delivery::give_up);
        }
    }
}

impl World {
    pub fn site_receives(&mut self, event: SiteEvent) -> Check {
        let state = self
            .site
            .endpoint
            .as_ref()
            .map(|endpoint| match endpoint.disabled {
                None => DeliveryState::Pending,
                Some(_) => DeliveryState::Dead,
            });
        let sequence = self.site.log.len() as u64 + 1;
        self.site.log.entry(event.id).or_insert(Row {
            sequence,
            delivery: state.map(|state| Delivery {
                state,
                ..Delivery::new()
            }),
            was_replayed: false,
        });
        self.site_spawns()
    }

    pub fn site_alarm_fires(&mut self, at: UnixMillis) -> Check {
        if self.site.alarm != Some(at) {
            return Ok(());
        }
        self.site.alarm = None;
        self.site_spawns()
    }

    /// Delivers what is due, and sets the alarm for what will be.
    fn site_spawns(&mut self) -> Check {
        let is_pending = |(_, delivery): (u64, Delivery)| delivery.state == DeliveryState::Pending;
        if self.site.endpoint.is_none() || !self.site.deliveries().any(is_pending) {
            return Ok(());
        }
        self.set_alarm_within(LEASE);
        if self.site.has_queue {
            self.site_hands_over();
        } else {
            self.site_sends_itself()?;
        }
        let (now, endpoint) = (self.now, self.site.endpoint.as_ref());
        let Some(endpoint) = endpoint.filter(|endpoint| endpoint.disabled.is_none()) else {
            return Ok(());
        };
        let pending = self
            .site
            .deliveries()
            .filter(|(_, delivery)| delivery.state == DeliveryState::Pending);
        if let Some(due) = pending.map(|(_, delivery)| delivery.due).min() {
            let at = due.max(endpoint.waits_until(now).unwrap_or_default());
            let at = if at <= now { now + LEASE } else { at };
            self.set_alarm_within(now.until(at));
        }
        Ok(())
    }

    fn set_alarm_within(&mut self, delay: Duration) {
        let at = self.now + delay.max(Duration::from_millis(1));
        if self.site.alarm.is_none_or(|set| set > at) {
            self.site.alarm = Some(at);
            self.schedule(self.now.until(at), Event::SiteAlarm(at));
        }
    }

    fn take_due(&mut self, on_their_way: usize, most: usize) -> Vec<(u64, Delivery)> {
        let (now, site) = (self.now, &mut self.site);
        let mut due: Vec<_> = site
            .deliveries()
            .filter(|(_, delivery)| delivery.is_due(now))
            .collect();
        due.sort_by_key(|(sequence, delivery)| (delivery.due, *sequence));
        let Some(endpoint) = site.endpoint.as_mut().filter(|_| !due.is_empty()) else {
            return vec![];
        };
        due.truncate(endpoint.admit(now, on_their_way, most));
        due
    }

    fn site_hands_over(&mut self) {
        let now = self.now;
        let is_on_its_way =
            |(_, delivery): &(u64, Delivery)| delivery.due > now && delivery.due <= now + LEASE;
        let pending = self
            .site
            .deliveries()
            .filter(|(_, delivery)| delivery.state == DeliveryState::Pending);
        let on_their_way = pending.filter(is_on_its_way).count();
        let due = self.take_due(on_their_way, MOST_IN_QUEUE);
        for part in due.chunks(EVENTS_PER_MESSAGE) {
            let (mut ticket, mut sequences) = (now, vec![]);
            for (sequence, delivery) in part {
                let mut delivery = *delivery;
                ticket = delivery.hand_over(now);
                self.site.row_mut(*sequence).delivery = Some(delivery);
                sequences.push(*sequence);
            }
            let site = site();
            self.queue_takes(QueuedDeliveries {
                site,
                ticket,
                sequences,
            });
        }
    }

    /// The queue delivers a message at least once, if it takes it.
    fn queue_takes(&mut self, message: QueuedDeliveries) {
        if self.fault_occurs() {
            return;
        }
        let copies = if self.fault_occurs() { 2 } else { 1 };
        for _ in 0..copies {
            let slowest = if self.fault_occurs() { 120_000 } else { 100 };
            let delay = self.random.millis(1..=slowest);
            self.schedule(delay, Event::Message(message.clone()));
        }
    }

    fn site_sends_itself(&mut self) -> Check {
        let number = OWN_SENDER;
        let on_their_way = self
            .posts
            .iter()
            .filter(|post| post.sender == number)
            .count();
        let due = self.take_due(on_their_way, AT_ONCE);
        for (sequence, mut delivery) in due {
            let ticket = delivery.begin(self.now);
            self.site.row_mut(sequence).delivery = Some(delivery);
            self.attempt_is_permitted(sequence, ticket)?;
            self.post(number, sequence, ticket)?;
        }
        Ok(())
    }

    /// The object begins what the message points to, as far as it may.
    pub fn site_begins(&mut self, message: &QueuedDeliveries) -> Result<Option<Sender>, Violation> {
        let now = self.now;
        let broken = self.broken;
        let mut begun = vec![];
        for sequence in &message.sequences {
            let Some(mut endpoint) = self.site.endpoint.clone() else {
                return Ok(None);
            };
            let row = self.site.row_mut(*sequence);
            let Some(mut delivery) = row.delivery.filter(|delivery| {
                let is_held = delivery.is_held_by(message.ticket);
                is_held
                    || broken == Some(Broken::Tickets) && delivery.state == DeliveryState::Pending
            }) else {
                continue;
            };
            let held = delivery;
            let ticket = delivery.begin(now);
            if broken == Some(Broken::Leases) {
                delivery.due = UnixMillis(ticket.0 + 1_000_000_000_000);
            }
            if endpoint.permits(message.ticket, ticket) || broken == Some(Broken::Probes) {
                row.delivery = Some(delivery);
                begun.push((*sequence, ticket));
                self.attempt_is_permitted(*sequence, ticket)?;
            } else {
                let mut delivery = held;
                delivery.put_back(now);
                row.delivery = Some(delivery);
            }
            self.site.endpoint = Some(endpoint);
        }
        let sent_to = self.site.endpoint.as_ref().map(EventEndpoint::address);
        let sender = sent_to.map(|sent_to| Sender::new(sent_to, begun));
        if sender
            .as_ref()
            .is_none_or(|sender| sender.waiting.len() < message.sequences.len())
        {
            self.site_spawns()?;
        }
        Ok(sender.filter(|sender| !sender.waiting.is_empty()))
    }

    fn attempt_is_permitted(&mut self, sequence: u64, ticket: UnixMillis) -> Check {
        let is_probe = self
            .site
            .endpoint
            .as_ref()
            .is_some_and(EventEndpoint::is_unreachable);
        if is_probe {
            let probes = &self.site.probes;
            ensure(probes.is_empty(), "one_probe_at_a_time", || {
                format!("event {sequence} beside {probes:?}")
            })?;
            self.site.probes.push((sequence, ticket));
        }
        Ok(())
    }

    /// A sender reports.
    pub fn site_finishes(&mut self, sender: Sender) -> Check {
        for result in sender.results {
            self.site_finishes_one(&sender.sent_to, &result)?;
        }
        self.site_spawns()
    }

    fn site_finishes_one(&mut self, sent_to: &EndpointAddress, result: &DeliveryResult) -> Check {
        let (now, random) = (self.now, self.random.below(1_000) as u32);
        let row = self.site.row_mut(result.sequence);
        let Some(mut delivery) = row.delivery else {
            return Ok(());
        };
        let (before, first) = (delivery.state, delivery.first);
        let mut endpoint = self.site.endpoint.take();
        let is_on = endpoint
            .as_ref()
            .is_some_and(|endpoint| endpoint.disabled.is_none());
        let (ticket, outcome) = (result.ticket, &result.outcome);
        let finished = delivery.finish(ticket, sent_to, outcome, endpoint.as_mut(), now, random);
        if self.broken == Some(Broken::Schedule) && delivery.attempts >= 3 {
            delivery.give_up();
        }
        self.site.row_mut(result.sequence).delivery = Some(delivery);
        self.site.endpoint = endpoint;
        let is_given_up = before == DeliveryState::Pending && delivery.state == DeliveryState::Dead;
        let is_early = first.is_none_or(|first| now.since(first) < Duration::from_hours(72));
        let has_cause = !is_on || *outcome == DeliveryOutcome::Gone;
        let holds = !is_given_up || !is_early || has_cause;
        ensure(holds, "given_up_after_three_days", || {
            format!("{delivery:?} at {now:?}: {result:?}")
        })?;
        if finished.has_switched_off {
            self.site.give_up();
        }
        Ok(())
    }

    /// What it was sending itself is lost; what was handed to the queue is not.
    pub fn site_crashes(&mut self) {
        self.sender_dies(OWN_SENDER);
    }

    /// An operator does something.
    pub fn operate(&mut self, event: Event) {
        let now = self.now;
        match event {
            Event::Deploy => {
                self.site.has_queue = !self.site.has_queue;
                self.site_crashes();
            }
            Event::SetEndpoint => match &mut self.site.endpoint {
                Some(set) => set.set_url(set.url.clone(), now).unwrap(),
                None => self.site.endpoint = Some(endpoint(now)),
            },
            Event::DeleteEndpoint => {
                self.site.endpoint = None;
                self.site.give_up();
                let delay = self.random.millis(1_000..=600_000);
                self.schedule(delay, Event::SetEndpoint);
            }
            Event::Replay => {
                let is_on = self
                    .site
                    .endpoint
                    .as_ref()
                    .is_some_and(|set| set.disabled.is_none());
                for row in self.site.log.values_mut().filter(|_| is_on) {
                    if let Some(delivery) = &mut row.delivery
                        && delivery.state == DeliveryState::Dead
                    {
                        *delivery = Delivery::new();
                        row.was_replayed = true;
                    }
                }
            }
            _ => {}
        }
        self.set_alarm_within(Duration::ZERO);
    }
}

fn endpoint(now: UnixMillis) -> EventEndpoint {
    let secret = StoredSigningSecret {
        name: "a".into(),
        sealed: Sealed::from_stored("v1.1.x".into()),
        until: None,
    };
    EventEndpoint::new("https://partner.example/events".into(), secret, now).unwrap()
}
