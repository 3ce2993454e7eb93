//! How far a rotation is, and what it visits next.

use super::objects::ObjectId;
use super::reseal::ResealCount;
use crate::crypto::Sealed;
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::keys::{RotationState, RotationStatus};
use embark_protocol::{SiteId, WabaId};
use serde::{Deserialize, Serialize};

/// A request to the Partner object, about the rotation of keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeysRequest {
    /// Reads how far the rotation is.
    Status,
    /// Begins a rotation to the newest key, unless one is under way.
    Start,
}

/// The reply of the Partner object to a [`KeysRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysReply {
    /// The last rotation. `None`: there was none.
    pub rotation: Option<RotationStatus>,
}

/// A rotation. Part of the Partner object's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRotation {
    /// The number of the key that everything is to be sealed with.
    pub key: u32,
    /// When it began.
    pub started_at: UnixMillis,
    /// When it ended. `None`: it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<UnixMillis>,
    /// What is visited next.
    pub position: Position,
    /// How many passes are complete.
    #[serde(default)]
    pub passes: u32,
    /// What the pass that goes on has found so far; once the rotation has ended, what the last one has found.
    #[serde(default)]
    pub findings: PassFindings,
    /// How many secrets were sealed again, in all passes.
    #[serde(default)]
    pub resealed: u64,
}

/// Where a pass is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// The Partner object's own record.
    Partner,
    /// Accounts that nobody owns, after this one.
    Unclaimed {
        /// `None`: from the first.
        after: Option<WabaId>,
    },
    /// The record and the rows of a site.
    Site {
        /// The site.
        site: SiteId,
    },
    /// The objects that the signups of a site use.
    Objects {
        /// The site.
        site: SiteId,
        /// Where the page before ended. `None`: the first page.
        after: Option<String>,
    },
    /// Sealed entries of KV.
    Entries {
        /// The position of their prefix in [`SEALED_PREFIXES`].
        prefix: usize,
        /// KV's cursor. `None`: the first page.
        cursor: Option<String>,
    },
    /// The pass is over, and another one begins then.
    Waiting {
        /// When.
        until: UnixMillis,
    },
}

/// What a pass has found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PassFindings {
    /// Objects that have replied.
    pub objects: u64,
    /// Entries of KV that were read.
    pub entries: u64,
    /// Secrets that an older key had sealed.
    pub resealed: u64,
    /// Copies in KV that an older key has sealed: their objects write them anew.
    pub outdated_copies: u64,
    /// Secrets that no key opens.
    pub unreadable: u64,
    /// Objects that have not replied, and entries that could not be read.
    pub unreachable: u64,
    /// The first of what is outdated, unreadable or unreachable, by their names.
    pub names: Vec<String>,
}

/// What came of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visited {
    /// The Partner object's own record.
    Partner(ResealCount),
    /// Accounts that nobody owns. Empty: there are no more.
    Unclaimed(Vec<(WabaId, Option<ResealCount>)>),
    /// A site. `None`: it has not replied.
    Site(Option<ResealCount>),
    /// Objects of a site.
    Objects {
        /// Each with its reply. `None`: it has not replied.
        objects: Vec<(ObjectId, Option<ResealCount>)>,
        /// Where the next page begins. `None`: there is none.
        next: Option<String>,
    },
    /// The site has not named its objects.
    NoObjects,
    /// Entries of KV.
    Entries(KvPage),
    /// The time has come for another pass.
    Waited,
}

/// A page of KV's entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KvPage {
    /// The key of each, with its value. `None`: it could not be read.
    pub entries: Vec<(String, Option<String>)>,
    /// KV's cursor of the next page. `None`: there is none.
    pub cursor: Option<String>,
    /// The page could not be listed.
    pub failed: bool,
}

impl KeyRotation {
    /// A rotation that begins.
    pub fn begin(key: u32, now: UnixMillis) -> Self {
        Self {
            key,
            started_at: now,
            ended_at: None,
            position: Position::Partner,
            passes: 0,
            findings: PassFindings::default(),
            resealed: 0,
        }
    }

