//! What a signup asked of Meta and of providers: `GET /v1/admin/sites/{site}/signups/{id}/calls`.

use serde::{Deserialize, Serialize};

/// The calls of a signup.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignupCalls {
    /// The last 150 or so, the oldest first.
    pub calls: Vec<SignupCall>,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignupCall {
    /// What was called, e.g. `register`.
    pub name: String,
    /// When it was sent, in Unix milliseconds.
    pub sent_at: u64,
    /// How long the response took, in milliseconds. Absent: there was none, or the process that waited for it ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub took_ms: Option<u64>,
    /// The HTTP status of a success; of a failure what it was, with Meta's code and trace id, or why there was no response.
    /// Absent: not known, the process that waited for it ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub outcome: Option<String>,
    /// Whether it succeeded.
    pub succeeded: bool,
}
