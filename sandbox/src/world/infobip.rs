//! Where Infobip's webhook goes, and what it sent so far.

use serde::Serialize;
use serde_json::Value;
use url::Url;

/// Set by `PUT /_sandbox/infobip`.
#[derive(Debug, Default)]
pub struct Infobip {
    /// `None`: webhooks are recorded as failed and go nowhere.
    pub webhook: Option<Url>,
    /// Replaces the URL's own host in the `Host` header.
    pub host_header: Option<String>,
    pub sent: Vec<WebhookDelivery>,
}

/// One attempt to post the webhook; there is no retry.
#[derive(Debug, Clone, Serialize)]
pub struct WebhookDelivery {
    pub body: Value,
    /// HTTP status of the response, where there was one.
    pub status: Option<u16>,
    /// Why there was no response.
    pub error: Option<String>,
}
