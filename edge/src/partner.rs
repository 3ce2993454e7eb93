//! The partner: the directory of Meta apps, which sites have open runs, how many new businesses each app
//! took on, and what operators did. Never on the page-view path; KV holds copies.

use crate::quota::Quota;
use crate::run::Ms;
use embark_protocol::config::App;
use embark_protocol::{AppKey, BusinessId, SignupId, SiteId};
use serde::{Deserialize, Serialize};

/// The stored record. Businesses and audit lines are rows of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Partner {
    pub apps: Vec<App>,
    /// Sites with open runs, in order.
    pub open: Vec<SiteId>,
    /// The last site that the sweep came to.
    pub cursor: Option<SiteId>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    PutApp {
        app: App,
    },
    GetApp {
        key: AppKey,
    },
    /// A site began or ceased to have open runs.
    SiteOpen {
        site: SiteId,
        open: bool,
    },
    /// The next sites to sweep.
    NextOpen {
        limit: usize,
    },
    /// A customer business connected, for the first time as far as the asker knows.
    Connected(Business),
    Quota {
        key: AppKey,
    },
    Audit(Line),
}

/// A newly connected customer business. Counted once per app and once per solution, for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Business {
    pub app: AppKey,
    pub solution: Option<String>,
    pub business: BusinessId,
    pub run: SignupId,
    pub at: Ms,
}

/// What an operator did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub at: Ms,
    pub what: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    App { app: Option<App> },
    Sites { sites: Vec<SiteId> },
    Quota { quota: Quota },
    Noted,
    Invalid { detail: String },
}

impl Partner {
    pub fn app(&self, key: &AppKey) -> Option<&App> {
        self.apps.iter().find(|app| app.key == *key)
    }

    pub fn put_app(&mut self, app: App) -> Answer {
        if !is_graph_version(&app.graph_version) {
            return Answer::Invalid {
                detail: "graph_version: like v25.0".to_owned(),
            };
        }
        self.apps.retain(|other| other.key != app.key);
        self.apps.push(app.clone());
        Answer::App { app: Some(app) }
    }

    /// `true`: the record changed.
    pub fn site_open(&mut self, site: SiteId, open: bool) -> bool {
        match (self.open.binary_search(&site), open) {
            (Err(at), true) => {
                self.open.insert(at, site);
                true
            }
            (Ok(at), false) => {
                self.open.remove(at);
                true
            }
            _ => false,
        }
    }

    /// Up to `limit` sites after the cursor, round and round.
    pub fn next_open(&mut self, limit: usize) -> Vec<SiteId> {
        let start = match &self.cursor {
            Some(cursor) => self.open.partition_point(|site| site <= cursor),
            None => 0,
        };
        let count = limit.min(self.open.len());
        let sites: Vec<SiteId> = self
            .open
            .iter()
            .cycle()
            .skip(start)
            .take(count)
            .cloned()
            .collect();
        self.cursor = sites.last().cloned();
        sites
    }
}

fn is_graph_version(text: &str) -> bool {
    let digits =
        |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    text.strip_prefix('v')
        .and_then(|rest| rest.split_once('.'))
        .is_some_and(|(major, minor)| digits(major) && digits(minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graph_versions_have_two_numbers() {
        for ok in ["v25.0", "v9.0", "v100.12"] {
            assert!(is_graph_version(ok), "{ok}");
        }
        for bad in ["", "25.0", "v25", "v25.0/me", "v.0", "v25.0.1", "v25.x"] {
            assert!(!is_graph_version(bad), "{bad}");
        }
    }

    #[test]
    fn the_sweep_comes_round_to_every_open_site() {
        let site = |name: &str| SiteId::parse(name).unwrap();
        let mut partner = Partner::default();
        for name in ["c", "a", "b", "a"] {
            partner.site_open(site(name), true);
        }
        let names = |sites: Vec<SiteId>| sites.iter().map(|s| s.to_string()).collect::<String>();
        assert_eq!(names(partner.next_open(2)), "ab");
        assert_eq!(names(partner.next_open(2)), "ca");
        partner.site_open(site("b"), false);
        assert_eq!(names(partner.next_open(5)), "ca");
        partner.site_open(site("a"), false);
        partner.site_open(site("c"), false);
        assert_eq!(names(partner.next_open(5)), "");
    }
}
