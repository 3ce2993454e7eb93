//! Meta's changes of an account: what they do to its record, and which events they are for its owners.
//!
//! Events wait in rows of their own, sealed, until every owner's Site object has them; see [`PendingEvent`]. Those of an account
//! that nobody owns wait for a signup that claims it.
//!
//! Messages and what else end users cause is counted by the day and neither stored nor sent, but for messages and statuses of
//! accounts of a site that has them forwarded.

use super::record::WabaRecord;
use super::webhook_events::{
    announces_customer, ends_access, event_type, is_of_app, messages_event_type,
};
use crate::meta::webhook::{AccountEvent, ChangeContent, MetaChange, TrafficCounts};
use crate::resources::site_event::SiteEvent;
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::{AppKey, SiteId, WabaId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An event that is not delivered yet. Stored sealed under [`pending_event_name`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PendingEvent {
    /// [`MetaChange::key`].
    pub key: String,
    /// The name of a [`SiteEventType`](embark_protocol::site_events::SiteEventType).
    pub name: String,
    /// When it happened.
    pub at: UnixMillis,
    /// The app that it concerns. `None`: it concerns the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<AppKey>,
    /// The owners that get it. Empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<SiteId>,
    /// Until when it is kept while nobody owns the account.
    #[serde(rename = "until")]
    pub kept_until: UnixMillis,
    /// The change.
    pub meta: Box<Value>,
}

/// The name that the events of an account are sealed under.
pub fn pending_event_name(waba: &WabaId) -> String {
    ["waba/", waba.as_str(), "/pending_event"].concat()
}

impl WabaRecord {
    /// Whether a site owns the account.
    pub fn is_owned(&self) -> bool {
        !self.owners.is_empty()
    }

    /// Whether nothing is stored that anybody needs, apart from rows.
    pub fn is_unused(&self) -> bool {
        let is_empty = self.owners.is_empty() && self.tokens.is_empty();
        is_empty
            && self.outbox.is_empty()
            && self.hosted.is_none()
            && self.pending_copies.is_empty()
    }

    /// Until when the account must be listed as unclaimed before these changes are stored. `None`: it is owned, or
    /// listed for that long.
    pub fn listing_due(&self, changes: &[MetaChange], now: UnixMillis) -> Option<UnixMillis> {
        if self.is_owned() {
            return None;
        }
        let kept = changes.iter().map(|change| match &change.content {
            ChangeContent::Event(event) => kept_for(event_type(event).as_str()),
            ChangeContent::Traffic(_) => UNCLAIMED_KEPT,
        });
        let until = now + kept.max()?;
        let listed_until = self.listed_until.unwrap_or_default();
        (listed_until + LISTING_MAY_LAG < until).then_some(until)
    }

    /// The Partner object lists the account as unclaimed until then.
    pub fn on_listed(&mut self, until: UnixMillis) {
        self.listed_until = self.listed_until.max(Some(until));
    }

    /// Whether the Partner object is to be told that the account is claimed.
    pub fn unlisting_due(&self) -> bool {
        self.is_owned() && self.listed_until.is_some()
    }

    /// Takes in changes that came by the webhook of an app, none of which was taken in before. Returns the events to be
    /// stored. `forwarding`: the sites that get messages. `pending`: how many events wait already; those of an account that
    /// nobody owns have a limit.
    pub fn receive(
        &mut self,
        id: &WabaId,
        app: &AppKey,
        changes: Vec<MetaChange>,
        forwarding: &[SiteId],
        pending: usize,
        now: UnixMillis,
    ) -> Vec<PendingEvent> {
        self.id = Some(id.clone());
        let mut events = vec![];
        let mut counts = TrafficCounts::default();
        for change in changes {
            let sites = match &change.messages {
                Some(messages) => self.sites_for_messages(forwarding, messages.number.as_ref()),
                None => vec![],
            };
            if let Some(messages) = change.messages.filter(|_| !sites.is_empty()) {
                let name = messages_event_type(messages.are_statuses).as_str();
                events.push(PendingEvent {
                    key: change.key.clone(),
                    name: name.to_owned(),
                    at: change.at,
                    app: None,
                    sites,
                    kept_until: now + kept_for(name),
                    meta: messages.meta,
                });
            }
            match change.content {
                ChangeContent::Traffic(more) => counts.add(more),
                ChangeContent::Event(event) => {
                    self.apply(id, app, &event, &change.key, change.at, now);
                    let name = event_type(&event).as_str();
                    events.push(PendingEvent {
                        key: change.key,
                        name: name.to_owned(),
                        at: change.at,
                        app: is_of_app(name).then(|| app.clone()),
                        sites: vec![],
                        kept_until: now + kept_for(name),
                        meta: event.meta,
                    });
                }
            }
        }
        self.count_traffic(counts, now);
        if !self.is_owned() {
            events.truncate(MAX_UNCLAIMED_EVENTS.saturating_sub(pending));
        }
        events
    }

    /// A pending event as each owner gets it; of an app, the owners that have a token of it, if any has.
    pub fn events_of(&self, id: &WabaId, pending: &PendingEvent) -> Vec<SiteEvent> {
        let has_token = |site: &&SiteId| {
            let app = pending.app.as_ref();
            app.is_some_and(|app| self.token_of_site(app, site).is_some())
        };
        let is_meant = |site: &&SiteId| pending.sites.is_empty() || pending.sites.contains(site);
        let owners = || self.owners.iter().filter(is_meant);
        let mut sites: Vec<&SiteId> = owners().filter(has_token).collect();
        if sites.is_empty() {
            sites = owners().collect();
        }
        let to_event = |site: &SiteId| {
            let key = [id.as_str(), "/", &pending.name, "/", &pending.key].concat();
            SiteEvent {
                waba: Some(id.clone()),
                meta: Some(pending.meta.clone()),
                ..SiteEvent::named(key, site.clone(), pending.name.clone(), pending.at)
            }
        };
        sites.into_iter().map(to_event).collect()
    }

    /// What an event changes besides being one.
    fn apply(
        &mut self,
        id: &WabaId,
        app: &AppKey,
        event: &AccountEvent,
        key: &str,
        at: UnixMillis,
        now: UnixMillis,
    ) {
        if let Some(solution) = &event.solution {
            self.solutions.push(solution.clone());
            self.solutions.sort();
            self.solutions.dedup();
        }
        if ends_access(event) {
            // Meta's clock has whole seconds. A removal that arrives late leaves the token of a new signup alone.
            self.refuse_tokens(id, app, at + Duration::from_secs(1), at);
        }
        self.note_customer(app, event, at, now);
        self.spread(event, key, at);
    }

    /// Adds to the counts of the day, and forgets those of long ago.
    fn count_traffic(&mut self, counts: TrafficCounts, now: UnixMillis) {
        if counts == TrafficCounts::default() {
            return;
        }
        let today = now.as_secs() / DAY_S;
        self.traffic.entry(today).or_default().add(counts);
        self.traffic.retain(|day, _| *day + TRAFFIC_DAYS > today);
    }
}

/// How long an event waits for an owner.
fn kept_for(name: &str) -> Duration {
    if announces_customer(name) {
        CUSTOMER_KEPT
    } else {
        UNCLAIMED_KEPT
    }
}

/// How long an unclaimed account's events are kept.
const UNCLAIMED_KEPT: Duration = Duration::from_hours(24);
/// How long is kept that a customer came. Meta lets a signup be completed for 14 days.
const CUSTOMER_KEPT: Duration = Duration::from_hours(14 * 24);
/// By how much the listing of an account may end before its last event does: it is not renewed with every webhook.
const LISTING_MAY_LAG: Duration = Duration::from_hours(1);
/// Of one account that nobody owns. Those beyond are dropped.
const MAX_UNCLAIMED_EVENTS: usize = 1_000;
/// How many days have counts of traffic.
const TRAFFIC_DAYS: u64 = 35;
const DAY_S: u64 = 86_400;
