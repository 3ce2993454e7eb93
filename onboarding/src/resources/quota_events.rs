//! Quotas that reach a level, on their way to the sites they matter to: `quota.warning` and `quota.full`.
//!
//! The Partner object counts, and stores one [`QuotaEvent`] in the same change. Its alarm passes it to every site; each Site
//! object decides by its own settings whether the quota is its own. A site that does not reply is asked again, for a day.

use super::quota::Quota;
use super::site_event::SiteEvent;
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::admin::SiteSettings;
use embark_protocol::quota::QuotaLevel;
use embark_protocol::site_events::{QuotaOwnerKind, QuotaUse, SiteEventType};
use embark_protocol::{AppKey, SiteId};
use serde::{Deserialize, Serialize};

/// Whose businesses a quota counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuotaOwner {
    /// An app, by its key.
    App(AppKey),
    /// A partner solution, by its id.
    Solution(String),
}

impl QuotaOwner {
    /// The owner, in `businesses`: `app/<key>` or `solution/<id>`.
    pub fn row_name(&self) -> String {
        match self {
            Self::App(app) => ["app/", app.as_str()].concat(),
            Self::Solution(solution) => ["solution/", solution].concat(),
        }
    }

    /// Whether the signups of a site count.
    fn counts(&self, site: &SiteSettings) -> bool {
        match self {
            Self::App(app) => site.app == *app,
            Self::Solution(solution) => site.solution_id.as_ref() == Some(solution),
        }
    }
}

/// A quota that has reached a level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaEvent {
    /// Whose it is.
    pub owner: QuotaOwner,
    /// Its state then.
    pub quota: Quota,
    /// When.
    pub at: UnixMillis,
}

impl QuotaEvent {
    /// `None`: the level is not higher than before.
    pub fn of_change(
        owner: QuotaOwner,
        before: QuotaLevel,
        quota: Quota,
        at: UnixMillis,
    ) -> Option<Self> {
        (quota.level > before).then_some(Self { owner, quota, at })
    }

    /// What the back end of a site is sent. `None`: the site's signups do not count.
    pub fn site_event(&self, site: &SiteId, settings: &SiteSettings) -> Option<SiteEvent> {
        if !self.owner.counts(settings) {
            return None;
        }
        let event_type = match self.quota.level {
            QuotaLevel::Fine => return None,
            QuotaLevel::Warn => SiteEventType::QuotaWarning,
            QuotaLevel::Full => SiteEventType::QuotaFull,
        };
        let at = self.at.0.to_string();
        let id = [&self.owner.row_name(), "/", event_type.as_str(), "/", &at].concat();
        let (kind, owner) = match &self.owner {
            QuotaOwner::App(app) => (QuotaOwnerKind::App, app.as_str()),
            QuotaOwner::Solution(solution) => (QuotaOwnerKind::Solution, solution.as_str()),
        };
        let quota = QuotaUse {
            kind,
            id: owner.to_owned(),
            used: self.quota.used,
            limit: self.quota.limit,
            free_at: self.quota.free_at.map(|at| at.0),
        };
        Some(SiteEvent {
            quota: Some(Box::new(quota)),
            ..SiteEvent::new(id, site.clone(), event_type, self.at)
        })
    }
}

/// An event on its way to the sites, which are asked in the order of their names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct PendingQuotaEvent {
    event: QuotaEvent,
    /// The last site that was asked. `None`: none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<SiteId>,
    /// Those that did not reply. They are asked again once all others were, the first one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    silent: Vec<SiteId>,
}

/// The events that have not reached every site, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PendingQuotaEvents(Vec<PendingQuotaEvent>);

impl PendingQuotaEvents {
    /// Whether every site has every event.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds an event. Of the others, those older than [`KEPT_FOR`] and the oldest beyond [`MAX_PENDING`] are dropped.
    pub fn enqueue(&mut self, event: QuotaEvent) {
        let now = event.at;
        self.0
            .retain(|pending| now.since(pending.event.at) < KEPT_FOR);
        let excess = (self.0.len() + 1).saturating_sub(MAX_PENDING);
        self.0.drain(..excess);
        self.0.push(PendingQuotaEvent {
            event,
            after: None,
            silent: vec![],
        });
    }

