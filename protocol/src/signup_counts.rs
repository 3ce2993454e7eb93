//! How many signups came how far: `GET /v1/admin/sites/{site}/counts`.

use crate::snapshot::SignupStatus;
use crate::step::Step;
use serde::{Deserialize, Serialize};

/// Counts of a site's signups, by the day on which they began.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignupCounts {
    /// The counts. Days, statuses, reasons and steps without signups are left out.
    pub counts: Vec<SignupCount>,
}

/// How many signups of one day stand alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignupCount {
    /// The day in UTC on which they began, in days since 1970-01-01.
    pub day: u32,
    /// Where they stand.
    pub status: SignupStatus,
    /// Why: a problem code, Meta's screen, or Meta's error code. Absent: neither is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// The step at which they stand, or have stopped. Absent: they came to no step, are connected, or were counted by a version
    /// before this field.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub step: Option<Step>,
    /// Of those that connected: within how many seconds of their beginning, rounded up to one of a few steps. Absent: they did
    /// not, or it is not known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub connected_within_s: Option<u32>,
    /// How many.
    pub count: u32,
}
