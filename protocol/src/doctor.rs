//! The doctor: what usually goes wrong, checked before a customer meets it.

use serde::{Deserialize, Serialize};

/// Response of `GET /v1/admin/apps/{app}/doctor` and `GET /v1/admin/sites/{site}/doctor`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DoctorReport {
    /// When it was checked, in Unix milliseconds.
    pub checked_at: u64,
    /// The checks, in the order in which they are best worked through.
    pub checks: Vec<DoctorCheck>,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DoctorCheck {
    /// What was checked.
    pub item: DoctorItem,
    /// The result.
    pub state: DoctorState,
    /// What was found, as one English sentence or two.
    pub finding: String,
    /// What to do. Absent if there is nothing to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// Where to do it: a screen of Meta's, or a command of this product. Absent if there is nothing to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screen: Option<String>,
}

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DoctorState {
    /// Nothing to do.
    Ok,
    /// Somebody has something to do.
    ToDo,
    /// It could not be checked: `finding` says why.
    Unknown,
}

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DoctorItem {
    /// The deployment's sealing keys: app secret and system token can be opened.
    Keys,
    /// The deployment's clock, compared with Meta's.
    Clock,
    /// App id and app secret: Meta accepts the app's token.
    AppSecret,
    /// What customers see of the app, without which it cannot be live: privacy policy, terms, contact address, icon.
    AppDetails,
    /// The app's domains at Meta have the host of this deployment's button.
    AppDomains,
    /// What Meta calls when a person removes the app.
    DeauthorizeCallback,
    /// Advanced access to the permissions that the app's sites need.
    Permissions,
    /// Meta's verification of the partner's business portfolio.
    BusinessVerification,
    /// The system token: valid, of this app, with the permissions it needs, and of an administrator.
    SystemToken,
    /// Address and fields of the app's webhook at Meta.
    Webhook,
    /// When Meta stops serving the configured version of the Graph API.
    GraphVersion,
    /// When Meta stops serving the site's version of Embedded Signup.
    EmbeddedSignupVersion,
    /// The credit line that the site's accounts are to be billed to.
    CreditLine,
    /// The state of the site's partner solution.
    Solution,
    /// The site's API key at Infobip.
    InfobipKey,
    /// The page at an origin of the site: it responds, and none of its headers keeps Meta's window from reporting back.
    SiteHeaders,
}

impl DoctorItem {
    /// Everything that is checked, in the order in which it is best worked through.
    pub const ALL: [Self; 16] = [
        Self::Keys,
        Self::Clock,
        Self::AppSecret,
        Self::AppDetails,
        Self::AppDomains,
        Self::DeauthorizeCallback,
        Self::Permissions,
        Self::BusinessVerification,
        Self::SystemToken,
        Self::Webhook,
        Self::GraphVersion,
        Self::EmbeddedSignupVersion,
        Self::CreditLine,
        Self::Solution,
        Self::InfobipKey,
        Self::SiteHeaders,
    ];
}
