//! Meta, which sends each change until it is answered with 200, and the Waba object, which takes it in once and sends its
//! event to the Site object until that has it.

use super::state::{Broken, Event, World};
use crate::violation::Check;
use core::time::Duration;
use embark_onboarding::meta::webhook::{MetaChange, parse_webhook};
use embark_onboarding::resources::waba::{RESEND_AFTER, WabaRequest};
use embark_onboarding::time::UnixMillis;
use embark_protocol::{AppKey, SiteId, WabaId};
use serde_json::json;
use std::sync::OnceLock;

impl World {
    pub fn meta_sends(&mut self, number: usize) -> Check {
        let is_stored = !self.fault_occurs();
        if is_stored {
            self.waba_receives(number);
        }
        let is_answered = is_stored && !self.fault_occurs();
        if is_answered {
            let id = self.event_id(number);
            self.meta.answered.insert(id);
        }
        // A change comes more than once in any case.
        if !is_answered || self.random.chance(self.faults / 2) {
            let delay = self.random.millis(1_000..=90_000);
            self.schedule(delay, Event::MetaSends(number));
        }
        Ok(())
    }

    fn waba_receives(&mut self, number: usize) {
        let (id, app, now) = (waba(), app(), self.now);
        let meta = &mut self.meta;
        if meta.record.owners.is_empty() {
            let site = site();
            meta.record
                .handle(&id, WabaRequest::AddOwner { site, number: None });
        }
        let change = changes()[number].clone();
        if !meta.seen.insert(change.key.clone()) {
            return;
        }
        let waiting = meta.pending.len();
        for event in meta
            .record
            .receive(&id, &app, vec![change], &[], waiting, now)
        {
            meta.stored += 1;
            meta.pending.insert(meta.stored, event);
        }
        self.schedule(Duration::ZERO, Event::WabaAlarm);
    }

    /// Sends what is pending to the Site object. What that did not acknowledge stays.
    pub fn waba_alarm_fires(&mut self) -> Check {
        let numbers: Vec<usize> = self.meta.pending.keys().copied().collect();
        for number in numbers {
            let events = self
                .meta
                .record
                .events_of(&waba(), &self.meta.pending[&number]);
            let is_lost = self.fault_occurs();
            if !is_lost {
                for event in events {
                    self.site_receives(event)?;
                }
            }
            if (!is_lost && !self.fault_occurs()) || self.broken == Some(Broken::Rows) {
                self.meta.pending.remove(&number);
            }
        }
        if !self.meta.pending.is_empty() {
            self.schedule(RESEND_AFTER, Event::WabaAlarm);
        }
        Ok(())
    }

    fn event_id(&self, number: usize) -> String {
        [waba().as_str(), "/account.alert/", &changes()[number].key].concat()
    }
}

/// The changes of all histories: what they say does not matter.
fn changes() -> &'static [MetaChange] {
    static CHANGES: OnceLock<Vec<MetaChange>> = OnceLock::new();
    CHANGES.get_or_init(|| {
        let time = 1_770_000_000;
        let change = |number: usize| json!({"field": "account_alerts", "value": {"n": number}});
        let changes: Vec<_> = (0..16).map(change).collect();
        let entry = json!({"id": waba().as_str(), "time": time, "changes": changes});
        let body = json!({"entry": [entry]}).to_string();
        let now = UnixMillis::from_secs(time + 1);
        let webhook = parse_webhook(&app(), body.as_bytes(), now).unwrap();
        webhook
            .changes
            .into_iter()
            .map(|(_, change)| change)
            .collect()
    })
}

fn waba() -> WabaId {
    WabaId::parse("5000000000000001").unwrap()
}

fn app() -> AppKey {
    AppKey::parse("main").unwrap()
}

pub fn site() -> SiteId {
    SiteId::parse("acme").unwrap()
}