    /// When it goes on. `None`: it has ended.
    pub fn next_at(&self, now: UnixMillis) -> Option<UnixMillis> {
        match (&self.ended_at, &self.position) {
            (Some(_), _) => None,
            (None, Position::Waiting { until }) => Some(*until),
            (None, _) => Some(now),
        }
    }

    /// Takes in what came of visiting [`position`](Self::position), and moves on. `sites`: all sites, sorted.
    pub fn advance(&mut self, visited: Visited, sites: &[SiteId], now: UnixMillis) {
        match (self.position.clone(), visited) {
            (Position::Partner, Visited::Partner(count)) => {
                self.count("partner/main", Some(count));
                self.position = Position::Unclaimed { after: None };
            }
            (Position::Unclaimed { .. }, Visited::Unclaimed(accounts)) => {
                for (waba, count) in &accounts {
                    self.count(&ObjectId::Waba(waba.clone()).to_string(), *count);
                }
                let last = accounts.last().map(|(waba, _)| waba.clone());
                self.position = match last {
                    Some(last) => Position::Unclaimed { after: Some(last) },
                    None => first_site(sites, None),
                };
            }
            (Position::Site { site }, Visited::Site(count)) => {
                self.count(&["site/", site.as_str()].concat(), count);
                self.position = Position::Objects { site, after: None };
            }
            (Position::Objects { site, .. }, Visited::Objects { objects, next }) => {
                for (object, count) in &objects {
                    self.count(&object.to_string(), *count);
                }
                self.position = match next {
                    Some(next) => Position::Objects {
                        site,
                        after: Some(next),
                    },
                    None => first_site(sites, Some(&site)),
                };
            }
            (Position::Objects { site, .. }, Visited::NoObjects) => {
                self.count(&["site/", site.as_str()].concat(), None);
                self.position = first_site(sites, Some(&site));
            }
            (Position::Entries { prefix, .. }, Visited::Entries(page)) => {
                self.take_in(prefix, page, now);
            }
            (Position::Waiting { .. }, Visited::Waited) => {
                self.findings = PassFindings::default();
                self.position = Position::Partner;
            }
            // Of another position: it changes nothing.
            _ => {}
        }
    }

    fn take_in(&mut self, prefix: usize, page: KvPage, now: UnixMillis) {
        let findings = &mut self.findings;
        if page.failed {
            findings.unreachable += 1;
            findings.name(SEALED_PREFIXES.get(prefix).copied().unwrap_or_default());
        }
        for (key, value) in page.entries {
            let Some(value) = value else {
                findings.unreachable += 1;
                findings.name(&key);
                continue;
            };
            findings.entries += 1;
            if is_outdated(&value, self.key, now) {
                findings.outdated_copies += 1;
                findings.name(&key);
            }
        }
        self.position = match page.cursor {
            Some(cursor) => Position::Entries {
                prefix,
                cursor: Some(cursor),
            },
            None if prefix + 1 < SEALED_PREFIXES.len() => Position::Entries {
                prefix: prefix + 1,
                cursor: None,
            },
            None => return self.end_pass(now),
        };
    }

    fn end_pass(&mut self, now: UnixMillis) {
        self.passes += 1;
        let findings = &self.findings;
        // The first pass reads copies in KV too early: a read may be a minute old.
        let is_clean = findings.is_clean() && now.since(self.started_at) >= PASS_AGAIN_AFTER;
        if is_clean || self.passes >= MAX_PASSES {
            self.ended_at = Some(now);
        } else {
            let until = now + PASS_AGAIN_AFTER;
            self.position = Position::Waiting { until };
        }
    }

    /// `None`: the object has not replied.
    fn count(&mut self, name: &str, count: Option<ResealCount>) {
        let findings = &mut self.findings;
        match count {
            None => {
                findings.unreachable += 1;
                findings.name(name);
            }
            Some(count) => {
                findings.objects += 1;
                findings.resealed += u64::from(count.resealed);
                self.resealed += u64::from(count.resealed);
                if count.unreadable > 0 {
                    findings.unreadable += u64::from(count.unreadable);
                    findings.name(name);
                }
            }
        }
    }