    /// Whom to send what next, of each event alike: at most [`SENT_AT_ONCE`]. `sites`: all of them, sorted.
    pub fn next(&self, sites: &[SiteId]) -> Vec<(SiteId, QuotaEvent)> {
        let share = SENT_AT_ONCE / self.0.len().max(1);
        let of_each = |pending: &PendingQuotaEvent| {
            let next = pending.unasked(sites).iter();
            let next = next.chain(&pending.silent).take(share.max(1));
            let event = pending.event.clone();
            let pairs = next.map(move |site| (site.clone(), event.clone()));
            pairs.collect::<Vec<_>>()
        };
        self.0.iter().flat_map(of_each).collect()
    }

    /// A site has acknowledged an event, or has not replied.
    pub fn on_sent(&mut self, site: &SiteId, event: &QuotaEvent, acknowledged: bool) {
        for pending in self.0.iter_mut().filter(|pending| pending.event == *event) {
            pending.after = pending.after.take().max(Some(site.clone()));
            pending.silent.retain(|waiting| waiting != site);
            if !acknowledged && pending.silent.len() < MAX_SILENT {
                pending.silent.push(site.clone());
            }
        }
    }

    /// Drops the events that every site has, and those that were tried for [`KEPT_FOR`]. `sites`: as in [`next`](Self::next).
    pub fn drop_finished(&mut self, sites: &[SiteId], now: UnixMillis) {
        self.0.retain(|pending| {
            let is_done = pending.silent.is_empty() && pending.unasked(sites).is_empty();
            !is_done && now.since(pending.event.at) < KEPT_FOR
        });
    }
}

impl PendingQuotaEvent {
    fn unasked<'s>(&self, sites: &'s [SiteId]) -> &'s [SiteId] {
        let asked = sites.partition_point(|site| Some(site) <= self.after.as_ref());
        sites.get(asked..).unwrap_or_default()
    }
}

