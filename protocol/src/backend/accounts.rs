//! Connected accounts, and their business tokens.

use crate::id::{BusinessId, PhoneNumberId, SignupId, WabaId};
use serde::{Deserialize, Serialize};

/// A page of accounts: `GET /v1/backend/wabas`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountPage {
    /// The accounts that signups of the site have connected, by their ids.
    pub wabas: Vec<ConnectedAccount>,
    /// The parameter `after` of the next page. Absent: this is the last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<WabaId>,
}

/// A connected account in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectedAccount {
    /// The account.
    pub waba_id: WabaId,
    /// The business portfolio that owns it. Absent if Meta did not name it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub business_id: Option<BusinessId>,
    /// Its numbers that signups have connected.
    pub numbers: Vec<ConnectedNumber>,
}

/// A connected number in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectedNumber {
    /// The number's id.
    pub phone_number_id: PhoneNumberId,
    /// The number, as Meta displays it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub display_phone_number: Option<String>,
    /// Its verified name, as it was when it was connected.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub verified_name: Option<String>,
    /// The signup that connected it last.
    pub signup: SignupId,
    /// When that last changed, in Unix milliseconds.
    pub changed_at: u64,
}

/// Create a renewal link. Body of `POST /v1/backend/renewals`; the response is a
/// [`LinkResponse`](crate::admin::LinkResponse).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AccountRenewalRequest {
    /// The account, which this site has connected.
    pub waba_id: WabaId,
}

/// The business token of a connected account: `GET /v1/backend/wabas/{waba}/token`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BusinessTokenDocument {
    /// The account.
    pub waba_id: WabaId,
    /// The token.
    pub token: String,
    /// Permissions that it has; it may have more.
    pub scopes: Vec<String>,
    /// When it expires, in Unix milliseconds. Absent: never.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<u64>,
    /// When Meta refused it, or reported that the customer took the app's access away, in Unix milliseconds: the customer
    /// must renew it. Absent: it is not known to be invalid.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub refused_at: Option<u64>,
    /// The signup that it came with.
    pub signup: SignupId,
    /// Graph API version that the app is configured for, e.g. `v25.0`.
    pub graph_version: String,
}
