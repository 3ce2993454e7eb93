//! The readiness report: how a connected number stands with Meta, line by line, and what to do next.

use alloc::{string::String, vec::Vec};
use serde::{Deserialize, Serialize};

/// Part of the snapshot (a customer's lines) and `GET /v1/admin/signups/{id}/report` (all of them).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// When it was read, in Unix milliseconds; 0 while it is being read.
    pub at: u64,
    pub lines: Vec<Line>,
    /// The numbers that another provider has taken over, one by one; only the operator gets them.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub senders: Vec<Sender>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    pub phone_number_id: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub display_phone_number: Option<String>,
    /// The provider's own word.
    pub status: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub item: Item,
    pub state: Standing,
    /// Meta's own word.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<String>,
    /// When it ends, in Unix seconds; only of the token, and not of one that never does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<u64>,
    /// What to do; absent where there is nothing to do.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<Next>,
    /// One English sentence; only the operator gets it. A customer's words come from the locale files.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub advice: Option<String>,
    /// Meta's own reasons, in Meta's words.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub reasons: Vec<Reason>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    BusinessVerification,
    AccountReview,
    DisplayName,
    Number,
    Quality,
    MessagingLimit,
    Throughput,
    Payment,
    Health,
    Token,
    AppWebhook,
    Subscription,
    Solution,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Ok,
    /// It works, or will; somebody should know.
    Attention,
    /// Messages do not flow as they should.
    Problem,
    /// Meta did not say.
    Unknown,
}

/// The next action. Each is one sentence, and belongs to one who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    WaitForMeta,
    VerifyBusiness,
    AppealAccount,
    ChangeName,
    VerifyNumber,
    ImproveQuality,
    AddPayment,
    SeeReasons,
    Renew,
    // The operator's.
    ShareCredit,
    SetWebhook,
    Subscribe,
    ActivateSolution,
    LookIntoNumber,
    ReadAgain,
}

impl Next {
    /// Whether the customer acts, and is told.
    pub const fn is_customers(self) -> bool {
        !matches!(
            self,
            Self::ShareCredit
                | Self::SetWebhook
                | Self::Subscribe
                | Self::ActivateSolution
                | Self::LookIntoNumber
                | Self::ReadAgain
        )
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub code: Option<i64>,
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub solution: Option<String>,
}