/// A quota that was full a day ago says little.
pub const KEPT_FOR: Duration = Duration::from_hours(24);
/// How many events may be pending.
pub const MAX_PENDING: usize = 16;
/// How many sites are asked before the object goes on with other work.
pub const SENT_AT_ONCE: usize = 32;
/// How many sites without a reply are asked again. Further ones are not.
pub const MAX_SILENT: usize = 100;
/// When sites that did not reply are asked again.
pub const SENT_AGAIN_AFTER: Duration = Duration::from_mins(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn site(name: &str) -> SiteId {
        SiteId::parse(name).unwrap()
    }

    fn settings(app: &str, solution: Option<&str>) -> SiteSettings {
        let mut json = serde_json::json!({"key": "acme", "app": app, "config_id": "1", "policy": "tech-provider", "origins": []});
        if let Some(solution) = solution {
            json["solution_id"] = solution.into();
        }
        serde_json::from_value(json).unwrap()
    }

    fn quota(used: u32, level: QuotaLevel) -> Quota {
        Quota {
            used,
            limit: 10,
            level,
            free_at: (level == QuotaLevel::Full).then_some(UnixMillis(99)),
        }
    }

    fn event(at: u64) -> QuotaEvent {
        QuotaEvent {
            owner: QuotaOwner::App(AppKey::parse("main").unwrap()),
            quota: quota(10, QuotaLevel::Full),
            at: UnixMillis(at),
        }
    }

    #[test]
    fn event_is_sent_only_when_the_level_rises() {
        use QuotaLevel::{Fine, Full, Warn};
        for (before, after, is_event) in [
            (Fine, Fine, false),
            (Fine, Warn, true),
            (Fine, Full, true),
            (Warn, Warn, false),
            (Warn, Full, true),
            (Full, Full, false),
            (Full, Warn, false),
            (Warn, Fine, false),
        ] {
            let event =
                QuotaEvent::of_change(event(0).owner, before, quota(8, after), UnixMillis(0));
            assert_eq!(event.is_some(), is_event, "{before:?} {after:?}");
        }
    }

    #[test]
    fn event_reaches_the_sites_of_the_app_or_of_the_solution() {
        let solution = QuotaEvent {
            owner: QuotaOwner::Solution("77".to_owned()),
            quota: quota(8, QuotaLevel::Warn),
            ..event(5)
        };
        for (event, settings, name) in [
            (event(5), settings("main", None), Some("quota.full")),
            (event(5), settings("other", Some("77")), None),
            (
                solution.clone(),
                settings("other", Some("77")),
                Some("quota.warning"),
            ),
            (solution.clone(), settings("main", Some("78")), None),
            (solution, settings("main", None), None),
        ] {
            let sent = event.site_event(&site("acme"), &settings);
            assert_eq!(sent.map(|event| event.name).as_deref(), name);
        }
        let sent = event(5).site_event(&site("acme"), &settings("main", None));
        let sent = sent.unwrap();
        let quota = serde_json::to_value(sent.quota.unwrap()).unwrap();
        let expected = serde_json::json!(
            {"kind": "app", "id": "main", "used": 10, "limit": 10, "free_at": 99}
        );
        assert_eq!(quota, expected);
        assert_eq!(sent.id, "app/main/quota.full/5");
    }

    fn next(pending: &PendingQuotaEvents, sites: &[SiteId]) -> String {
        let next = pending.next(sites).into_iter();
        next.map(|(site, _)| site.to_string()).collect()
    }

    #[test]
    fn site_without_a_reply_comes_last_and_is_asked_for_a_day() {
        let sites = ["a", "b", "c"].map(site);
        let mut pending = PendingQuotaEvents::default();
        pending.enqueue(event(1));
        assert_eq!(next(&pending, &sites), "abc");
        pending.on_sent(&site("a"), &event(1), false);
        pending.on_sent(&site("b"), &event(1), true);
        assert_eq!(next(&pending, &sites), "ca");
        pending.on_sent(&site("c"), &event(1), true);
        let day = UnixMillis(1) + KEPT_FOR;
        let before = UnixMillis(day.0 - 1);
        pending.drop_finished(&sites, before);
        assert_eq!(next(&pending, &sites), "a");
        let mut late = pending.clone();
        late.drop_finished(&sites, day);
        assert!(late.is_empty(), "it was tried for a day");
        pending.on_sent(&site("a"), &event(1), true);
        pending.drop_finished(&sites, before);
        assert!(pending.is_empty());
    }

    #[test]
    fn silent_sites_hold_up_no_other_event() {
        let sites: Vec<SiteId> = (10..90).map(|n| site(&format!("s{n}"))).collect();
        let mut pending = PendingQuotaEvents::default();
        pending.enqueue(event(1));
        pending.enqueue(event(2));
        for _ in 0..sites.len() {
            for (site, sent) in pending.next(&sites) {
                pending.on_sent(&site, &sent, sent == event(2));
            }
        }
        pending.drop_finished(&sites, UnixMillis(3));
        let rest = pending.next(&sites);
        assert_eq!(rest.len(), SENT_AT_ONCE);
        assert!(rest.iter().all(|(_, sent)| *sent == event(1)));
    }

    #[test]
    fn oldest_events_are_dropped_beyond_the_limit() {
        let mut pending = PendingQuotaEvents::default();
        for at in 0..20 {
            pending.enqueue(event(at));
        }
        assert_eq!(pending.0.len(), MAX_PENDING);
        assert_eq!(pending.0[0].event.at, UnixMillis(4));
        let day = u64::try_from(KEPT_FOR.as_millis()).unwrap();
        pending.enqueue(event(day + 30));
        assert_eq!(pending.0.len(), 1);
    }
}
