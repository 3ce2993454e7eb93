//! The endpoint of a site: its address, its signing secrets, and whether it can be reached.

use super::schedule::LEASE;
use crate::crypto::Sealed;
use crate::providers::is_allowed_destination;
use crate::time::UnixMillis;
use core::fmt;
use core::time::Duration;
use embark_protocol::backend::{DisabledReason, EndpointStatus};
use serde::{Deserialize, Serialize};

/// The endpoint that a site's events are delivered to. Part of the Site object's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventEndpoint {
    /// Where events are posted to.
    pub url: String,
    /// When this address was set.
    #[serde(default)]
    pub set_at: UnixMillis,
    /// The secrets that deliveries are signed with, the newest first.
    pub secrets: Vec<StoredSigningSecret>,
    /// Deliveries that failed since the last one that succeeded.
    #[serde(default)]
    pub failures: u32,
    /// When the first of them failed. `None`: none did.
    #[serde(default)]
    pub failing_since: Option<UnixMillis>,
    /// When the next probe is due, while the endpoint counts as unreachable.
    #[serde(default)]
    pub probe_at: UnixMillis,
    /// Probes that failed since it became unreachable.
    #[serde(
        default,
        skip_serializing_if = "embark_protocol::serialization::is_default"
    )]
    pub failed_probes: u32,
    /// A probe was let go whose outcome is not known.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub is_probing: bool,
    /// Why it was switched off. `None`: it is on.
    #[serde(default)]
    pub disabled: Option<DisabledReason>,
}

/// A signing secret as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSigningSecret {
    /// The name that it is sealed under.
    pub name: String,
    /// The secret.
    pub sealed: Sealed,
    /// Until when deliveries are signed with it too. `None`: it is the newest.
    #[serde(default)]
    pub until: Option<UnixMillis>,
}

/// Where a delivery was sent to: the same address that was set again is another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointAddress {
    /// Where events are posted to.
    pub url: String,
    /// When this address was set.
    pub set_at: UnixMillis,
}

/// The address cannot be an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidEndpoint;

impl fmt::Display for InvalidEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "url: an https URL of a public host name, in lower case, without port, user name and fragment",
        )
    }
}

impl core::error::Error for InvalidEndpoint {}

impl EventEndpoint {
    /// An endpoint that was just set up.
    ///
    /// # Errors
    /// The address is not one that deliveries may go to.
    pub fn new(
        url: String,
        secret: StoredSigningSecret,
        now: UnixMillis,
    ) -> Result<Self, InvalidEndpoint> {
        if !is_allowed_destination(&url) {
            return Err(InvalidEndpoint);
        }
        Ok(Self {
            url,
            set_at: now,
            secrets: vec![secret],
            failures: 0,
            failing_since: None,
            probe_at: UnixMillis::default(),
            failed_probes: 0,
            is_probing: false,
            disabled: None,
        })
    }

    /// Takes another address, and switches the endpoint on.
    ///
    /// # Errors
    /// As [`new`](Self::new). Nothing is changed.
    pub fn set_url(&mut self, url: String, now: UnixMillis) -> Result<(), InvalidEndpoint> {
        if !is_allowed_destination(&url) {
            return Err(InvalidEndpoint);
        }
        self.url = url;
        self.set_at = now;
        self.disabled = None;
        self.on_success();
        Ok(())
    }

    /// Signs with this secret from now on, and for a day with the one before too. Older ones are dropped.
    pub fn rotate_secret(&mut self, secret: StoredSigningSecret, now: UnixMillis) {
        if self.secrets.first().map(|newest| &newest.name) == Some(&secret.name) {
            return;
        }
        self.secrets.truncate(1);
        for previous in &mut self.secrets {
            previous.until = Some(now + PREVIOUS_SECRET_FOR);
        }
        self.secrets.insert(0, secret);
    }

    /// What a delivery that is sent now is sent to.
    pub fn address(&self) -> EndpointAddress {
        EndpointAddress {
            url: self.url.clone(),
            set_at: self.set_at,
        }
    }

    /// Whether a delivery that was sent to this address says something of this endpoint.
    pub fn is_at(&self, address: &EndpointAddress) -> bool {
        self.url == address.url && self.set_at == address.set_at
    }

    /// The secrets that deliveries are signed with now.
    pub fn active_secrets(&self, now: UnixMillis) -> impl Iterator<Item = &StoredSigningSecret> {
        let is_active =
            move |secret: &&StoredSigningSecret| secret.until.is_none_or(|until| now < until);
        self.secrets.iter().filter(is_active)
    }

