//! Sessions: a signup that the back end begins for one customer, and the link to one that waits.

use crate::id::Reference;
use crate::prefill::PrefillSettings;
use serde::{Deserialize, Serialize};

/// Create a session. Body of `POST /v1/sites/{site}/sessions`. What it says, the page cannot change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SessionRequest {
    /// The partner's own id of the customer.
    pub reference: Reference,
    /// Pre-filled data, in place of the site's and the tag's. Absent: theirs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub prefill: Option<PrefillSettings>,
    /// Options sent to Meta, each in place of the site's and the tag's.
    #[serde(skip_serializing_if = "is_default", default)]
    pub options: SessionOptions,
    /// The origin of the only page that may use it: one of the site's, or the Worker's own for the hosted page. Absent: any
    /// of them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub origin: Option<String>,
}

/// The options of [`SiteSettings`](crate::admin::SiteSettings) that a session sets; each that is absent is as the site and
/// its tag have it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct SessionOptions {
    /// Id of the Facebook Login for Business configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_id: Option<String>,
    /// The partner solution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub solution_id: Option<String>,
    /// `extras.featureType`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feature_type: Option<String>,
    /// `extras.features`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<Vec<String>>,
    /// `extras.sessionInfoVersion`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_info_version: Option<String>,
    /// `extras.version`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub es_version: Option<String>,
    /// Graph API version of Meta's dialog.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub graph_version: Option<String>,
    /// Locale of Meta's SDK and popup.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sdk_locale: Option<String>,
}

/// A session, in the response that created it and in no other.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionResponse {
    /// Its text, for the tag's `data-session`.
    pub session: String,
    /// Until when a signup can be begun with it, in Unix milliseconds.
    pub expires_at: u64,
}

/// A link by which a customer goes on with a signup: response of `POST /v1/backend/signups/{id}/link`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignupLink {
    /// URL of the hosted page with that signup.
    pub url: String,
    /// Until when it can be used, in Unix milliseconds.
    pub expires_at: u64,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
