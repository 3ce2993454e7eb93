//! The stored record of an account, and the events that it has for the sites that own it.

use super::signups::{ConnectedSignup, HostedCustomer, NameApproval, PendingAccountUpdate};
use crate::crypto::Sealed;
use crate::meta::webhook::TrafficCounts;
use crate::resources::key_rotation::SealedContents;
use crate::resources::kv_copies::{HasPendingCopies, PendingCopies};
use crate::resources::site_event::SiteEvent;
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::site_events::SiteEventType;
use embark_protocol::{AppKey, PhoneNumberId, SignupId, SiteId, WabaId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WabaRecord {
    /// The account. `None`: nothing was stored since objects keep it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<WabaId>,
    /// The sites that connected the account, which receive its events.
    pub owners: Vec<SiteId>,
    /// One token per app and site: an account may be shared with several apps of a partner, and connected by several
    /// of its sites.
    pub tokens: Vec<TokenOfRecord>,
    /// The partner solutions that the customer came by, sorted.
    pub solutions: Vec<String>,
    /// Events that the owning sites have not acknowledged.
    #[serde(rename = "owed")]
    pub outbox: Vec<SiteEvent>,
    /// Copies in KV that are not confirmed.
    #[serde(rename = "copies", skip_serializing_if = "PendingCopies::is_empty")]
    pub pending_copies: PendingCopies,
    /// Messages and the like of the last days, by the days since 1970.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub traffic: BTreeMap<u64, TrafficCounts>,
    /// Until when the Partner object lists the account as unclaimed. `None`: it does not.
    #[serde(rename = "listed", skip_serializing_if = "Option::is_none")]
    pub listed_until: Option<UnixMillis>,
    /// The signups that connected the account, each number's last one of a site.
    #[serde(rename = "runs", skip_serializing_if = "Vec::is_empty")]
    pub signups: Vec<ConnectedSignup>,
    /// The sites that numbers of the account were transferred to.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub transferred: BTreeMap<PhoneNumberId, SiteId>,
    /// Updates that these have not acknowledged.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub account_updates: Vec<PendingAccountUpdate>,
    /// The number of the pending event where the last pass of deliveries ended before the list did. 0: the next one begins with
    /// the first. Stored, as the object may be evicted before the next pass.
    #[serde(skip_serializing_if = "embark_protocol::serialization::is_default")]
    pub delivered_to: i64,
    /// A customer who came while nobody owned the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hosted: Option<HostedCustomer>,
    /// Approved display names of numbers that are to be registered again.
    #[serde(rename = "names", skip_serializing_if = "Vec::is_empty")]
    pub name_approvals: Vec<NameApproval>,
}

/// The business token of an app for the account, as a site's customer granted it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenOfRecord {
    /// The app.
    pub app: AppKey,
    /// The site that it was granted through. `None`: stored before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<SiteId>,
    /// Permissions that it has; it may have more. Empty: stored before this was kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// The token, sealed under [`token_name`].
    pub token: Sealed,
    /// When it expires, in Unix seconds. `None` or 0: never.
    pub expires_at: Option<u64>,
    /// The signup that it came with.
    #[serde(rename = "run")]
    pub signup: SignupId,
    /// Meta's id, for the app, of who granted it. `None`: not known.
    #[serde(rename = "user", default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// When Meta issued it. Of two tokens of a site the newer one is kept, whichever is claimed last.
    #[serde(rename = "issued", default)]
    pub issued_at: UnixMillis,
    /// Whether it replaced another token of the site when it was claimed.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub is_renewal: bool,
    /// When Meta refused it, or said that the app has no access any more. `None`: not known to be refused.
    #[serde(rename = "refused", default, skip_serializing_if = "Option::is_none")]
    pub refused_at: Option<UnixMillis>,
    /// How many notices of its expiry were enqueued: 0, 1 or 2.
    #[serde(rename = "noticed", default)]
    pub notices_sent: usize,
}

/// The name that a business token is sealed under, in the Waba object and in KV, where it is also the key.
pub fn token_name(app: &AppKey, waba: &WabaId) -> String {
    ["token/", app.as_str(), "/", waba.as_str()].concat()
}

impl HasPendingCopies for WabaRecord {
    fn pending_copies(&self) -> &PendingCopies {
        &self.pending_copies
    }

    fn pending_copies_mut(&mut self) -> &mut PendingCopies {
        &mut self.pending_copies
    }
}

impl SealedContents for WabaRecord {
    fn visit_sealed(&mut self, object: &str, visit: &mut dyn FnMut(&str, &mut Sealed)) {
        for token in &mut self.tokens {
            let name = ["token/", token.app.as_str(), "/", object].concat();
            visit(&name, &mut token.token);
        }
    }
}

impl WabaRecord {
    /// The token of an app that KV has: of those of all sites that are valid, else of all, the one with the most
    /// permissions, and of these the newest.
    pub fn token_of(&self, app: &AppKey, now: UnixMillis) -> Option<&TokenOfRecord> {
        let tokens = self.tokens.iter().filter(|token| token.app == *app);
        tokens.max_by_key(|token| (token.is_valid(now), token.scopes.len(), token.issued_at))
    }

