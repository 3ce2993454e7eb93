//! What came of Meta's webhooks.

use serde::Serialize;

/// What came of one body.
#[derive(Debug, Clone, Serialize)]
pub struct SentWebhook {
    /// The address that it was posted to.
    pub url: String,
    /// Its length.
    pub bytes: usize,
    /// How often it was posted.
    pub attempts: u32,
    /// HTTP status of the last response, where there was one.
    pub status: Option<u16>,
    /// Why there was none.
    pub error: Option<String>,
}
