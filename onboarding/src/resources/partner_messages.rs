//! The requests that the Partner object answers, and its replies.

use crate::crypto::Sealed;
use crate::resources::deadlines;
use crate::resources::key_rotation::{KeysReply, KeysRequest};
use crate::resources::list_cursor::ListCursor;
use crate::resources::operators::{OperatorsReply, OperatorsRequest};
use crate::resources::previous_secret::PreviousSecret;
use crate::resources::quota::{ConnectedBusiness, Quota};
use crate::resources::rpc::{ObjectRequest, Singleton};
use crate::resources::secret_times::SecretTimes;
use crate::resources::settings_version::SettingsVersion;
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::admin::{AppSettings, UnclaimedPage};
use embark_protocol::{AppKey, FieldError, SiteId, SolutionId, WabaId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// Reads when secrets were last put.
    SecretTimes {
        /// The keys that they are sealed under.
        keys: Vec<String>,
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
    /// Reads a page of the accounts that nobody owns.
    Unclaimed {
        /// When they are read.
        at: UnixMillis,
        /// Behind this one. `None`: the first page.
        after: Option<ListCursor>,
        /// How many at most.
        limit: u32,
    },
    /// Reads which accounts nobody owns, by their ids.
    UnclaimedAfter {
        /// The last one that was read. `None`: from the first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<WabaId>,
        /// How many at most.
        limit: u32,
    },
    /// Lists several accounts that nobody owns.
    ListAllUnclaimed(crate::resources::unclaimed::UnclaimedAccounts),
    /// What the object says of itself.
    Health,
    /// Of the people who granted tokens.
    Users(crate::resources::users::UsersRequest),
    /// Of operators.
    Operators(OperatorsRequest),
    /// Of the rotation of sealing keys.
    Keys(KeysRequest),
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
    /// To [`PartnerRequest::UnclaimedAfter`].
    Accounts(Vec<WabaId>),
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
    /// To [`PartnerRequest::SecretTimes`]: those that are stored.
    SecretTimes(SecretTimes),
    /// To [`PartnerRequest::ListUnclaimed`].
    Listed {
        /// `false`: the app has as many accounts in the list as it may have.
        listed: bool,
    },
    /// To [`PartnerRequest::ListAllUnclaimed`]: those that are listed now.
    ListedAll(Vec<WabaId>),
    /// To [`PartnerRequest::Unclaimed`].
    Unclaimed(UnclaimedPage),
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
    /// To [`PartnerRequest::Keys`].
    Keys(KeysReply),
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
