//! What the records of objects say for the health of the deployment.

use super::health::{AppHealth, SiteHealth};
use super::partner::PartnerRecord;
use super::previous_secret::APP_SECRET;
use super::quota::Quota;
use super::site::SiteRecord;
use super::solution_state::SolutionUse;
use crate::crypto::{Keyring, Sealed};
use crate::time::UnixMillis;
use embark_protocol::AppKey;
use embark_protocol::backend::EndpointStatus;

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
