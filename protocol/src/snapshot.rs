//! The state of a signup as a page sees it: the response to every poll and every post.

use crate::enums::{Closed, Enums, Open};
use crate::granted::GrantedAssets;
use crate::id::{BusinessId, PhoneNumberId, SignupId, WabaId};
use crate::problem::{Problem, ProblemCode};
use crate::report::ReadinessReport;
use crate::requests::{EndReason, EndedRequest};
use crate::step::Step;
use serde::{Deserialize, Serialize};

/// The state of a signup. Response to `GET /v1/signups/{id}?after=<seq>` and to every post of a page. It is complete: a page
/// that reconnects or resumes needs nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(bound = ""))]
#[serde(bound = "")]
pub struct Snapshot<E: Enums = Closed> {
    /// The signup.
    pub id: SignupId,
    /// Sequence number: incremented with every change that a person could see.
    pub seq: u32,
    /// Where the signup stands.
    #[cfg_attr(feature = "openapi", schema(value_type = SignupStatus))]
    pub status: E::Value<SignupStatus>,
    /// The steps of the site's policy, in order.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<StepProgress>))]
    pub steps: Vec<StepProgress<E>>,
    /// What a person is asked for. Present in `needs_input` only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<InputPrompt>))]
    pub input: Option<InputPrompt<E>>,
    /// Milliseconds until the next attempt. Present in `waiting` only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub wait_ms: Option<u32>,
    /// What went wrong. Present in `relaunch` and `failed`, and in `waiting` and `needs_input` if an error led
    /// there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Problem>))]
    pub problem: Option<Problem<E>>,
    /// How the customer's last launch ended. Present in `abandoned` only.
    #[serde(rename = "left", skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<EndedLaunch>))]
    pub ended: Option<EndedLaunch<E>>,
    /// What was connected. Present once the signup is connected.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub connected: Option<ConnectedAssets>,
    /// Names of things that did not work but do not keep the signup from being connected.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub warnings: Vec<String>,
    /// The checks of the readiness report that the customer can act on. Absent until the report was read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<ReadinessReport>))]
    pub report: Option<ReadinessReport<E>>,
    /// URL that resumes this signup in any browser. Present while input or a wait is due.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub resume_url: Option<String>,
    /// The grant that replaces `handover` of the launch document once that one was used. Absent for a caller that must not
    /// hand the signup over.
    #[serde(rename = "handover", skip_serializing_if = "Option::is_none", default)]
    pub handover_grant: Option<String>,
    /// How much of the chats of the WhatsApp Business app was copied, in per cent. Present while they are being copied.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub history_percent: Option<u8>,
    /// How often Meta's popup was opened under this signup, as reported by the pages. 0 and absent mean the same.
    #[serde(skip_serializing_if = "crate::serialization::is_default", default)]
    pub attempt: u32,
    /// Milliseconds until the page should poll again. 0: at once; the response is held back until something
    /// changes (long poll).
    pub poll_after_ms: u32,
}

/// Where a signup stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SignupStatus {
    /// Meta's popup is open and has returned nothing yet.
    Launched,
    /// A step is in progress.
    Running,
    /// A step is tried again after `wait_ms`.
    Waiting,
    /// A person must answer `input`.
    NeedsInput,
    /// Finished: account and number are connected.
    Connected,
    /// Finished: the account is connected; it has no number yet.
    ConnectedWithoutNumber,
    /// The customer must go through Meta's popup again, under the same signup.
    Relaunch,
    /// Finished with an error.
    Failed,
    /// The customer left Meta's popup.
    Abandoned,
}

impl Snapshot<Open> {
    /// The status. One that this build does not know reads as running: polling goes on until a known status
    /// ends it.
    pub fn known_status(&self) -> SignupStatus {
        SignupStatus::ALL
            .into_iter()
            .find(|status| status.as_str() == self.status)
            .unwrap_or(SignupStatus::Running)
    }
}

impl Snapshot {
    /// As a widget reads it. `None` cannot occur: every snapshot is JSON.
    pub fn to_open(&self) -> Option<Snapshot<Open>> {
        serde_json::from_value(serde_json::to_value(self).ok()?).ok()
    }
}

impl SignupStatus {
    /// Every status.
    pub const ALL: [Self; 9] = [
        Self::Launched,
        Self::Running,
        Self::Waiting,
        Self::NeedsInput,
        Self::Connected,
        Self::ConnectedWithoutNumber,
        Self::Relaunch,
        Self::Failed,
        Self::Abandoned,
    ];

