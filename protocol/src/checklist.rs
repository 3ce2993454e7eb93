//! The partner's own way to the first live customer, as a checklist that keeps its state.

use crate::doctor::{DoctorItem, DoctorState};
use serde::{Deserialize, Serialize};

/// Response of `GET /v1/admin/apps/{app}/checklist`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Checklist {
    /// The steps, in the order in which they are best done.
    pub steps: Vec<ChecklistStep>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChecklistStep {
    /// Its name in requests, e.g. `app_review`.
    pub key: String,
    /// The part of the way that it belongs to, in English.
    pub part: String,
    /// What to do, in English.
    pub title: String,
    /// What to mind, in English.
    pub detail: String,
    /// Meta's screen, or a command of this product.
    pub screen: String,
    /// The check of the doctor that decides. Absent: an operator does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<DoctorItem>,
    /// What the doctor found. `to_do`: a mark of an operator's does not count. Absent: the doctor does not decide it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<DoctorState>,
    /// How far it is.
    pub state: ChecklistState,
    /// Which operator marked it as done. Absent: nobody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_by: Option<String>,
    /// When, in Unix milliseconds. Absent: nobody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_at: Option<u64>,
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChecklistState {
    /// The doctor has found it in order.
    Checked,
    /// An operator has marked it as done.
    Done,
    /// It is to be done.
    Open,
}

/// Mark a step. Body of `PUT /v1/admin/apps/{app}/checklist/{step}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChecklistMark {
    /// Whether it is done.
    pub done: bool,
}
