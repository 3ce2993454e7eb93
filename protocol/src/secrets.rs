//! Secrets of apps and sites: which are stored. No message has their values, but the one that stores them.

use serde::{Deserialize, Serialize};

/// Which secrets are stored. Response of `GET /v1/admin/secrets/app/{app}` and `GET /v1/admin/secrets/site/{site}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecretList {
    /// Of an app each that it may have; of a site those that are stored, by their names.
    pub secrets: Vec<SecretStatus>,
}

/// One secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecretStatus {
    /// Its name, as it is put with.
    pub name: String,
    /// Whether it is stored.
    pub stored: bool,
    /// When it was last put, in Unix milliseconds. Absent: it is not stored, or it was put before this was kept.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub set_at: Option<u64>,
}
