//! What the objects say of themselves for the health of the deployment.

use super::quota::Quota;
use crate::time::UnixMillis;
use embark_protocol::backend::EndpointStatus;
use embark_protocol::keys::RotationStatus;
use embark_protocol::{AppKey, SiteId};
use serde::{Deserialize, Serialize};

/// Of the Partner object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartnerHealth {
    /// When the cron trigger last asked which sites are to be woken. `None`: never, since this is kept.
    pub cron_ran_at: Option<UnixMillis>,
    /// How many copies KV has not acknowledged.
    pub unwritten_copies: usize,
    /// The apps.
    pub apps: Vec<AppHealth>,
    /// The partner solutions that businesses connected through within the window of Meta's limit.
    #[serde(default)]
    pub solutions: Vec<SolutionHealth>,
    /// The last rotation of the sealing keys. `None`: there was none.
    #[serde(default)]
    pub rotation: Option<RotationStatus>,
    /// How many accounts wait to be assigned to a site.
    pub unclaimed: u64,
    /// Every site.
    pub sites: Vec<SiteId>,
}

/// Of an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppHealth {
    /// The app.
    pub key: AppKey,
    /// Whether its `app_secret` is stored.
    pub has_secret: bool,
    /// The secrets that none of the deployment's keys opens, by the keys that they are sealed under.
    pub unreadable_secrets: Vec<String>,
    /// The window of Meta's limit.
    pub quota: Quota,
}

/// Of a partner solution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SolutionHealth {
    /// The solution.
    pub id: String,
    /// The window of Meta's limit.
    pub quota: Quota,
}

/// Of a Site object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteHealth {
    /// How many copies KV has not acknowledged.
    pub unwritten_copies: usize,
    /// The secrets that none of the deployment's keys opens, by the keys that they are sealed under.
    pub unreadable_secrets: Vec<String>,
    /// The endpoint of its events. `None`: it has none.
    pub endpoint: Option<EndpointStatus>,
    /// Whether so many deliveries failed in succession that the endpoint is left alone for a while.
    pub is_unreachable: bool,
    /// The status of its partner solution, if signups are refused with it or are to end.
    pub solution: Option<String>,
}
