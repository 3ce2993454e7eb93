//! What providers other than Meta store: Infobip's registrations and messages, Twilio's and Sinch's senders.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// A WABA that was shared with Infobip. Times are Unix milliseconds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Registration {
    /// The WABA's id.
    pub id: String,
    /// `IN_PROGRESS`, `FINISHED` or `FAILED`.
    pub status: String,
    /// Infobip's entity for the customer: the portfolio's id.
    pub entity_id: String,
    pub application_id: String,
    /// Ids of the numbers that could not be registered.
    pub failed: BTreeSet<String>,
    pub created_ms: u64,
    pub modified_ms: u64,
}

/// A message sent through Infobip.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Message {
    pub id: String,
    pub bulk_id: Option<String>,
    pub from: String,
    pub to: String,
    pub content: Value,
    pub entity_id: Option<String>,
    pub application_id: Option<String>,
    pub callback_data: Option<String>,
    /// Unix milliseconds.
    pub sent_ms: u64,
    /// Refused in the response to its sending.
    pub rejected: bool,
    /// Its delivery report was fetched; each is handed out once.
    pub reported: bool,
}

/// A sender at Twilio or Sinch.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sender {
    pub id: String,
    /// `twilio` or `sinch`.
    pub provider: String,
    /// One of the provider's own status values.
    pub status: String,
    pub phone_number_id: String,
    /// The body of the request that created it.
    pub request: Value,
}