    /// The token of an app that came through a site, if the site owns the account. One that was stored without its site counts for
    /// each owner.
    pub fn token_of_site(&self, app: &AppKey, site: &SiteId) -> Option<&TokenOfRecord> {
        let is_owner = self.owners.contains(site);
        let of_site = |token: &&TokenOfRecord| {
            is_owner && token.site.as_ref().is_none_or(|other| other == site)
        };
        let tokens = self.tokens.iter().filter(|token| token.app == *app);
        tokens.filter(of_site).max_by_key(|token| token.issued_at)
    }

    /// Makes a site an owner, if it is not one.
    pub(super) fn add_owner(&mut self, site: SiteId) {
        if !self.owners.contains(&site) {
            self.owners.push(site);
        }
    }

    /// Enqueues an event for every owning site that does not have it yet.
    pub(super) fn enqueue_event(
        &mut self,
        waba: &WabaId,
        event_type: SiteEventType,
        id: &str,
        at: UnixMillis,
    ) {
        for site in self.owners.clone() {
            self.enqueue_event_of(&site, waba, event_type, id, at);
        }
    }

    /// Enqueues an event for one site, unless it is there.
    pub(super) fn enqueue_event_of(
        &mut self,
        site: &SiteId,
        waba: &WabaId,
        event_type: SiteEventType,
        id: &str,
        at: UnixMillis,
    ) {
        let is_same = |event: &SiteEvent| event.id == id && event.site == *site;
        if !self.outbox.iter().any(is_same) {
            self.outbox.push(SiteEvent {
                waba: Some(waba.clone()),
                ..SiteEvent::new(id.to_owned(), site.clone(), event_type, at)
            });
        }
    }

    /// Enqueues an event about a token: for the site that it came through, for every owner if that is not known.
    pub(super) fn enqueue_token_event(
        &mut self,
        site: Option<SiteId>,
        app: &AppKey,
        waba: &WabaId,
        event_type: SiteEventType,
        id: &str,
        at: UnixMillis,
    ) {
        match site {
            Some(site) => self.enqueue_event_of(&site, waba, event_type, id, at),
            None => self.enqueue_event(waba, event_type, id, at),
        }
        for event in self.outbox.iter_mut().filter(|event| event.id == id) {
            event.renewable_app = Some(app.clone());
        }
    }

    /// Enqueues the events `token.expiring` that are due: 14 and 3 days before a token expires.
    pub fn enqueue_expiry_notices(&mut self, id: &WabaId, now: UnixMillis) {
        let mut due = Vec::new();
        for token in &mut self.tokens {
            while token.next_notice_at().is_some_and(|at| now >= at) {
                token.notices_sent += 1;
                let number = token.notices_sent.to_string();
                let event_id = [token.signup.as_str(), "/expiring/", &number].concat();
                due.push((token.site.clone(), token.app.clone(), event_id));
            }
        }
        for (site, app, event_id) in due {
            self.enqueue_token_event(site, &app, id, SiteEventType::TokenExpiring, &event_id, now);
        }
    }

    /// When the object must run again: at the next notice, or soon while an event is not acknowledged. `None`: not by
    /// itself.
    pub fn next_wake_at(&self, now: UnixMillis) -> Option<UnixMillis> {
        let notices = self.tokens.iter().filter_map(TokenOfRecord::next_notice_at);
        let resend = (!self.outbox.is_empty()).then_some(now + RESEND_AFTER);
        let copies = self.pending_copies.next_wake_at(now);
        let unlist = self.unlisting_due().then_some(now + RESEND_AFTER);
        let updates = self
            .next_account_update_at()
            .into_iter()
            .chain(self.next_hosted_at());
        let others = resend
            .into_iter()
            .chain(copies)
            .chain(unlist)
            .chain(updates);
        notices.chain(others).min()
    }
}

impl TokenOfRecord {
    /// Whether it lacks a permission that the other one is known to have.
    pub(super) fn has_fewer_scopes_than(&self, other: &Self) -> bool {
        let lacks = |scope: &String| !self.scopes.contains(scope);
        other.scopes.iter().any(lacks)
    }

    /// Whether it has neither expired nor been refused.
    pub(super) fn is_valid(&self, now: UnixMillis) -> bool {
        let expires_at = self.expires_at.filter(|seconds| *seconds > 0);
        let has_expired = expires_at.is_some_and(|seconds| now >= UnixMillis::from_secs(seconds));
        !has_expired && self.refused_at.is_none()
    }

    /// `None`: every notice was enqueued, or the token does not expire.
    fn next_notice_at(&self) -> Option<UnixMillis> {
        let expires_at = self.expires_at.filter(|seconds| *seconds > 0)?;
        // Of a refused one there was an event.
        if self.refused_at.is_some() {
            return None;
        }
        let before = EXPIRY_NOTICES.get(self.notices_sent)?;
        Some(UnixMillis::from_secs(expires_at).before(*before))
    }
}

/// How long before its expiry a token's notices are sent.
const EXPIRY_NOTICES: &[Duration] = &[Duration::from_hours(14 * 24), Duration::from_hours(3 * 24)];
/// How long after an event that was not acknowledged the outbox is sent again.
pub const RESEND_AFTER: Duration = Duration::from_mins(1);
