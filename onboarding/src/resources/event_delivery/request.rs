//! One delivery, and what came of it.

use super::signature::{SigningSecret, signature_header};
use crate::time::UnixMillis;
use crate::transport::{ApiResult, TransportError};
use core::time::Duration;
use embark_protocol::site_events::SiteEventDocument;

/// One POST to the endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRequest {
    /// The endpoint.
    pub url: String,
    /// The headers of Standard Webhooks.
    pub headers: [(&'static str, String); 3],
    /// JSON.
    pub body: String,
}

impl DeliveryRequest {
    /// The request that delivers an event, signed as of now.
    ///
    /// # Errors
    /// The document cannot be serialised, which no value of its fields causes.
    pub fn new(
        url: String,
        event: &SiteEventDocument,
        secrets: &[SigningSecret],
        now: UnixMillis,
    ) -> Result<Self, serde_json::Error> {
        let body = serde_json::to_string(event)?;
        let seconds = now.as_secs();
        let signature = signature_header(secrets, &event.id, seconds, &body);
        Ok(Self {
            url,
            headers: [
                ("webhook-id", event.id.clone()),
                ("webhook-timestamp", seconds.to_string()),
                ("webhook-signature", signature),
            ],
            body,
        })
    }

    /// How long the receiver may take.
    pub const DEADLINE: Duration = Duration::from_secs(15);
}

/// What came of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// The receiver took the event: any 2xx.
    Delivered,
    /// It did not, or whether it did is unknown.
    Failed {
        /// Why: the status, or why there is none.
        reason: String,
        /// The wait that the receiver named.
        retry_after: Option<Duration>,
    },
    /// The endpoint is gone for good: 410.
    Gone,
}

impl DeliveryOutcome {
    /// Reads the response. Redirects are not followed, and are failures: an address that has moved must be configured.
    pub fn of(result: &ApiResult) -> Self {
        match result {
            Ok(response) if (200..300).contains(&response.status) => Self::Delivered,
            Ok(response) if response.status == 410 => Self::Gone,
            Ok(response) => Self::Failed {
                reason: ["status ", &response.status.to_string()].concat(),
                retry_after: response
                    .retry_after
                    .map(|seconds| Duration::from_secs(seconds.into())),
            },
            // Whoever answers with more than the cap has received the event.
            Err(TransportError::TooLarge) => Self::Delivered,
            Err(error) => Self::Failed {
                reason: error.to_string(),
                retry_after: None,
            },
        }
    }
}
