//! What the objects say of themselves for the health of the deployment.

use super::partner::PartnerRecord;
use super::previous_secret::APP_SECRET;
use super::quota::Quota;
use super::site::SiteRecord;
use super::solution_state::SolutionUse;
use crate::crypto::{Keyring, Sealed};
use crate::time::UnixMillis;
use embark_protocol::backend::EndpointStatus;
use embark_protocol::{AppKey, SiteId};
use serde::{Deserialize, Serialize};

/// Of the Partner object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartnerHealth {
    /// When the cron trigger last asked which sites are to be woken. `None`: never, since this is kept.
    pub cron_ran_at: Option<UnixMillis>,
    /// How many copies KV has not acknowledged.
    pub unwritten_copies: usize,
    /// The apps.
    pub apps: Vec<AppHealth>,
    /// How many accounts wait to be assigned to a site.
    pub unclaimed: u64,
    /// Every site.
    pub sites: Vec<SiteId>,
}

/// Of an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppHealth {
    /// The app.
    pub key: AppKey,
    /// Whether its `app_secret` is stored.
    pub has_secret: bool,
    /// The secrets that none of the deployment's keys opens, by the keys that they are sealed under.
    pub unreadable_secrets: Vec<String>,
    /// The window of Meta's limit.
    pub quota: Quota,
}

/// Of a Site object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteHealth {
    /// How many copies KV has not acknowledged.
    pub unwritten_copies: usize,
    /// The secrets that none of the deployment's keys opens, by the keys that they are sealed under.
    pub unreadable_secrets: Vec<String>,
    /// The endpoint of its events. `None`: it has none.
    pub endpoint: Option<EndpointStatus>,
    /// Whether so many deliveries failed in succession that the endpoint is left alone for a while.
    pub is_unreachable: bool,
    /// The status of its partner solution, if signups are refused with it or are to end.
    pub solution: Option<String>,
}

impl PartnerRecord {
    /// What the record says of an app. `quota`: of the app.
    pub fn app_health(&self, key: &AppKey, quota: Quota, keyring: &Keyring) -> AppHealth {
        let prefix = ["sealed/app/", key.as_str(), "/"].concat();
        let secrets = || {
            let all = self.secrets.iter();
            all.filter(|(name, _)| name.starts_with(&prefix))
        };
        AppHealth {
            key: key.clone(),
            has_secret: secrets().any(|(name, _)| name.ends_with(&["/", APP_SECRET].concat())),
            unreadable_secrets: unreadable(secrets(), keyring),
            quota,
        }
    }
}

impl SiteRecord {
    /// What the record says of the site. `endpoint`: with the counts of its deliveries.
    pub fn health(
        &self,
        endpoint: Option<EndpointStatus>,
        now: UnixMillis,
        keyring: &Keyring,
    ) -> SiteHealth {
        let signing = self.endpoint.iter().flat_map(|endpoint| {
            let active = endpoint.active_secrets(now);
            active.map(|secret| (&secret.name, &secret.sealed))
        });
        let id = self
            .config
            .as_ref()
            .and_then(|config| config.solution_id.as_ref());
        let solution = self
            .solution
            .as_ref()
            .filter(|read| Some(&read.id) == id)
            .filter(|read| SolutionUse::of(&read.status) != SolutionUse::Works);
        SiteHealth {
            unwritten_copies: self.pending_copies.count_unwritten(),
            unreadable_secrets: unreadable(self.secrets.iter().chain(signing), keyring),
            is_unreachable: self
                .endpoint
                .as_ref()
                .is_some_and(|endpoint| endpoint.is_unreachable()),
            endpoint,
            solution: solution.map(|read| read.status.clone()),
        }
    }
}

/// The names of those that no key opens.
fn unreadable<'a>(
    secrets: impl Iterator<Item = (&'a String, &'a Sealed)>,
    keyring: &Keyring,
) -> Vec<String> {
    secrets
        .filter(|(name, sealed)| keyring.open(name, sealed).is_err())
        .map(|(name, _)| name.clone())
        .collect()
}
