//! What happens next in a history, and how the receiver responds.

use super::state::{Broken, Event, Meta, Receiver, Site, World};
use crate::random::Random;
use crate::violation::Check;
use core::time::Duration;
use embark_onboarding::resources::event_delivery::DeliveryOutcome;
use embark_onboarding::time::UnixMillis;
use std::collections::BTreeMap;
use std::sync::OnceLock;

impl Broken {
    fn of_environment() -> Option<Self> {
        static BROKEN: OnceLock<Option<Broken>> = OnceLock::new();
        let read = || match std::env::var("EMBARK_SIM_BROKEN_DELIVERY").ok()?.as_str() {
            "tickets" => Some(Self::Tickets),
            "probes" => Some(Self::Probes),
            "rows" => Some(Self::Rows),
            "schedule" => Some(Self::Schedule),
            "leases" => Some(Self::Leases),
            _ => None,
        };
        *BROKEN.get_or_init(read)
    }
}

impl World {
    pub fn new(seed: u64, verbose: bool) -> Self {
        let random = Random::new(seed ^ 0x5eed);
        Self {
            now: START,
            events: BTreeMap::new(),
            scheduled: 0,
            quiescent_from: START,
            faults: random.pick(&[0, 0, 20, 50, 120, 300]),
            receiver: vec![],
            received: BTreeMap::new(),
            meta: Meta::default(),
            site: Site::new(START, random.chance(700)),
            senders: BTreeMap::new(),
            posts: vec![],
            random,
            broken: Broken::of_environment(),
            verbose,
        }
    }

    /// Draws the history, and schedules what begins it.
    pub fn set_up(&mut self) {
        let length = self
            .random
            .pick(&[10, 60, 60, 600, 600, 3 * 1_440, 7 * 1_440]);
        self.quiescent_from = self.now + Duration::from_mins(length);
        self.meta.changes = self.random.within(1..=MOST_CHANGES) as usize;
        for change in 0..self.meta.changes {
            // A burst, or over the whole history.
            let latest = if self.random.chance(700) {
                60_000
            } else {
                length * 60_000
            };
            let delay = self.random.millis(0..=latest);
            self.schedule(delay, Event::MetaSends(change));
        }
        let mut at = self.now;
        while at < self.quiescent_from {
            at += self.random.millis(1_000..=length * 30_000);
            let receiver = self.random.pick(&[
                Receiver::Takes,
                Receiver::Takes,
                Receiver::Fails,
                Receiver::Fails,
                Receiver::Busy(0),
                Receiver::Hangs,
                Receiver::LosesResponses,
            ]);
            let receiver = match receiver {
                Receiver::Busy(_) => Receiver::Busy(self.random.pick(&[1, 60, 3_600, 86_400])),
                Receiver::Hangs if self.random.chance(100) => Receiver::Gone,
                receiver => receiver,
            };
            self.receiver.push((at, receiver));
        }
        let span = length * 60_000;
        for (event, chance) in [
            (Event::SiteCrash, 300),
            (Event::SiteCrash, 300),
            (Event::SenderCrash, 300),
            (Event::SenderCrash, 300),
            (Event::Deploy, 150),
            (Event::SetEndpoint, 150),
            (Event::DeleteEndpoint, 50),
            (Event::Replay, 150),
        ] {
            if self.faults > 0 && self.random.chance(chance) {
                // Much happens in the first minute.
                let latest = self.random.pick(&[60_000, span]);
                let delay = self.random.millis(0..=latest);
                self.schedule(delay, event);
            }
        }
    }

    /// From now on nothing fails, and the receiver takes everything.
    pub fn begin_quiescence(&mut self) {
        self.log(|| "quiescence".into());
        self.faults = 0;
        self.receiver.clear();
    }

    /// Lets everything happen that is scheduled until then.
    pub fn run(&mut self, until: UnixMillis) -> Check {
        while let Some(first) = self.events.first_entry() {
            if first.key().0 > until {
                break;
            }
            let ((at, _), event) = first.remove_entry();
            self.now = at;
            self.log(|| format!("{event:?}"));
            self.process(event)?;
        }
        self.now = until;
        Ok(())
    }

    fn process(&mut self, event: Event) -> Check {
        match event {
            Event::MetaSends(change) => self.meta_sends(change),
            Event::WabaAlarm => self.waba_alarm_fires(),
            Event::SiteAlarm(at) => self.site_alarm_fires(at),
            Event::Message(message) => self.message_arrives(message),
            Event::SenderBegins(sender) => self.sender_goes_on(sender),
            Event::PostEnds(sender, result) => self.post_ends(sender, result),
            Event::Finish(sender) => self.site_finishes(*sender),
            Event::SiteCrash => {
                self.site_crashes();
                Ok(())
            }
            Event::SenderCrash => {
                let count = self.senders.len();
                if count > 0 {
                    let number = self.senders.keys().nth(self.random.index(count)).copied();
                    self.sender_dies(number.unwrap_or_default());
                }
                Ok(())
            }
            event => {
                self.operate(event);
                Ok(())
            }
        }
    }

    pub fn schedule(&mut self, delay: Duration, event: Event) {
        self.scheduled += 1;
        self.events
            .insert((self.now + delay, self.scheduled), event);
    }

    pub fn fault_occurs(&self) -> bool {
        self.random.chance(self.faults)
    }

    /// The response of the receiver to an event that is sent now, and after how long it comes.
    pub fn respond(&mut self, key: &str) -> (DeliveryOutcome, Duration) {
        let current = self.receiver.iter().find(|(until, _)| self.now < *until);
        let mut receiver = current.map_or(Receiver::Takes, |(_, receiver)| *receiver);
        if self.fault_occurs() {
            receiver =
                self.random
                    .pick(&[Receiver::Fails, Receiver::Hangs, Receiver::LosesResponses]);
        }
        let fails = |reason: &str, retry_after| DeliveryOutcome::Failed {
            reason: reason.into(),
            retry_after,
        };
        let (outcome, delay) = match receiver {
            Receiver::Takes => (DeliveryOutcome::Delivered, self.random.millis(1..=14_999)),
            Receiver::Fails => (fails("status 500", None), self.random.millis(1..=200)),
            Receiver::Busy(seconds) => {
                let wait = Some(Duration::from_secs(seconds));
                (fails("status 429", wait), self.random.millis(1..=200))
            }
            Receiver::Hangs => (fails("timeout", None), Duration::from_secs(15)),
            Receiver::LosesResponses => (fails("connection", None), self.random.millis(1..=200)),
            Receiver::Gone => (DeliveryOutcome::Gone, self.random.millis(1..=200)),
        };
        if matches!(receiver, Receiver::Takes | Receiver::LosesResponses) {
            *self.received.entry(key.to_owned()).or_default() += 1;
        }
        (outcome, delay)
    }

    pub fn log(&self, line: impl FnOnce() -> String) {
        if self.verbose {
            println!(
                "{:>12} delivery: {}",
                self.now.since(START).as_millis(),
                line()
            );
        }
    }
}

/// Some day in 2026.
const START: UnixMillis = UnixMillis(1_770_000_000_000);
/// Enough for an endpoint to become unreachable, and for two messages.
const MOST_CHANGES: u64 = 16;
