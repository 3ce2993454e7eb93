//! The partner: its Meta apps, which sites have open signups, how many new businesses each app onboarded, and what
//! operators did. Page views do not ask the object: they read the copies in KV.

use crate::crypto::Sealed;
use crate::meta::graph_version::is_graph_version;
use crate::resources::deadlines;
use crate::resources::kv_copies::{HasPendingCopies, PendingCopies};
use crate::resources::operators::{Operators, OperatorsReply, OperatorsRequest};
use crate::resources::previous_secret::{
    APP_SECRET, PREVIOUS_SECRET_KEPT, PreviousSecret, previous_secret_key,
};
use crate::resources::quota::{ConnectedBusiness, Quota};
use crate::resources::quota_events::PendingQuotaEvents;
use crate::resources::rpc::{ObjectRequest, Singleton};
use crate::resources::settings_version::SettingsVersion;
use crate::resources::site_identity::{SHOWN_NAME, is_shown_name};
use crate::settings_error::SettingsErrors;
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::admin::{AppSettings, UnclaimedAccount};
use embark_protocol::{AppKey, FieldError, SiteId, SolutionId, WabaId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// The `app_secret` of each app before its last change, by the key that it is sealed under.
    #[serde(rename = "previous", skip_serializing_if = "BTreeMap::is_empty")]
    pub previous_secrets: BTreeMap<String, PreviousSecret>,
    /// The operators, besides whoever has the deployment's own token.
    #[serde(skip_serializing_if = "Operators::is_empty")]
    pub operators: Operators,
    /// Quotas that have reached a level.
    #[serde(skip_serializing_if = "PendingQuotaEvents::is_empty")]
    pub quota_events: PendingQuotaEvents,
    /// Copies in KV that are not confirmed.
    #[serde(rename = "copies", skip_serializing_if = "PendingCopies::is_empty")]
    pub pending_copies: PendingCopies,
}

/// A request to the Partner object.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartnerRequest {
    /// Stores the settings of an app.
    PutApp {
        /// The settings.
        app: AppSettings,
        /// The version of those that they replace: of others they are refused. `None`: whatever is stored.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        expected: Option<SettingsVersion>,
    },
    /// Stores a secret of an app. The `app_secret` that it replaces is kept for a day.
    PutSecret {
        /// The key that it is sealed under.
        key: String,
        /// The secret.
        secret: Sealed,
    },
    /// Reads the settings of an app, and secrets of it.
    Credentials {
        /// The app.
        key: AppKey,
        /// The keys that the secrets are sealed under.
        secrets: Vec<String>,
    },
    /// Reads the settings of an app.
    GetApp {
        /// The app.
        key: AppKey,
    },
    /// Lists the apps.
    Apps,
    /// Stores whether a site has open signups.
    #[serde(rename = "site_open")]
    SetSiteOpen {
        /// The site.
        site: SiteId,
        /// Whether it has.
        open: bool,
    },
    /// Stores that a site exists.
    AddSite {
        /// The site.
        site: SiteId,
        /// The app whose hosted signups it takes. `None`: none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hosted_app: Option<AppKey>,
    },
    /// Reads which site takes the hosted signups of an app.
    HostedSite {
        /// The app.
        app: AppKey,
    },
    /// Lists the sites that exist.
    Sites,
    /// Asks whether the app takes no new businesses: its quota blocks signups, and is full or that of the partner solution
    /// is.
    IsFull {
        /// The app.
        key: AppKey,
        /// The partner solution of the site. `None`: it has none, or a version before this field asks.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        solution: Option<String>,
    },
    /// Returns the next sites with open signups, which are to be woken.
    #[serde(rename = "next_open")]
    NextOpenSites {
        /// How many at most.
        limit: usize,
    },
    /// A customer business connected; as far as the sender knows, for the first time.
    #[serde(rename = "connected")]
    BusinessConnected(ConnectedBusiness),
    /// Measures the quota of an app.
    Quota {
        /// The app.
        key: AppKey,
    },
    /// Measures the quota of a partner solution.
    SolutionQuota {
        /// The solution.
        solution: SolutionId,
    },
    /// Lists an account that nobody owns, of which a webhook of an app was received.
    ListUnclaimed {
        /// The account.
        waba: WabaId,
        /// The app.
        app: AppKey,
        /// When the webhook was received.
        at: UnixMillis,
        /// Until when it is listed.
        until: UnixMillis,
    },
    /// An account that was listed has an owner.
    Claimed {
        /// The account.
        waba: WabaId,
    },
    /// Reads the accounts that nobody owns.
    Unclaimed {
        /// When they are read.
        at: UnixMillis,
    },
    /// Lists several accounts that nobody owns.
    ListAllUnclaimed(crate::resources::unclaimed::UnclaimedAccounts),
    /// What the object says of itself.
    Health,
    /// Of the people who granted tokens.
    Users(crate::resources::users::UsersRequest),
    /// Of operators.
    Operators(OperatorsRequest),
}

