//! Tokens of a site's back end, and who used them.

use crate::id::SiteId;
use serde::{Deserialize, Serialize};

/// What a back-end token permits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BackendScope {
    /// Reading signups and events.
    Read,
    /// Reading the business tokens of connected accounts. Every read is recorded.
    Token,
    /// Creating sessions, invitations and links, replaying events.
    Write,
}

impl BackendScope {
    /// The value on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Token => "token",
            Self::Write => "write",
        }
    }
}

/// Create a back-end token. Body of `POST /v1/admin/sites/{site}/tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BackendTokenRequest {
    /// What it is for, at most 80 characters.
    pub name: String,
    /// What it permits; at least one.
    pub scopes: Vec<BackendScope>,
    /// After how many days it ceases to work, 1 to 3650. Absent: never.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_in_days: Option<u32>,
}

/// A back-end token as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BackendTokenDetails {
    /// Its id, which is not a secret.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What it permits.
    pub scopes: Vec<BackendScope>,
    /// When it was created, in Unix milliseconds.
    pub created_at: u64,
    /// When it ceases to work, in Unix milliseconds. Absent: never.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<u64>,
    /// The token. Present only in the response that created it: only its SHA-256 is stored.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub token: Option<String>,
}

/// Who read a secret: a line of `GET /v1/admin/sites/{site}/audit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// When, in Unix milliseconds.
    pub at: u64,
    /// Who: the id of a back-end token.
    pub who: String,
    /// What, e.g. `read the token of 5000000000000001`.
    pub what: String,
}

/// The site that a token is for: `GET /v1/backend`, to try a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BackendIdentity {
    /// The site.
    pub site: SiteId,
    /// What the token permits.
    pub scopes: Vec<BackendScope>,
}
