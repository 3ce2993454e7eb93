//! The stored record of an account, and the events that it has for the sites that own it.

use crate::crypto::Sealed;
use crate::resources::site_event::SiteEvent;
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::{AppKey, SignupId, SiteId, WabaId};
use serde::{Deserialize, Serialize};

/// One account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WabaRecord {
    /// The sites that connected the account, which receive its events.
    pub owners: Vec<SiteId>,
    /// One token per app: an account may be shared with several apps of a partner.
    pub tokens: Vec<TokenOfRecord>,
    /// The partner solutions that the customer came by, sorted.
    pub solutions: Vec<String>,
    /// Events that the owning sites have not acknowledged.
    #[serde(rename = "owed")]
    pub outbox: Vec<SiteEvent>,
}

/// The newest business token of an app for the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenOfRecord {
    /// The app.
    pub app: AppKey,
    /// The token, sealed under [`token_name`].
    pub token: Sealed,
    /// When it expires, in Unix seconds. `None` or 0: never.
    pub expires_at: Option<u64>,
    /// The signup that it came with.
    #[serde(rename = "run")]
    pub signup: SignupId,
    /// When Meta issued it. Of two tokens the newer one is kept, whichever is claimed last.
    #[serde(rename = "issued", default)]
    pub issued_at: UnixMillis,
    /// How many notices of its expiry were enqueued: 0, 1 or 2.
    #[serde(rename = "noticed", default)]
    pub notices_sent: usize,
}

/// The name that a business token is sealed under, in the Waba object and in KV, where it is also the key.
pub fn token_name(app: &AppKey, waba: &WabaId) -> String {
    ["token/", app.as_str(), "/", waba.as_str()].concat()
}

impl WabaRecord {
    /// The token of record of an app.
    pub(super) fn token_of(&self, app: &AppKey) -> Option<&TokenOfRecord> {
        self.tokens.iter().find(|token| token.app == *app)
    }

    /// Makes a site an owner, if it is not one.
    pub(super) fn add_owner(&mut self, site: SiteId) {
        if !self.owners.contains(&site) {
            self.owners.push(site);
        }
    }

    /// Enqueues an event for every owning site that does not have it yet.
    pub(super) fn enqueue_event(&mut self, waba: &WabaId, name: &str, id: &str, at: UnixMillis) {
        for site in &self.owners {
            let is_same = |event: &SiteEvent| event.id == id && event.site == *site;
            if !self.outbox.iter().any(is_same) {
                self.outbox.push(SiteEvent {
                    id: id.to_owned(),
                    site: site.clone(),
                    name: name.to_owned(),
                    waba: Some(waba.clone()),
                    at,
                    problem: None,
                });
            }
        }
    }

    /// Enqueues the events `token.expiring` that are due: 14 and 3 days before a token expires.
    pub fn enqueue_expiry_notices(&mut self, id: &WabaId, now: UnixMillis) {
        let mut due = Vec::new();
        for token in &mut self.tokens {
            while token.next_notice_at().is_some_and(|at| now >= at) {
                token.notices_sent += 1;
                let number = token.notices_sent.to_string();
                due.push([token.signup.as_str(), "/expiring/", &number].concat());
            }
        }
        for event_id in due {
            self.enqueue_event(id, "token.expiring", &event_id, now);
        }
    }

    /// When the object must run again: at the next notice, or soon while an event is not acknowledged. `None`: not by
    /// itself.
    pub fn next_wake_at(&self, now: UnixMillis) -> Option<UnixMillis> {
        let notices = self.tokens.iter().filter_map(TokenOfRecord::next_notice_at);
        let resend = (!self.outbox.is_empty()).then_some(now + RESEND_AFTER);
        notices.chain(resend).min()
    }
}

impl TokenOfRecord {
    /// `None`: every notice was enqueued, or the token does not expire.
    fn next_notice_at(&self) -> Option<UnixMillis> {
        let expires_at = self.expires_at.filter(|seconds| *seconds > 0)?;
        let before = EXPIRY_NOTICES.get(self.notices_sent)?;
        Some(UnixMillis::from_secs(expires_at).before(*before))
    }
}

/// How long before its expiry a token's notices are sent.
const EXPIRY_NOTICES: &[Duration] = &[Duration::from_hours(14 * 24), Duration::from_hours(3 * 24)];
/// How long after an event that was not acknowledged the outbox is sent again.
const RESEND_AFTER: Duration = Duration::from_mins(1);
