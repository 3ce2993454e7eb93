//! How many new customer businesses Meta lets an app or a partner solution onboard.

use serde::{Deserialize, Serialize};

/// The window of seven days of an app or a partner solution: `GET /v1/admin/apps/{app}/quota` and
/// `GET /v1/admin/solutions/{id}/quota`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuotaStatus {
    /// Businesses that connected for the first time within the last seven days.
    pub used: u32,
    /// How many may.
    pub limit: u32,
    /// How much of the limit is used.
    pub level: QuotaLevel,
    /// When another one may, in Unix milliseconds. `null`: at once.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub free_at: Option<u64>,
}

/// How much of a limit is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum QuotaLevel {
    /// Less than four fifths.
    Fine,
    /// Four fifths or more.
    Warn,
    /// All of it: no more businesses can be onboarded now.
    Full,
}