    /// As it is shown. `sites`: all sites, sorted.
    pub fn status(&self, sites: &[SiteId]) -> RotationStatus {
        let site = match &self.position {
            Position::Site { site } | Position::Objects { site, .. } => Some(site),
            _ => None,
        };
        let sites_done = match &self.position {
            Position::Partner | Position::Unclaimed { .. } => 0,
            Position::Site { site } | Position::Objects { site, .. } => {
                sites.partition_point(|other| other < site)
            }
            Position::Entries { .. } | Position::Waiting { .. } => sites.len(),
        };
        let findings = &self.findings;
        let state = match (self.ended_at, &self.position) {
            (Some(_), _) if findings.is_clean() => RotationState::Done,
            (Some(_), _) => RotationState::Incomplete,
            (None, Position::Waiting { .. }) => RotationState::Waiting,
            (None, _) => RotationState::Running,
        };
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        RotationStatus {
            key: self.key,
            state,
            started_at: self.started_at.0,
            ended_at: self.ended_at.map(|at| at.0),
            passes: self.passes,
            sites: number(sites.len()),
            sites_done: number(sites_done),
            site: site.cloned(),
            objects: findings.objects,
            entries: findings.entries,
            resealed: self.resealed,
            outdated_copies: findings.outdated_copies,
            unreadable: findings.unreadable,
            unreachable: findings.unreachable,
            names: findings.names.clone(),
            next_pass_at: match &self.position {
                Position::Waiting { until } if self.ended_at.is_none() => Some(until.0),
                _ => None,
            },
        }
    }
}

impl PassFindings {
    /// Whether everything has replied, and nothing needs an older key any more.
    pub const fn is_clean(&self) -> bool {
        self.resealed == 0
            && self.outdated_copies == 0
            && self.unreadable == 0
            && self.unreachable == 0
    }

    fn name(&mut self, name: &str) {
        // An account is visited once for each of its signups.
        let is_there = self.names.iter().any(|known| known == name);
        if !is_there && self.names.len() < MAX_NAMES {
            self.names.push(name.to_owned());
        }
    }
}

/// The first site after this one, or else KV's entries.
fn first_site(sites: &[SiteId], after: Option<&SiteId>) -> Position {
    let at = after.map_or(0, |after| sites.partition_point(|site| site <= after));
    match sites.get(at) {
        Some(site) => Position::Site { site: site.clone() },
        None => Position::Entries {
            prefix: 0,
            cursor: None,
        },
    }
}

/// Whether the value of an entry of KV needs an older key than this one. The copy of a secret that another one replaced has the
/// time in front until which it counts.
pub fn is_outdated(value: &str, key: u32, now: UnixMillis) -> bool {
    let (until, sealed) = match value.split_once(' ') {
        Some((until, sealed)) => (until.parse::<u64>().ok(), sealed),
        None => (None, value),
    };
    let number = Sealed::from_stored(sealed.to_owned()).key_number();
    number.is_some_and(|number| number < key) && until.is_none_or(|until| now.0 < until)
}

/// The beginnings of the keys of KV's sealed entries.
pub const SEALED_PREFIXES: &[&str] = &["sealed/", "token/"];
/// How many objects, or entries of KV, are visited at a time.
pub const BATCH: u32 = 40;
/// How long after a pass the next one begins, unless nothing was left to do. Longer than an object takes to confirm a copy in
/// KV.
pub const PASS_AGAIN_AFTER: Duration = Duration::from_mins(6);
/// A rotation that is not done after this many passes needs somebody to look at what is left.
const MAX_PASSES: u32 = 20;
const MAX_NAMES: usize = 20;

#[cfg(test)]
#[path = "rotation_tests.rs"]
mod tests;
