//! Stored by the hand-off to another messaging provider.

use crate::time::UnixMillis;
use crate::workflow::RetryState;
use embark_protocol::report::ProviderSender;
use serde::{Deserialize, Serialize};

/// The order to the provider, and what the provider reported.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HandoffState {
    /// How far it is.
    #[serde(rename = "at")]
    pub phase: HandoffPhase,
    /// When the next request is due.
    #[serde(rename = "pace")]
    pub retry: RetryState,
    /// When the provider accepted the order.
    #[serde(rename = "accepted")]
    pub accepted_at: Option<UnixMillis>,
    /// The URL to read the order's status from. `None`: the provider has none.
    #[serde(rename = "watch")]
    pub status_url: Option<String>,
    /// The status as the provider last worded it.
    #[serde(rename = "word")]
    pub status_text: Option<String>,
    /// The `lastModifiedAt` of the newest webhook applied, by the provider's clock. 0: none yet.
    #[serde(rename = "heard")]
    pub webhook_modified_at: UnixMillis,
    /// The provider's senders, as it last reported them.
    pub senders: Vec<ProviderSender>,
    /// The provider reported a failure. Meta is still asked whether the number is connected.
    pub failed: bool,
    /// The provider reported that it is done. Meta is still asked.
    pub finished: bool,
    /// The operator was told that it takes long.
    #[serde(rename = "told_operator")]
    pub operator_notified: bool,
}

/// How far the hand-off is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandoffPhase {
    /// To be ordered.
    #[default]
    Todo,
    /// The order was begun and its outcome is not stored.
    #[serde(rename = "telling")]
    Ordering,
    /// The order may have taken effect: the number is read before it is repeated.
    #[serde(rename = "looking")]
    ReadingNumber,
    /// The provider accepted the order and is working on it.
    Waiting,
    /// The number is connected.
    Done,
    /// The site's template needs a number, and the account has none.
    Skipped,
}
