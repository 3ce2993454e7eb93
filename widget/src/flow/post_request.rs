//! The posts a page sends about its signup.

use embark_protocol::requests::{
    AssetsRequest, EndedRequest, InputRequest, LaunchedRequest, OutcomeRequest,
};
use serde::Serialize;

/// A post; it serializes to its JSON body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum PostRequest {
    Launched(LaunchedRequest),
    Outcome(OutcomeRequest),
    Assets(AssetsRequest),
    Ended(EndedRequest),
    Input(InputRequest),
    Report {},
}

impl PostRequest {
    pub fn kind(&self) -> PostKind {
        match self {
            Self::Launched(_) => PostKind::Launched,
            Self::Outcome(_) => PostKind::Outcome,
            Self::Assets(_) => PostKind::Assets,
            Self::Ended(_) => PostKind::Ended,
            Self::Input(_) => PostKind::Input,
            Self::Report {} => PostKind::Report,
        }
    }
}

/// The posts a page sends about its signup (`protocol::requests`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PostKind {
    /// `FB.login` was called.
    Launched,
    /// The authorization code.
    Outcome,
    /// Ids of Meta's session info that came after the code.
    Assets,
    /// The person left Meta's popup without a code.
    Ended,
    /// The answer to what the signup asks the person for.
    Input,
    /// Request to read the readiness report again.
    Report,
}

impl PostKind {
    pub const ALL: [Self; 6] = [
        Self::Launched,
        Self::Outcome,
        Self::Assets,
        Self::Ended,
        Self::Input,
        Self::Report,
    ];

    /// Path below `/v1/signups/{id}`.
    pub fn path(self) -> &'static str {
        match self {
            Self::Launched => "/launched",
            Self::Outcome => "/outcome",
            Self::Assets => "/assets",
            Self::Ended => "/ended",
            Self::Input => "/input",
            Self::Report => "/report",
        }
    }
}
