//! The one message a page gets back: on first load, on reconnect and on resume.

use crate::id::{BusinessId, PhoneNumberId, SignupId, WabaId};
use crate::post::Ended;
use crate::problem::{Code, Problem};
use crate::report::Report;
use alloc::{string::String, vec::Vec};
use serde::{Deserialize, Serialize};

/// `GET /v1/signups/{id}?after=<seq>`, and the answer of every post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    pub id: SignupId,
    /// Moves with every change a person could see.
    pub seq: u32,
    pub status: Status,
    /// The steps of this site's policy, in order.
    pub steps: Vec<StepView>,
    /// Set in `needs_input`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub input: Option<Need>,
    /// Set in `waiting`: milliseconds until the next try.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub wait_ms: Option<u32>,
    /// Set in `relaunch` and `failed`, and in `waiting` and `needs_input` where something led there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub problem: Option<Problem>,
    /// Set in `abandoned`: why, as far as Meta or the page said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub left: Option<Ended>,
    /// Set once connected.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub connected: Option<Connected>,
    /// What the readiness report found; never keeps a signup from being connected.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub warnings: Vec<String>,
    /// How the connection stands with Meta, as far as the customer can act on it; set once it was read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub report: Option<Report>,
    /// Where to come back to in another browser or on another day; set while a person or a wait is due.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub resume_url: Option<String>,
    /// What to hand over next: the grant of `launch::Launch::handover`, once that one is used.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub handover: Option<String>,
    /// How often Meta's popup was opened, as the pages count.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub attempt: u32,
    /// When to ask again, in milliseconds; 0 is at once (the answer is held until something moves).
    pub poll_after_ms: u32,
}

fn is_zero(attempt: &u32) -> bool {
    *attempt == 0
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Meta's popup is open; nothing came back yet.
    Launched,
    Running,
    Waiting,
    NeedsInput,
    Connected,
    ConnectedWithoutNumber,
    /// The customer goes through the popup again, under the same signup.
    Relaunch,
    Failed,
    /// The customer left the popup.
    Abandoned,
}

impl Status {
    /// The wire form.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Launched => "launched",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::NeedsInput => "needs_input",
            Self::Connected => "connected",
            Self::ConnectedWithoutNumber => "connected_without_number",
            Self::Relaunch => "relaunch",
            Self::Failed => "failed",
            Self::Abandoned => "abandoned",
        }
    }

    /// Nothing moves any more unless a person starts again.
    pub const fn is_end(self) -> bool {
        matches!(
            self,
            Self::Connected
                | Self::ConnectedWithoutNumber
                | Self::Relaunch
                | Self::Failed
                | Self::Abandoned
        )
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepView {
    pub step: Step,
    pub state: StepState,
}

/// One remote effect of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Exchange,
    Inspect,
    Claim,
    Subscribe,
    Credit,
    Register,
    Handoff,
    Sync,
    Report,
    Notify,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    Todo,
    Active,
    Done,
    Skipped,
    Failed,
}

/// What a person is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    pub kind: NeedKind,
    /// What there is to choose from (`waba`, `number`).
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub choices: Vec<Choice>,
    /// The number in question, as Meta displays it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub display_phone_number: Option<String>,
    /// Why the last answer did not do.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<Code>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tries_left: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NeedKind {
    Waba,
    Number,
    Pin,
    /// Choose SMS or a call to receive a code.
    Verification,
    /// Type the code that was sent.
    VerificationCode,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub id: String,
    pub label: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Connected {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub waba_id: Option<WabaId>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub business_id: Option<BusinessId>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub phone_number_id: Option<PhoneNumberId>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub display_phone_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub verified_name: Option<String>,
    /// The number stays in the WhatsApp Business app.
    #[serde(default)]
    pub coexistence: bool,
    /// The account was connected before; its token was replaced.
    #[serde(default)]
    pub renewed: bool,
}
