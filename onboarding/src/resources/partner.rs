//! The partner: its Meta apps, which sites have open signups, how many new businesses each app onboarded, and what
//! operators did. Page views do not ask the object: they read the copies in KV.

use crate::crypto::Sealed;
use crate::meta::graph_version::is_graph_version;
use crate::resources::key_rotation::{KeyRotation, ResealCount, SealedContents, reseal};
use crate::resources::kv_copies::{HasPendingCopies, PendingCopies};
use crate::resources::operators::Operators;
use crate::resources::previous_secret::{
    APP_SECRET, PREVIOUS_SECRET_KEPT, PreviousSecret, previous_secret_key,
};
use crate::resources::quota_events::PendingQuotaEvents;
use crate::resources::secret_times::SecretTimes;
use crate::resources::settings_version::SettingsVersion;
use crate::resources::site_identity::{SHOWN_NAME, is_shown_name};
use crate::settings_error::SettingsErrors;
use crate::time::UnixMillis;
use crate::workflow::Context;
use embark_protocol::admin::AppSettings;
use embark_protocol::{AppKey, SiteId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub use crate::resources::partner_messages::{PartnerReply, PartnerRequest};

/// The stored record. Businesses and audit entries are rows of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PartnerRecord {
    /// The Meta apps, each key once.
    pub apps: Vec<AppSettings>,
    /// The sites with open signups, sorted.
    #[serde(rename = "open")]
    pub open_sites: Vec<SiteId>,
    /// The sites that were ever put by an operator, sorted. Those that only an earlier version put are missing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<SiteId>,
    /// The sites that take hosted signups, each with its app.
    #[serde(rename = "hosted", skip_serializing_if = "BTreeMap::is_empty")]
    pub hosted_sites: BTreeMap<SiteId, AppKey>,
    /// The last site that [`next_open_sites`](Self::next_open_sites) returned. `None`: it begins with the first.
    pub cursor: Option<SiteId>,
    /// When the cron trigger last asked which sites are to be woken. `None`: never, since this is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cron_ran_at: Option<UnixMillis>,
    /// The secrets of the apps, each by the key that it is sealed under. KV has copies.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, Sealed>,
    /// When each of them was last put, by the same key. One that was put before this was kept is missing.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub secret_set_at: BTreeMap<String, UnixMillis>,
    /// The `app_secret` of each app before its last change, by the key that it is sealed under.
    #[serde(rename = "previous", skip_serializing_if = "BTreeMap::is_empty")]
    pub previous_secrets: BTreeMap<String, PreviousSecret>,
    /// The operators, besides whoever has the deployment's own token.
    #[serde(skip_serializing_if = "Operators::is_empty")]
    pub operators: Operators,
    /// Quotas that have reached a level.
    #[serde(skip_serializing_if = "PendingQuotaEvents::is_empty")]
    pub quota_events: PendingQuotaEvents,
    /// The last rotation of the sealing keys. `None`: there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotation: Option<KeyRotation>,
    /// Copies in KV that are not confirmed.
    #[serde(rename = "copies", skip_serializing_if = "PendingCopies::is_empty")]
    pub pending_copies: PendingCopies,
}

impl HasPendingCopies for PartnerRecord {
    fn pending_copies(&self) -> &PendingCopies {
        &self.pending_copies
    }

    fn pending_copies_mut(&mut self) -> &mut PendingCopies {
        &mut self.pending_copies
    }
}

impl SealedContents for PartnerRecord {
    fn visit_sealed(&mut self, _: &str, visit: &mut dyn FnMut(&str, &mut Sealed)) {
        for (key, secret) in &mut self.secrets {
            visit(key, secret);
        }
        for (key, previous) in &mut self.previous_secrets {
            visit(key, &mut previous.secret);
        }
    }
}

impl PartnerRecord {
    /// Seals with the newest key what older ones sealed, and enqueues the copies in KV.
    pub fn reseal(&mut self, cx: &Context<'_>) -> ResealCount {
        self.drop_outdated_secrets(cx.now);
        let (secrets, previous) = (self.secrets.clone(), self.previous_secrets.clone());
        let count = reseal(self, "", cx);
        let is_new = |(key, secret): &(&String, &Sealed)| secrets.get(*key) != Some(*secret);
        for (key, secret) in self.secrets.iter().filter(is_new) {
            let copy = secret.as_str().to_owned();
            self.pending_copies.enqueue(key.clone(), copy);
        }
        let is_new =
            |(key, secret): &(&String, &PreviousSecret)| previous.get(*key) != Some(*secret);
        for (key, secret) in self.previous_secrets.iter().filter(is_new) {
            self.pending_copies
                .enqueue(previous_secret_key(key), secret.to_copy());
        }
        count
    }