impl ObjectRequest for PartnerRequest {
    type Reply = PartnerReply;
    type Name = Singleton;
    const BINDING: &'static str = "PARTNER";
    const DEADLINE: Duration = deadlines::PARTNER;
}

/// A reply of the Partner object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartnerReply {
    /// To [`PartnerRequest::PutApp`] and [`PartnerRequest::GetApp`].
    App {
        /// `None`: there is no such app.
        app: Option<AppSettings>,
    },
    /// To [`PartnerRequest::Apps`].
    Apps {
        /// The apps, in the order in which they were put.
        apps: Vec<AppSettings>,
    },
    /// To [`PartnerRequest::NextOpenSites`] and [`PartnerRequest::Sites`].
    Sites {
        /// The sites.
        sites: Vec<SiteId>,
    },
    /// To [`PartnerRequest::Quota`] and [`PartnerRequest::SolutionQuota`].
    Quota {
        /// The state of the window.
        quota: Quota,
    },
    /// To [`PartnerRequest::PutSecret`], and to [`PartnerRequest::PutApp`] from the object: stored.
    Stored {
        /// KV has acknowledged its copy. If not, the object repeats the put.
        copied: bool,
    },
    /// To [`PartnerRequest::Credentials`].
    Credentials {
        /// `None`: there is no such app.
        app: Option<AppSettings>,
        /// By their key. One that is missing was not put, or before secrets were stored here.
        secrets: BTreeMap<String, Sealed>,
        /// Of those, the ones that a secret has replaced and that still count.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        previous: BTreeMap<String, PreviousSecret>,
    },
    /// To [`PartnerRequest::ListUnclaimed`].
    Listed {
        /// `false`: the app has as many accounts in the list as it may have.
        listed: bool,
    },
    /// To [`PartnerRequest::ListAllUnclaimed`]: those that are listed now.
    ListedAll(Vec<WabaId>),
    /// To [`PartnerRequest::Unclaimed`].
    Unclaimed {
        /// The accounts, the one that Meta named last first; at most [`UNCLAIMED_SHOWN`].
        accounts: Vec<UnclaimedAccount>,
    },
    /// To [`PartnerRequest::HostedSite`].
    HostedSite {
        /// `None`: none does, or several do.
        site: Option<SiteId>,
    },
    /// To [`PartnerRequest::IsFull`].
    IsFull {
        /// Whether it takes none.
        full: bool,
    },
    /// To [`PartnerRequest::Health`].
    Health(Box<crate::resources::health::PartnerHealth>),
    /// To [`PartnerRequest::Users`], but for grants and callbacks, which are [accepted](Self::Accepted).
    Users(crate::resources::users::UsersReply),
    /// To [`PartnerRequest::Operators`].
    Operators(OperatorsReply),
    /// To the other requests: done.
    #[serde(rename = "noted")]
    Accepted,
    /// To [`PartnerRequest::PutApp`]: others are stored than it replaces.
    Changed,
    /// The settings are not valid, and were not stored.
    Invalid {
        /// The fields and what is wrong with them.
        detail: String,
        /// The same, one by one.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        errors: Vec<FieldError>,
    },
}

impl HasPendingCopies for PartnerRecord {
    fn pending_copies(&self) -> &PendingCopies {
        &self.pending_copies
    }

    fn pending_copies_mut(&mut self) -> &mut PendingCopies {
        &mut self.pending_copies
    }
}

impl PartnerRecord {
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
    pub fn put_secret(&mut self, key: String, secret: Sealed) {
        self.pending_copies
            .enqueue(key.clone(), secret.as_str().to_owned());
        self.secrets.insert(key, secret);
    }

    /// Keeps the `app_secret` of this key for [`PREVIOUS_SECRET_KEPT`], as another one is about to replace it: Meta may have
    /// signed webhooks with it. Nothing of other secrets.
    pub fn keep_previous_secret(&mut self, key: &str, now: UnixMillis) {
        self.previous_secrets
            .retain(|_, previous| now < previous.until);
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

pub use crate::resources::unclaimed::{UNCLAIMED_PER_APP, UNCLAIMED_SHOWN};

#[cfg(test)]
#[path = "partner_tests.rs"]
mod tests;
