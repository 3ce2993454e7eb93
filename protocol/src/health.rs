//! The health of a deployment: what is wrong now, and what to do about it.

use crate::doctor::DoctorState;
use crate::id::SiteId;
use serde::{Deserialize, Serialize};

/// Response of `GET /v1/admin/health`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HealthReport {
    /// Whether anybody has something to do.
    pub status: HealthStatus,
    /// When it was checked, in Unix milliseconds.
    pub checked_at: u64,
    /// The version of the Worker.
    pub version: String,
    /// The build of the Worker: the path of its static files.
    pub build: String,
    /// How many sites there are.
    pub sites: u32,
    /// What was checked.
    pub checks: Vec<HealthCheck>,
    /// `after` of the next page: some sites were not looked at. Absent: all were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<SiteId>,
}

/// A deployment in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HealthStatus {
    /// No check is `to_do`.
    Ok,
    /// At least one is.
    Degraded,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HealthCheck {
    /// What was checked.
    pub item: HealthItem,
    /// The result.
    pub state: DoctorState,
    /// What was found, as one English sentence or two.
    pub finding: String,
    /// What to do. Absent if there is nothing to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// The path of the page of the console where it is done. Absent: it is not done in the console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HealthItem {
    /// KV can be read.
    Kv,
    /// An object of each class replies, and so do the objects of the sites.
    Objects,
    /// The sealing keys of the deployment.
    Keys,
    /// Cloudflare Access before the operator's host.
    Access,
    /// The secrets of apps and sites are there, and can be opened.
    Secrets,
    /// When the cron trigger last ran.
    Cron,
    /// Whether events are delivered by a queue.
    Queue,
    /// Copies in KV of what objects decide.
    Copies,
    /// How many new businesses apps may still take on this week.
    Quota,
    /// Accounts that wait to be assigned to a site.
    Unclaimed,
    /// The endpoints that the events of sites are delivered to.
    Endpoints,
    /// Events whose delivery was given up.
    Deliveries,
    /// The partner solutions of sites.
    Solutions,
}
