//! The API of a site for its partner's back end, below `/v1/backend`, and the operator's routes that set it up. Every
//! request has `Authorization: Bearer <token>`; the token names its site.

use crate::id::{PhoneNumberId, SignupId, SiteId, WabaId};
use crate::site_events::{CustomerReference, SiteEventDocument};
use crate::snapshot::{ConnectedAssets, SignupStatus};
use serde::{Deserialize, Serialize};

/// What a back-end token permits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackendScope {
    /// Reading signups and events.
    Read,
    /// Reading the business tokens of connected accounts. Every read is recorded.
    Token,
    /// Replaying events.
    Write,
}

impl BackendScope {
    /// The value on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Token => "token",
            Self::Write => "write",
        }
    }
}

/// Create a back-end token. Body of `POST /v1/admin/sites/{site}/tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackendTokenRequest {
    /// What it is for, at most 80 characters.
    pub name: String,
    /// What it permits; at least one.
    pub scopes: Vec<BackendScope>,
}

/// A back-end token as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackendTokenDetails {
    /// Its id, which is not a secret.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What it permits.
    pub scopes: Vec<BackendScope>,
    /// When it was created, in Unix milliseconds.
    pub created_at: u64,
    /// The token. Present only in the response that created it: only its SHA-256 is stored.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub token: Option<String>,
}

/// A page of signups: `GET /v1/backend/signups`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignupPage {
    /// The signups, the one that changed last first.
    pub signups: Vec<SignupSummary>,
    /// The parameter `after` of the next page. Absent: this is the last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<String>,
}

/// One signup in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignupSummary {
    /// The signup.
    pub id: SignupId,
    /// Where it stands.
    pub status: SignupStatus,
    /// Whose it is. Absent: nobody said so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reference: Option<CustomerReference>,
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

/// A page of events: `GET /v1/backend/events`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventPage {
    /// The events, the oldest first.
    pub events: Vec<ListedEvent>,
    /// The parameter `after` that continues behind the last event, also when there are more later. Equal to the
    /// request's if there is none.
    pub next: u64,
}

/// One event in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedEvent {
    /// The event, as it is delivered.
    #[serde(flatten)]
    pub event: SiteEventDocument,
    /// What became of its delivery. Absent: there was no endpoint when it came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub delivery: Option<EventDelivery>,
}

/// What became of the delivery of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventDelivery {
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// Why the last try failed. Absent: it did not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<String>,
    /// When it is tried again, in Unix milliseconds. Absent: not by itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next_attempt_at: Option<u64>,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is tried, or will be.
    Pending,
    /// The endpoint took the event.
    Delivered,
    /// It was given up. It can be replayed.
    Dead,
}

impl DeliveryState {
    /// The value on the wire, and in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}

/// Replay events. Body of `POST /v1/backend/events/replay`; the response is a [`ReplayResponse`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplayRequest {
    /// The events, by the `sequence` of their data. Absent: every dead one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sequences: Option<Vec<u64>>,
}

/// How many events are delivered again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayResponse {
    /// The number of events.
    pub replayed: u32,
}

/// The business token of a connected account: `GET /v1/backend/wabas/{waba}/token`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessTokenDocument {
    /// The account.
    pub waba_id: WabaId,
    /// The token.
    pub token: String,
    /// Permissions that it has; it may have more.
    pub scopes: Vec<String>,
    /// When it expires, in Unix seconds. Absent: never.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<u64>,
    /// The signup that it came with.
    pub signup: SignupId,
    /// Graph API version that the app is configured for, e.g. `v25.0`.
    pub graph_version: String,
}

/// Set the endpoint of a site's events. Body of `PUT /v1/admin/sites/{site}/endpoint`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointRequest {
    /// Https URL that events are posted to.
    pub url: String,
}

/// The endpoint of a site's events, as the operator sees it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointDetails {
    /// The URL that events are posted to.
    pub url: String,
    /// How many signing secrets are in use: two for a day after a rotation.
    pub secrets: u32,
    /// The newest signing secret. Present only in the response that created it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub secret: Option<String>,
    /// Deliveries that failed since the last one that succeeded.
    pub failures: u32,
    /// When the first of them failed, in Unix milliseconds. Absent: none did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failing_since: Option<u64>,
    /// Why it was switched off: `failing` or `gone`. Absent: it is on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub disabled: Option<String>,
    /// Events that are waiting for their delivery.
    pub pending: u64,
    /// Events whose delivery was given up.
    pub dead: u64,
}

/// Who read a secret: a line of `GET /v1/admin/sites/{site}/audit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When, in Unix milliseconds.
    pub at: u64,
    /// Who: the id of a back-end token.
    pub who: String,
    /// What, e.g. `read the token of 5000000000000001`.
    pub what: String,
}

/// The parameters of [`SignupPage`]: each that is absent filters nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Only signups that changed before this, in Unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub changed_before: Option<u64>,
}

/// The site that a token is for: `GET /v1/backend`, to try a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackendIdentity {
    /// The site.
    pub site: SiteId,
    /// What the token permits.
    pub scopes: Vec<BackendScope>,
}
