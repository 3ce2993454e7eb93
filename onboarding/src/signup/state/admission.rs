//! What the Site object said of a signup.

use crate::resources::message_route::MessageRoute;
use crate::workflow::RetryState;
use embark_protocol::ProblemCode;
use embark_protocol::policy::{Policy, PolicySettings};
use serde::{Deserialize, Serialize};

/// Whether the site takes this signup, and the settings that the signup keeps for its whole course.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AdmissionState {
    /// What the Site object answered.
    #[serde(rename = "admission")]
    pub decision: Admission,
    /// When it is asked again after no answer.
    #[serde(rename = "admit_pace")]
    pub retry: RetryState,
    /// The partner solution of the site's signups.
    #[serde(rename = "solution")]
    pub solution_id: Option<String>,
    /// What the site's policy needs.
    #[serde(rename = "terms")]
    pub settings: PolicySettings,
    /// Where messages are to be sent. `None`: to the app's callback URL, as ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages: Option<MessageRoute>,
}

/// The Site object's decision.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Admission {
    /// Not asked, or not answered.
    #[default]
    Unknown,
    /// The site takes the signup, with this policy.
    #[serde(rename = "yes")]
    Admitted(Policy),
    /// It does not, for this reason.
    #[serde(rename = "no")]
    Rejected(ProblemCode),
}
