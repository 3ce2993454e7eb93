//! Quotas that reach a level, on their way to the sites they matter to: `quota.warning` and `quota.full`.
//!
//! The Partner object counts, and stores one [`QuotaEvent`] in the same change. Its alarm passes it to every site; each Site
//! object decides by its own settings whether the quota is its own. A site that does not reply is asked again, for a day.

use super::quota::{Level, Quota};
use super::site_event::SiteEvent;
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::admin::SiteSettings;
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
        before: Level,
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
            Level::Fine => return None,
            Level::Warn => SiteEventType::QuotaWarning,
            Level::Full => SiteEventType::QuotaFull,
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

/// An event, and the sites that have not acknowledged it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct PendingQuotaEvent {
    event: QuotaEvent,
    /// Those that have failed are last.
    sites: Vec<SiteId>,
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

    /// Adds an event for these sites. Of the others, those older than [`KEPT_FOR`] and the oldest beyond [`MAX_PENDING`] are
    /// dropped.
    pub fn enqueue(&mut self, event: QuotaEvent, sites: Vec<SiteId>) {
        let now = event.at;
        self.0
            .retain(|pending| now.since(pending.event.at) < KEPT_FOR);
        let excess = (self.0.len() + 1).saturating_sub(MAX_PENDING);
        self.0.drain(..excess);
        if !sites.is_empty() {
            self.0.push(PendingQuotaEvent { event, sites });
        }
    }

    /// Whom to send what next: at most `limit` of them.
    pub fn next(&self, limit: usize) -> Vec<(SiteId, QuotaEvent)> {
        let pairs = self.0.iter().flat_map(|pending| {
            let sites = pending.sites.iter().cloned();
            sites.map(|site| (site, pending.event.clone()))
        });
        pairs.take(limit).collect()
    }

    /// A site has acknowledged an event, or has not replied and comes last.
    pub fn on_sent(
        &mut self,
        site: &SiteId,
        event: &QuotaEvent,
        acknowledged: bool,
        now: UnixMillis,
    ) {
        for pending in self.0.iter_mut().filter(|pending| pending.event == *event) {
            pending.sites.retain(|waiting| waiting != site);
            if !acknowledged {
                pending.sites.push(site.clone());
            }
        }
        self.0
            .retain(|pending| !pending.sites.is_empty() && now.since(pending.event.at) < KEPT_FOR);
    }
}

/// A quota that was full a day ago says little.
pub const KEPT_FOR: Duration = Duration::from_hours(24);
/// How many events may be pending.
pub const MAX_PENDING: usize = 16;
/// How many sites are asked before the object turns to other work.
pub const SENT_AT_ONCE: usize = 32;
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

    fn quota(used: u32, level: Level) -> Quota {
        Quota {
            used,
            limit: 10,
            level,
            free_at: (level == Level::Full).then_some(UnixMillis(99)),
        }
    }

    fn event(at: u64) -> QuotaEvent {
        QuotaEvent {
            owner: QuotaOwner::App(AppKey::parse("main").unwrap()),
            quota: quota(10, Level::Full),
            at: UnixMillis(at),
        }
    }

    #[test]
    fn event_is_sent_only_when_the_level_rises() {
        use Level::{Fine, Full, Warn};
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
            quota: quota(8, Level::Warn),
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

    #[test]
    fn site_without_a_reply_comes_last_and_is_asked_for_a_day() {
        let mut pending = PendingQuotaEvents::default();
        pending.enqueue(event(1), vec![]);
        assert!(pending.is_empty(), "there is no site to send it to");
        pending.enqueue(event(1), ["a", "b", "c"].map(site).to_vec());
        let next = |pending: &PendingQuotaEvents, limit| {
            let next = pending.next(limit).into_iter();
            next.map(|(site, _)| site.to_string()).collect::<String>()
        };
        assert_eq!(next(&pending, 2), "ab");
        pending.on_sent(&site("a"), &event(1), false, UnixMillis(2));
        pending.on_sent(&site("b"), &event(1), true, UnixMillis(2));
        assert_eq!(next(&pending, 9), "ca");
        pending.on_sent(&site("c"), &event(1), true, UnixMillis(2));
        let late = UnixMillis(1) + KEPT_FOR;
        pending.on_sent(&site("a"), &event(1), false, late);
        assert!(pending.is_empty(), "it was tried for a day");
    }

    #[test]
    fn oldest_events_are_dropped_beyond_the_limit() {
        let mut pending = PendingQuotaEvents::default();
        for at in 0..20 {
            pending.enqueue(event(at), vec![site("a")]);
        }
        assert_eq!(pending.0.len(), MAX_PENDING);
        assert_eq!(pending.0[0].event.at, UnixMillis(4));
        let day = u64::try_from(KEPT_FOR.as_millis()).unwrap();
        pending.enqueue(event(day + 30), vec![site("a")]);
        assert_eq!(pending.0.len(), 1);
    }
}