    /// How many more events may be set on their way to it now. `on_their_way`: how many are. `most`: how many may be, as long
    /// as it can be reached. If it cannot, there is one probe at a time: the caller takes it, and there is no other until
    /// the probe has an outcome, or its [`LEASE`] is over.
    pub fn admit(&mut self, now: UnixMillis, on_their_way: usize, most: usize) -> usize {
        if self.disabled.is_some() {
            0
        } else if !self.is_unreachable() {
            most.saturating_sub(on_their_way)
        } else if now < self.probe_at {
            0
        } else {
            self.probe_at = now + LEASE;
            self.is_probing = true;
            1
        }
    }

    /// Whether an event may be sent to it that was handed to the queue with this ticket: the endpoint may have become
    /// unreachable since. `until`: when the attempt is over at the latest. Of an endpoint that cannot be reached only
    /// the probe is.
    pub fn permits(&mut self, ticket: UnixMillis, until: UnixMillis) -> bool {
        if self.disabled.is_some() {
            return false;
        }
        if !self.is_unreachable() {
            return true;
        }
        let is_probe = self.probe_at == ticket;
        if is_probe {
            self.probe_at = until;
        }
        is_probe
    }

    /// Whether it counts as unreachable.
    pub const fn is_unreachable(&self) -> bool {
        self.failures >= UNREACHABLE_FROM
    }

    /// When events may be sent to it, if not now. `None`: now, or never.
    pub fn waits_until(&self, now: UnixMillis) -> Option<UnixMillis> {
        let is_waiting = self.disabled.is_none() && self.is_unreachable() && now < self.probe_at;
        is_waiting.then_some(self.probe_at)
    }

    /// A delivery succeeded.
    pub fn on_success(&mut self) {
        self.failures = 0;
        self.failing_since = None;
        self.failed_probes = 0;
        self.is_probing = false;
        self.probe_at = UnixMillis::default();
    }

    /// A delivery failed. Returns whether this has switched the endpoint off. Several that were on their way when it became
    /// unreachable make the next probe no later: only a probe that fails does.
    pub fn on_failure(&mut self, now: UnixMillis) -> bool {
        self.failures = self.failures.saturating_add(1);
        let since = *self.failing_since.get_or_insert(now);
        let is_probe = core::mem::take(&mut self.is_probing);
        if is_probe {
            self.failed_probes = self.failed_probes.saturating_add(1);
        }
        if is_probe || self.failures == UNREACHABLE_FROM {
            let probes = self.failed_probes.min(6);
            let probe_at = now + (FIRST_PROBE * (1 << probes)).min(LAST_PROBE);
            // By a clock that was put back it is no sooner.
            self.probe_at = probe_at.max(self.probe_at);
        }
        let is_failing = now.since(since) >= DISABLED_AFTER && self.failures >= DISABLED_FROM;
        is_failing && self.disable(DisabledReason::Failing)
    }

    /// Switches it off. Returns whether it was on.
    pub fn disable(&mut self, reason: DisabledReason) -> bool {
        let was_on = self.disabled.is_none();
        self.disabled.get_or_insert(reason);
        was_on
    }

    /// As it is shown. `pending`, `dead`: how many deliveries are in these states.
    pub fn status(&self, pending: u64, dead: u64, now: UnixMillis) -> EndpointStatus {
        let secrets = self.active_secrets(now).count();
        EndpointStatus {
            url: self.url.clone(),
            secrets: u32::try_from(secrets).unwrap_or(u32::MAX),
            failures: self.failures,
            failing_since: self.failing_since.map(|at| at.0),
            disabled: self.disabled,
            pending,
            dead,
        }
    }
}

/// Consecutive failures from which on the endpoint counts as unreachable.
pub const UNREACHABLE_FROM: u32 = 5;
const FIRST_PROBE: Duration = Duration::from_mins(1);
const LAST_PROBE: Duration = Duration::from_hours(1);
/// Two failures of a quiet site, days apart, say little.
const DISABLED_FROM: u32 = 10;
const DISABLED_AFTER: Duration = Duration::from_hours(5 * 24);
const PREVIOUS_SECRET_FOR: Duration = Duration::from_hours(24);

#[cfg(test)]
#[path = "endpoint_tests.rs"]
mod tests;
