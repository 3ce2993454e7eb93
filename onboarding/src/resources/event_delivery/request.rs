//! One delivery, and what came of it.

use super::signature::{SigningSecret, signature_header};
use crate::time::UnixMillis;
use crate::transport::{TransportError, delay_seconds};
use core::time::Duration;
use embark_protocol::site_events::SiteEventDocument;
use serde::{Deserialize, Serialize};

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

/// The response of a receiver, as far as it is read: a body means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryResponse {
    /// HTTP status code.
    pub status: u16,
    /// The header `Retry-After`.
    pub retry_after: Option<String>,
}

/// What came of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryOutcome {
    /// The receiver took the event: any 2xx.
    Delivered,
    /// It did not, or whether it did is unknown.
    Failed {
        /// Why: the status, or why there is none.
        reason: String,
        /// The wait that the receiver named, a day at most.
        retry_after: Option<Duration>,
    },
    /// The endpoint is gone for good: 410.
    Gone,
    /// It was not sent at all.
    NotSent,
}

impl DeliveryOutcome {
    /// Reads the response. Redirects are not followed, and are failures: an address that has moved must be configured.
    pub fn of(result: &Result<DeliveryResponse, TransportError>, now: UnixMillis) -> Self {
        match result {
            Ok(response) if (200..300).contains(&response.status) => Self::Delivered,
            Ok(response) if response.status == 410 => Self::Gone,
            Ok(response) => Self::Failed {
                reason: ["status ", &response.status.to_string()].concat(),
                retry_after: response
                    .retry_after
                    .as_deref()
                    .and_then(|text| wait_of(text.trim(), now)),
            },
            Err(error) => Self::Failed {
                reason: error.to_string(),
                retry_after: None,
            },
        }
    }
}

/// The wait that `Retry-After` names, as seconds or as a date
/// (<https://www.rfc-editor.org/rfc/rfc9110#field.retry-after>). `None`: it is neither.
fn wait_of(text: &str, now: UnixMillis) -> Option<Duration> {
    let seconds = delay_seconds(text).map(Duration::from_secs);
    let until_date = || UnixMillis::from_http_date(text).map(|at| now.until(at));
    let wait = seconds.or_else(until_date)?;
    Some(wait.min(LONGEST_NAMED_WAIT))
}

/// A receiver that names a longer wait is asked all the same: its events would be dead by then.
const LONGEST_NAMED_WAIT: Duration = Duration::from_hours(24);

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis::from_secs(1_445_412_400);

    fn outcome(status: u16, retry_after: Option<&str>) -> DeliveryOutcome {
        let response = DeliveryResponse {
            status,
            retry_after: retry_after.map(str::to_owned),
        };
        DeliveryOutcome::of(&Ok(response), NOW)
    }

    #[test]
    fn status_alone_says_whether_an_event_was_taken() {
        for status in [200, 202, 204, 299] {
            assert_eq!(
                outcome(status, None),
                DeliveryOutcome::Delivered,
                "{status}"
            );
        }
        assert_eq!(outcome(410, None), DeliveryOutcome::Gone);
        for status in [100, 301, 302, 400, 404, 429, 500, 503] {
            let failed = outcome(status, None);
            assert!(matches!(failed, DeliveryOutcome::Failed { .. }), "{status}");
        }
        let lost = DeliveryOutcome::of(&Err(TransportError::Timeout), NOW);
        assert!(matches!(lost, DeliveryOutcome::Failed { .. }));
    }

    #[test]
    fn named_wait_is_seconds_or_a_date_and_a_day_at_most() {
        for (text, want) in [
            ("120", Some(120)),
            (" 5 ", Some(5)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(80)),
            ("Wed, 21 Oct 2015 07:00:00 GMT", Some(0)),
            ("999999999", Some(86_400)),
            ("99999999999999999999", Some(86_400)),
            ("Wed, 21 Oct 2115 07:28:00 GMT", Some(86_400)),
            ("soon", None),
            ("-1", None),
            ("", None),
        ] {
            let DeliveryOutcome::Failed { retry_after, .. } = outcome(503, Some(text)) else {
                panic!("{text}")
            };
            assert_eq!(retry_after, want.map(Duration::from_secs), "{text}");
        }
    }
}
