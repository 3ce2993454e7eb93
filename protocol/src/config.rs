//! What an operator puts: apps and sites. Secrets travel alone, one by one, and never come back.

use crate::id::{AppKey, BusinessId, InvitationId, MetaAppId, SignupId, SiteId, WabaId};
use crate::partner::{Credit, Handoff, Infobip, Policy};
use crate::prefill::Prefill;
use alloc::{borrow::ToOwned, string::String, vec::Vec};
use serde::{Deserialize, Serialize};

/// One Meta app. `PUT /v1/admin/apps/{app}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    pub key: AppKey,
    pub app_id: MetaAppId,
    /// e.g. `v25.0`.
    #[serde(default = "default_graph_version")]
    pub graph_version: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub partner_business_id: Option<BusinessId>,
    /// New customer businesses in any seven days: 10 at first, 200 after Meta's reviews.
    #[serde(default = "default_weekly_limit")]
    pub weekly_limit: u32,
    /// Offer no new signups while the limit is reached. Without it, a full window only warns.
    #[serde(default)]
    pub block_when_full: bool,
}

/// One customer website. `PUT /v1/admin/sites/{site}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    pub key: SiteId,
    pub app: AppKey,
    /// Exact origins, e.g. `https://shop.example`.
    pub origins: Vec<String>,
    /// Facebook Login for Business configuration.
    pub config_id: String,
    #[serde(default)]
    pub policy: Policy,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub credit: Option<Credit>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub infobip: Option<Infobip>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub handoff: Option<Handoff>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub solution_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub feature_type: Option<String>,
    /// `extras.version`, only to force a version the configuration would not select.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub es_version: Option<String>,
    /// e.g. `app_only_install`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub features: Vec<String>,
    /// `3`, unless said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session_info_version: Option<String>,
    /// Of the dialog; the app's, unless said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub graph_version: Option<String>,
    #[serde(skip_serializing_if = "is_empty", default)]
    pub prefill: Prefill,
    /// What the site's tag may say otherwise.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub tag_may: Vec<TagOption>,
    /// Locale of Meta's SDK and window, e.g. `en_US`; the widget's own language where it is not said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sdk_locale: Option<String>,
    #[serde(default = "default_true")]
    pub enabled: bool,
}

/// An option that a tag may bring along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TagOption {
    ConfigId,
    SolutionId,
    FeatureType,
    Features,
    SessionInfoVersion,
    EsVersion,
    GraphVersion,
    SdkLocale,
    Prefill,
}

/// The value of one secret. `PUT /v1/admin/secrets/{app|site}/{key}/{name}`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretValue {
    pub value: String,
}

/// `POST /v1/admin/numbers/{phone}/transfer`: to which site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    pub site: SiteId,
}

/// `POST /v1/admin/renewals`: an invitation to renew the token of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renewal {
    pub site: SiteId,
    pub waba_id: WabaId,
}

/// `POST /v1/admin/sites/{site}/invitations`: a link for one customer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Invite {
    /// Two weeks, unless said; at most 90 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in_s: Option<u32>,
    /// Whom it is for, in the partner's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// An invitation as the operator sees it. Times are Unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    pub id: InvitationId,
    /// Only in the answer that made it: whoever has the address is invited.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub url: Option<String>,
    pub expires_at: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub used_by: Option<SignupId>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub used_at: Option<u64>,
}

/// A link for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub url: String,
}

/// Names an app's secret may have.
pub const APP_SECRETS: &[&str] = &["app_secret", "system_token", "verify_token"];

fn is_empty(prefill: &Prefill) -> bool {
    *prefill == Prefill::default()
}

fn default_graph_version() -> String {
    "v25.0".to_owned()
}

fn default_weekly_limit() -> u32 {
    200
}

fn default_true() -> bool {
    true
}