    /// Enqueues the copy in KV of every secret.
    pub fn enqueue_secrets(&mut self) {
        for (key, secret) in &self.secrets {
            let copy = secret.as_str().to_owned();
            self.pending_copies.enqueue(key.clone(), copy);
        }
        for (key, secret) in &self.previous_secrets {
            self.pending_copies
                .enqueue(previous_secret_key(key), secret.to_copy());
        }
    }

    /// Whether a backup may replace the record: nobody has set anything up.
    pub fn is_unused(&self) -> bool {
        self.apps.is_empty()
            && self.sites.is_empty()
            && self.secrets.is_empty()
            && self.operators.is_empty()
    }

    /// The settings of an app. `None`: there is no such app.
    pub fn app(&self, key: &AppKey) -> Option<&AppSettings> {
        self.apps.iter().find(|app| app.key == *key)
    }

    /// Stores the settings of an app as [`put_app`](Self::put_app), if they replace those of this version.
    pub fn put_app_if(&mut self, app: AppSettings, expected: &SettingsVersion) -> PartnerReply {
        if *expected == SettingsVersion::of(self.app(&app.key)) {
            self.put_app(app)
        } else {
            PartnerReply::Changed
        }
    }

    /// Stores the settings of an app, if they are valid.
    pub fn put_app(&mut self, app: AppSettings) -> PartnerReply {
        let mut errors = SettingsErrors::default();
        let has_version = is_graph_version(&app.graph_version);
        errors.require(has_version, "graph_version", "like v25.0");
        let name = app.partner_name.as_deref();
        let is_name_shown = name.is_none_or(is_shown_name);
        errors.require(is_name_shown, "partner_name", SHOWN_NAME);
        if let Err(errors) = errors.into_result() {
            return PartnerReply::Invalid {
                detail: errors.to_string(),
                errors: errors.to_field_errors(),
            };
        }
        self.apps.retain(|other| other.key != app.key);
        self.apps.push(app.clone());
        PartnerReply::App { app: Some(app) }
    }

    /// Stores a secret, and enqueues its copy in KV.
    pub fn put_secret(&mut self, key: String, secret: Sealed, now: UnixMillis) {
        self.secret_set_at.insert(key.clone(), now);
        self.pending_copies
            .enqueue(key.clone(), secret.as_str().to_owned());
        self.secrets.insert(key, secret);
    }

    /// When each of these secrets was last put; those that are not stored are left out. The time is `None` if it is not known.
    pub fn secret_times(&self, keys: &[String]) -> SecretTimes {
        let stored = keys.iter().filter(|key| self.secrets.contains_key(*key));
        stored
            .map(|key| (key.clone(), self.secret_set_at.get(key).copied()))
            .collect()
    }

    /// Keeps the `app_secret` of this key for [`PREVIOUS_SECRET_KEPT`], as another one is about to replace it: Meta may have
    /// signed webhooks with it. Nothing of other secrets.
    pub fn keep_previous_secret(&mut self, key: &str, now: UnixMillis) {
        self.drop_outdated_secrets(now);
        let is_app_secret = key.rsplit('/').next() == Some(APP_SECRET);
        if let Some(replaced) = self.secrets.get(key).filter(|_| is_app_secret) {
            let previous = PreviousSecret {
                secret: replaced.clone(),
                until: now + PREVIOUS_SECRET_KEPT,
            };
            self.pending_copies
                .enqueue(previous_secret_key(key), previous.to_copy());
            self.previous_secrets.insert(key.to_owned(), previous);
        }
    }

    /// Drops replaced secrets that do not count any more, with their copies in KV.
    fn drop_outdated_secrets(&mut self, now: UnixMillis) {
        let copies = &mut self.pending_copies;
        self.previous_secrets.retain(|key, previous| {
            let counts = now < previous.until;
            if !counts {
                copies.enqueue_deletion(previous_secret_key(key));
            }
            counts
        });
    }

    /// The settings of an app, and those of the secrets that are stored.
    pub fn credentials(&self, key: &AppKey, secrets: &[String]) -> PartnerReply {
        let stored = secrets
            .iter()
            .filter_map(|key| self.secrets.get_key_value(key));
        let previous = secrets
            .iter()
            .filter_map(|key| self.previous_secrets.get_key_value(key));
        PartnerReply::Credentials {
            app: self.app(key).cloned(),
            secrets: stored
                .map(|(key, secret)| (key.clone(), secret.clone()))
                .collect(),
            previous: previous
                .map(|(key, secret)| (key.clone(), secret.clone()))
                .collect(),
        }
    }
}

pub use crate::resources::unclaimed::UNCLAIMED_PER_APP;

#[cfg(test)]
#[path = "partner_tests.rs"]
mod tests;
