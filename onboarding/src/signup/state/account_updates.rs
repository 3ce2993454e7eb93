//! Stored of what a connected signup reported of its account.

use crate::meta::webhook::HistoryPart;
use crate::time::UnixMillis;
use serde::{Deserialize, Serialize};

/// What was reported since the signup was connected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountUpdates {
    /// Whether the site's token of the account is refused, and since when that is so. `None`: not reported of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Reported>,
    /// Whether the number has left the API, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offboarded: Option<Reported>,
    /// How much of the number's chats was sent. `None`: nothing yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<HistoryPart>,
}

/// Something that is so or not, since the last update of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    /// When it happened.
    pub at: UnixMillis,
    /// Whether it is so.
    pub is: bool,
}

impl AccountUpdates {
    /// Whether nothing was reported.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
