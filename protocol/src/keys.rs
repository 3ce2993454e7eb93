//! The sealing keys of a deployment, and their rotation.

use crate::SiteId;
use serde::{Deserialize, Serialize};

/// The sealing keys, and the last rotation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SealingKeys {
    /// The keys, by their number: `EMBARK_KEY_<number>`.
    pub keys: Vec<SealingKeyInfo>,
    /// The last rotation. Absent: there was none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rotation: Option<RotationStatus>,
}

/// A sealing key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SealingKeyInfo {
    /// Its number.
    pub number: u32,
    /// Whether it seals. The others open what they sealed before.
    pub newest: bool,
    /// Whether nothing is sealed with it any more: a rotation to the newest key is done. Links that it signed cease to work
    /// once it is removed.
    pub removable: bool,
}

/// How far a rotation is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RotationStatus {
    /// The number of the key that everything is sealed with.
    pub key: u32,
    /// Whether it goes on.
    pub state: RotationState,
    /// When it began, in milliseconds since 1970.
    pub started_at: u64,
    /// When it ended, likewise. Absent: it goes on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended_at: Option<u64>,
    /// How many times everything was visited. A rotation is done once a visit has found nothing to do.
    pub passes: u32,
    /// How many sites there are.
    pub sites: u32,
    /// How many of them the visit that goes on has done.
    pub sites_done: u32,
    /// The site that is being visited. Absent: none is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub site: Option<SiteId>,
    /// Objects that have replied in this visit: the partner's, sites, signups, accounts, and numbers.
    pub objects: u64,
    /// Entries of KV that were read in this visit.
    pub entries: u64,
    /// How many secrets were sealed again, in all visits.
    pub resealed: u64,
    /// Copies in KV that an older key has sealed. Their objects write them anew within minutes.
    pub outdated_copies: u64,
    /// Secrets that no key of the deployment opens.
    pub unreadable: u64,
    /// Objects that have not replied, and entries of KV that could not be read, in this visit.
    pub unreachable: u64,
    /// The first twenty of what is outdated, unreadable or unreachable.
    pub names: Vec<String>,
    /// When the next visit begins, in milliseconds since 1970. Absent: one goes on, or there is none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next_pass_at: Option<u64>,
}

/// Whether a rotation goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RotationState {
    /// Everything is being visited.
    Running,
    /// A visit found something to do: another one follows.
    Waiting,
    /// Nothing is sealed with an older key.
    Done,
    /// It was given up: `names` has what is left.
    Incomplete,
}
