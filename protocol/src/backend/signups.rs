//! Lists of signups.

use super::events::ListedEvent;
use crate::id::{PhoneNumberId, SignupId, WabaId};
use crate::problem::Problem;
use crate::site_events::CustomerReference;
use crate::snapshot::{ConnectedAssets, SignupStatus};
use serde::{Deserialize, Serialize};

/// A page of signups: `GET /v1/backend/signups`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignupPage {
    /// The signups, the one that changed last first.
    pub signups: Vec<SignupSummary>,
    /// The parameter `after` of the next page. Absent: this is the last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<String>,
}

/// One signup in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignupSummary {
    /// The signup.
    pub id: SignupId,
    /// Where it stands.
    pub status: SignupStatus,
    /// Whose it is. Absent: nobody said so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reference: Option<CustomerReference>,
    /// The name of the customer's business: the number's display name at Meta, else the account's name. Absent: it is not known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// When it began, in Unix milliseconds.
    pub started_at: u64,
    /// When it last changed, in Unix milliseconds.
    pub changed_at: u64,
    /// Why it ended without a connection: a problem code, Meta's screen, or Meta's error code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// What was connected. Absent: nothing yet.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub connected: Option<ConnectedAssets>,
}

/// One signup with what happened: `GET /v1/backend/signups/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignupDetails {
    /// The signup.
    #[serde(flatten)]
    pub signup: SignupSummary,
    /// Its events, the oldest first; at most 100.
    pub events: Vec<ListedEvent>,
}

/// The parameters of [`SignupPage`]: each that is absent filters nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignupFilter {
    /// Only signups of this status.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<SignupStatus>,
    /// Only signups of this customer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reference: Option<String>,
    /// Only signups that connected this account.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub waba_id: Option<WabaId>,
    /// Only signups that connected this number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub phone_number_id: Option<PhoneNumberId>,
    /// Only signups that have this, 2 to 100 characters, in their name, reference, account, number or id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub search: Option<String>,
    /// Only signups that changed before this, in Unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub changed_before: Option<u64>,
}

/// What came of a cancellation: response of `POST /v1/admin/sites/{site}/signups/{signup}/cancel`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignupCancellation {
    /// The signup.
    pub signup: SignupId,
    /// Where it stands: `failed` once it is cancelled. `connected` if the call that was under way was its last one. Any other
    /// status: a call is still under way, and the signup ends when that has.
    pub status: SignupStatus,
    /// What it ended with: `signup_cancelled`, unless it failed by itself meanwhile. Absent: it has not failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub problem: Option<Problem>,
}

/// What came of having a signup tried again: response of `POST /v1/admin/sites/{site}/signups/{signup}/retry`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignupRetry {
    /// The signup.
    pub signup: SignupId,
    /// Where it stands. `running`: a call is still under way.
    pub status: SignupStatus,
    /// Until when it waits all the same, in Unix milliseconds: Meta or a provider named that time, or a number has had as many
    /// registrations as it may have. Absent: it does not wait.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub waits_until: Option<u64>,
    /// Why it waits or has failed. Absent: it does not and has not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub problem: Option<Problem>,
}
