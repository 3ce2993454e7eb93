//! The signups of all sites, for operators.

use super::signups::SignupSummary;
use crate::SiteId;
use serde::{Deserialize, Serialize};

/// A page of the signups of all sites: `GET /v1/admin/signups`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AllSignupsPage {
    /// The signups, the one that changed last first.
    pub signups: Vec<SignupOfSite>,
    /// The parameter `after` of the next page. Absent: this is the last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<String>,
    /// Sites that did not reply in time: their signups are missing from this page and from those behind it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub missing_sites: Vec<SiteId>,
}

/// A signup and its site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignupOfSite {
    /// The site.
    pub site: SiteId,
    /// The signup.
    #[serde(flatten)]
    pub signup: SignupSummary,
}
