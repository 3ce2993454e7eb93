//! Lists of events, and the endpoint that they are delivered to.

use crate::site_events::SiteEventDocument;
use serde::{Deserialize, Serialize};

/// A page of events: `GET /v1/backend/events`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventPage {
    /// The events, the oldest first.
    pub events: Vec<ListedEvent>,
    /// The parameter `after` that continues behind the last event, also when there are more later. Equal to the
    /// request's if there is none.
    pub next: u64,
}

/// One event in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReplayRequest {
    /// The events, by the `sequence` of their data; at most 100.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sequences: Option<Vec<u64>>,
    /// Every event whose delivery was given up.
    #[serde(skip_serializing_if = "core::ops::Not::not", default)]
    pub dead: bool,
}

/// How many events are delivered again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplayResponse {
    /// The number of events.
    pub replayed: u32,
}

/// Set the endpoint of a site's events. Body of `PUT /v1/admin/sites/{site}/endpoint`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EndpointRequest {
    /// Https URL that events are posted to.
    pub url: String,
}

/// The endpoint of a site's events, as the operator sees it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndpointDetails {
    /// How it does.
    #[serde(flatten)]
    pub status: EndpointStatus,
    /// The newest signing secret. Present only in the response that created it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub secret: Option<String>,
}

/// How the endpoint of a site's events does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndpointStatus {
    /// The URL that events are posted to.
    pub url: String,
    /// How many signing secrets are in use: two for a day after a rotation.
    pub secrets: u32,
    /// Deliveries that failed since the last one that succeeded.
    pub failures: u32,
    /// When the first of them failed, in Unix milliseconds. Absent: none did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failing_since: Option<u64>,
    /// Why it was switched off. Absent: it is on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub disabled: Option<DisabledReason>,
    /// Events that are waiting for their delivery.
    pub pending: u64,
    /// Events whose delivery was given up.
    pub dead: u64,
}

/// Why an endpoint is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DisabledReason {
    /// It failed for five days.
    Failing,
    /// It answered 410.
    Gone,
}
