//! What an operator puts: apps and sites. Secrets travel alone, one by one, and never come back.

use crate::id::{AppKey, BusinessId, MetaAppId, SiteId};
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
    pub solution_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub feature_type: Option<String>,
    /// `extras.version`, only to force a version the configuration would not select.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub es_version: Option<String>,
    /// Locale of Meta's SDK, e.g. `en_US`.
    #[serde(default = "default_sdk_locale")]
    pub sdk_locale: String,
    #[serde(default = "default_true")]
    pub enabled: bool,
}

/// Which steps and scopes a site's signups have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    #[default]
    TechProvider,
}

/// The value of one secret. `PUT /v1/admin/secrets/app/{app}/{name}`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretValue {
    pub value: String,
}

/// Names an app's secret may have.
pub const APP_SECRETS: &[&str] = &["app_secret", "system_token", "verify_token"];

fn default_graph_version() -> String {
    "v25.0".to_owned()
}

fn default_sdk_locale() -> String {
    "en_US".to_owned()
}

fn default_true() -> bool {
    true
}