    /// The value on the wire.
    pub const fn as_str(self) -> &'static str {
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

    /// Whether nothing changes any more unless a person launches again.
    pub const fn is_terminal(self) -> bool {
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

/// One step and its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(bound = ""))]
#[serde(bound = "")]
pub struct StepProgress<E: Enums = Closed> {
    /// The step.
    #[cfg_attr(feature = "openapi", schema(value_type = Step))]
    pub step: E::Value<Step>,
    /// Its state.
    #[cfg_attr(feature = "openapi", schema(value_type = StepState))]
    pub state: E::Value<StepState>,
}

/// State of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Not begun.
    Todo,
    /// In progress, waiting, or waiting for input.
    Active,
    /// Finished.
    Done,
    /// Not necessary for this signup.
    Skipped,
    /// The signup ended in it.
    Failed,
}

/// What a person is asked for. The answer is an [`InputRequest`](crate::requests::InputRequest).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(bound = ""))]
#[serde(bound = "")]
pub struct InputPrompt<E: Enums = Closed> {
    /// The kind of answer.
    #[cfg_attr(feature = "openapi", schema(value_type = InputKind))]
    pub kind: E::Value<InputKind>,
    /// What there is to choose from. Empty unless `kind` is `waba` or `number`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub choices: Vec<InputChoice>,
    /// The number in question, as Meta displays it. Absent if no number is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub display_phone_number: Option<String>,
    /// Why the last answer was rejected. Absent if this is the first time of asking.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<ProblemCode>))]
    pub error: Option<E::Value<ProblemCode>>,
    /// How many more answers are accepted. Absent if there is no limit.
    #[serde(
        rename = "tries_left",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub attempts_left: Option<u8>,
}

/// Kind of answer that a person is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum InputKind {
    /// Choose one of several WhatsApp Business Accounts.
    Waba,
    /// Choose one of several numbers.
    Number,
    /// Type the number's two-step verification PIN.
    Pin,
    /// Choose whether the verification code is sent by SMS or voice call.
    Verification,
    /// Type the verification code.
    VerificationCode,
}

/// One of the things to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InputChoice {
    /// Meta's id of it.
    pub id: String,
    /// Its name, or the id if Meta did not return a name.
    pub label: String,
}

/// How the customer's last launch ended, as a page reported it.
// A type of its own beside the request: a request with an unknown field is refused, and a snapshot with one is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(bound = ""))]
#[serde(bound = "")]
pub struct EndedLaunch<E: Enums = Closed> {
    /// How it ended.
    #[cfg_attr(feature = "openapi", schema(value_type = EndReason))]
    pub reason: E::Value<EndReason>,
    /// The screen of Meta's flow on which it ended, as Meta names it, e.g. `PHONE_NUMBER_SETUP`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub current_step: Option<String>,
    /// Meta's error code, as received.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error_code: Option<String>,
    /// Meta's error message, as received.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error_message: Option<String>,
    /// Meta's session id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session_id: Option<String>,
    /// Number of the launch that ended. Absent: the current one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub attempt: Option<u32>,
}

impl From<EndedRequest> for EndedLaunch {
    fn from(request: EndedRequest) -> Self {
        Self {
            reason: request.reason,
            current_step: request.current_step,
            error_code: request.error_code,
            error_message: request.error_message,
            session_id: request.session_id,
            attempt: request.attempt,
        }
    }
}

/// What was connected.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectedAssets {
    /// The customer's WhatsApp Business Account.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub waba_id: Option<WabaId>,
    /// The business portfolio that owns it. Absent if Meta did not name it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub business_id: Option<BusinessId>,
    /// The connected number. Absent in `connected_without_number`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub phone_number_id: Option<PhoneNumberId>,
    /// The number, as Meta displays it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub display_phone_number: Option<String>,
    /// The number's verified display name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub verified_name: Option<String>,
    /// Whether the number stays in use in the WhatsApp Business app (coexistence).
    #[serde(default)]
    pub coexistence: bool,
    /// Whether the number has since left the API, and is used in the WhatsApp Business app alone. False and absent mean the same.
    #[serde(skip_serializing_if = "crate::serialization::is_default", default)]
    pub offboarded: bool,
    /// Whether the account was connected before and only its token was replaced.
    #[serde(default)]
    pub renewed: bool,
    /// What the customer granted besides.
    #[serde(skip_serializing_if = "GrantedAssets::is_empty", default)]
    pub granted: GrantedAssets,
}
