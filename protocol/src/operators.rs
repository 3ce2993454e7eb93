//! Operators: the people and programs that administer a deployment, and the audit log of what they did.

use serde::{Deserialize, Serialize};

/// What an operator may do. Each role may do what the one before may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OperatorRole {
    /// Reads everything but secrets and business tokens.
    Viewer,
    /// Changes settings, stores secrets, reads business tokens.
    Operator,
    /// Adds and removes operators.
    Owner,
}

impl OperatorRole {
    /// Every role, from the one that may least.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Operator, Self::Owner];

    /// The role of this value. `None`: there is none.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// The value on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Owner => "owner",
        }
    }
}

/// Add an operator. Body of `POST /v1/admin/operators`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OperatorRequest {
    /// Who it is, at most 80 characters, as the audit log shows it.
    pub name: String,
    /// What the operator may do.
    pub role: OperatorRole,
    /// The e-mail address by which Cloudflare Access knows the operator; no other operator may have it. Absent: the operator signs
    /// in with the token only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub email: Option<String>,
    /// After how many days the token ceases to work, 1 to 3650. Absent: never.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_in_days: Option<u32>,
}

/// An operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OperatorDetails {
    /// The operator's id, which is not a secret.
    pub id: String,
    /// Who it is.
    pub name: String,
    /// What the operator may do.
    pub role: OperatorRole,
    /// The e-mail address by which Cloudflare Access knows the operator, in lower case. Absent: there is none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub email: Option<String>,
    /// When the operator was added, in Unix milliseconds.
    pub created_at: u64,
    /// When the token ceases to work, in Unix milliseconds. Absent: never.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<u64>,
    /// The token. Present only in the response that created it: only its SHA-256 is stored.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub token: Option<String>,
}

/// Whose token a request has: `GET /v1/admin`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OperatorIdentity {
    /// The operator's id. Absent: the token is the deployment's own, `EMBARK_OPERATOR_TOKEN`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<String>,
    /// Who it is.
    pub name: String,
    /// What the operator may do.
    pub role: OperatorRole,
}

/// A page of the audit log: `GET /v1/admin/audit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditPage {
    /// The entries, the newest first.
    pub entries: Vec<OperatorAction>,
    /// The parameter `after` of the next page. Absent: this is the last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<u64>,
}

/// What an operator did, or what this service did on Meta's request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OperatorAction {
    /// Numbers the entries.
    pub number: u64,
    /// When, in Unix milliseconds.
    pub at: u64,
    /// The operator's name. Absent: it was no operator's request, or stored before names were.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub who: Option<String>,
    /// The action, as an English sentence.
    pub what: String,
    /// What came of it: `done`, or the code of the problem that it was refused with. Absent: it has not ended, or its end
    /// could not be stored.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub result: Option<String>,
}
