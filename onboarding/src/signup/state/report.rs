//! Stored by the readiness report.

use crate::meta::health::{AccountHealth, NumberHealth};
use crate::meta::response::PhoneNumber;
use crate::time::UnixMillis;
use crate::workflow::RetryState;
use serde::{Deserialize, Serialize};

/// What was read for the report so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportState {
    /// The number. `None`: not read.
    pub phone: Option<PhoneNumber>,
    /// Its health. `None`: not read.
    #[serde(rename = "number")]
    pub number_health: Option<NumberHealth>,
    /// The account's health. `None`: not read.
    #[serde(rename = "account")]
    pub account_health: Option<AccountHealth>,
    /// Whether our app is subscribed to the account. `None`: not read.
    pub subscribed: Option<bool>,
    /// Whether the app's webhook has the field `messages`. `None`: not read.
    #[serde(rename = "listens")]
    pub webhook_has_messages: Option<bool>,
    /// The callback URL of the app's webhook, if it is not ours. `None`: it is, there is none, or it was not read.
    #[serde(rename = "calls", skip_serializing_if = "Option::is_none")]
    pub other_webhook_url: Option<String>,
    /// The status of the partner solution. `None`: not read.
    #[serde(rename = "solution")]
    pub solution_status: Option<String>,
    /// Reads that failed for good.
    #[serde(rename = "missed")]
    pub failed_reads: Vec<ReportCall>,
    /// When a failed read is repeated.
    #[serde(rename = "pace")]
    pub retry: RetryState,
    /// Whether the report is complete.
    #[serde(rename = "over")]
    pub complete: bool,
    /// When it was completed.
    #[serde(rename = "at")]
    pub completed_at: UnixMillis,
    /// What is read again although the report is complete: Meta said that it may have changed, or a page waits for it.
    #[serde(rename = "again", skip_serializing_if = "Vec::is_empty")]
    pub rereads: Vec<ReportCall>,
    /// When something was last read again.
    #[serde(
        rename = "again_at",
        skip_serializing_if = "embark_protocol::serialization::is_default"
    )]
    pub reread_at: UnixMillis,
}

/// A read of the report. Stored as its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub enum ReportCall {
    /// `GET /{phone}`.
    PhoneNumber = 0,
    /// `GET /{waba}/subscribed_apps`.
    SubscribedApps = 1,
    /// `GET /{waba}`.
    Account = 2,
    /// `GET /{app}/subscriptions`.
    AppWebhook = 3,
    /// `GET /{solution}`.
    Solution = 4,
}

impl From<ReportCall> for u8 {
    fn from(call: ReportCall) -> Self {
        call as Self
    }
}

impl TryFrom<u8> for ReportCall {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        [
            Self::PhoneNumber,
            Self::SubscribedApps,
            Self::Account,
            Self::AppWebhook,
            Self::Solution,
        ]
        .into_iter()
        .find(|call| *call as u8 == number)
        .ok_or("not a read of the report")
    }
}
