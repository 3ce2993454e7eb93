//! Stored by the credit step of a Solution Partner.

use crate::time::UnixMillis;
use crate::workflow::RetryState;
use embark_protocol::Problem;
use serde::{Deserialize, Serialize};

/// Sharing the partner's credit line with the customer, and attaching it to the account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreditState {
    /// How far it is.
    #[serde(rename = "at")]
    pub phase: CreditPhase,
    /// When the step began.
    #[serde(rename = "since")]
    pub started_at: Option<UnixMillis>,
    /// The registration of the number no longer waits for this step.
    #[serde(rename = "late")]
    pub released: bool,
    /// When a failed call is repeated.
    #[serde(rename = "pace")]
    pub retry: RetryState,
    /// What pays for the account, as last read.
    pub funding: Funding,
    /// What the credit line shares with the customer. `None`: to be read.
    #[serde(rename = "shared")]
    pub allocations: Option<Vec<Allocation>>,
    /// When the older of `funding` and `allocations` was read. `None`: they are to be read, or an earlier version read them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_at: Option<UnixMillis>,
    /// Whether the partner's system user has a task on the account. `None`: to be read.
    #[serde(rename = "assigned")]
    pub user_assigned: Option<bool>,
    /// A call that changes something was begun and its outcome is not stored.
    #[serde(rename = "posting")]
    pub change_in_flight: Option<CreditCall>,
    /// The line was attached; the account does not show it yet.
    pub attached: bool,
    /// How often the account was read for it since.
    #[serde(rename = "looks")]
    pub poll_attempts: u8,
    /// A change that Meta refused, and why. If it is still needed after a fresh read, the step ends with it.
    #[serde(rename = "refused")]
    pub refused_change: Option<(CreditCall, Problem)>,
}

/// How far the credit step is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditPhase {
    /// Not done yet.
    #[default]
    Open,
    /// The credit line pays for the account.
    Done,
    /// It cannot be shared. The operator was told.
    GivenUp,
}

/// What pays for an account, or what an allocation lends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Funding {
    /// To be read.
    #[default]
    #[serde(rename = "not")]
    Unread,
    /// Nothing.
    #[serde(rename = "nothing")]
    None,
    /// The funding source with this id.
    Id(String),
}

/// One allocation of the credit line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    /// Meta's id of it.
    pub id: String,
    /// The funding source it gives the customer.
    #[serde(rename = "lends")]
    pub credential: Funding,
}

/// A call of the credit step. Stored as its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub enum CreditCall {
    /// `GET /{waba}`: what pays for the account.
    ReadFunding = 0,
    /// `GET /{credit}/owning_credit_allocation_configs`.
    ReadAllocations = 1,
    /// `GET /{allocation}`: what it lends.
    ReadAllocation = 2,
    /// `GET /{waba}/assigned_users`.
    ReadAssignedUsers = 3,
    /// `POST /{waba}/assigned_users`.
    AssignUser = 4,
    /// `POST /{credit}/whatsapp_credit_sharing_and_attach`.
    ShareAndAttach = 5,
    /// `POST /{credit}/whatsapp_credit_sharing`.
    Share = 6,
    /// `POST /{credit}/whatsapp_credit_attach`.
    Attach = 7,
}

impl CreditCall {
    /// Whether the call changes something at Meta.
    pub const fn is_change(self) -> bool {
        matches!(
            self,
            Self::AssignUser | Self::ShareAndAttach | Self::Share | Self::Attach
        )
    }
}

impl From<CreditCall> for u8 {
    fn from(call: CreditCall) -> Self {
        call as Self
    }
}

impl TryFrom<u8> for CreditCall {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        [
            Self::ReadFunding,
            Self::ReadAllocations,
            Self::ReadAllocation,
            Self::ReadAssignedUsers,
            Self::AssignUser,
            Self::ShareAndAttach,
            Self::Share,
            Self::Attach,
        ]
        .into_iter()
        .find(|call| *call as u8 == number)
        .ok_or("not a call of the credit step")
    }
}

impl CreditState {
    /// Whether the credit line pays for the account.
    pub fn is_done(&self) -> bool {
        self.phase == CreditPhase::Done
    }

    /// Whether the number is registered without waiting for this step.
    pub fn is_off_critical_path(&self) -> bool {
        self.released || self.phase == CreditPhase::GivenUp
    }

    /// Discards what was read: a change may have made it untrue.
    pub(in crate::signup) fn invalidate_reads(&mut self) {
        self.funding = Funding::Unread;
        self.allocations = None;
        self.read_at = None;
        self.change_in_flight = None;
    }
}

impl From<Option<String>> for Funding {
    fn from(id: Option<String>) -> Self {
        id.map_or(Self::None, Self::Id)
    }
}
