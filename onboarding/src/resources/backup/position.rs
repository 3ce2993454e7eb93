//! How far a backup is read.

use super::messages::TablePosition;
use base64ct::{Base64UrlUnpadded, Encoding};
use embark_protocol::{SiteId, WabaId};
use serde::{Deserialize, Serialize};

/// What the next page of a backup begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// The accounts that nobody owns, after this one.
    Accounts {
        /// `None`: from the first.
        after: Option<WabaId>,
    },
    /// The objects that the signups of a site use.
    Objects {
        /// The site.
        site: SiteId,
        /// Where the page before ended. `None`: from the first.
        after: Option<String>,
    },
    /// A site.
    Site {
        /// The site.
        site: SiteId,
        /// Where in its tables.
        at: TablePosition,
    },
    /// The Partner object.
    Partner {
        /// Where in its tables.
        at: TablePosition,
    },
}

impl Position {
    /// The begin of a backup.
    pub const START: Self = Self::Accounts { after: None };

    /// The position of this text, as [`cursor`](Self::cursor) writes it. `None`: it is not one.
    pub fn parse(cursor: &str) -> Option<Self> {
        let json = Base64UrlUnpadded::decode_vec(cursor).ok()?;
        serde_json::from_slice(&json).ok()
    }

    /// As a text for URLs.
    pub fn cursor(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        Base64UrlUnpadded::encode_string(&json)
    }

    /// The position behind the site `done`; `None`: behind the accounts that nobody owns. `sites`: all sites, sorted.
    pub fn after_site(sites: &[SiteId], done: Option<&SiteId>) -> Self {
        let is_later = |site: &&SiteId| done.is_none_or(|done| *site > done);
        match sites.iter().find(is_later) {
            Some(site) => Self::Objects {
                site: site.clone(),
                after: None,
            },
            None => Self::Partner {
                at: TablePosition::default(),
            },
        }
    }

    /// How many of the sites are complete. `sites`: all sites, sorted.
    pub fn sites_done(&self, sites: &[SiteId]) -> usize {
        match self {
            Self::Accounts { .. } => 0,
            Self::Objects { site, .. } | Self::Site { site, .. } => {
                sites.iter().filter(|other| *other < site).count()
            }
            Self::Partner { .. } => sites.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(name: &str) -> SiteId {
        SiteId::parse(name).unwrap()
    }

    #[test]
    fn every_site_is_visited_and_the_partner_object_last() {
        let sites = ["acme", "beta", "rival"].map(site);
        let mut position = Position::after_site(&sites, None);
        let mut visited = vec![];
        while let Position::Objects { site, .. } = &position {
            assert_eq!(position.sites_done(&sites), visited.len());
            visited.push(site.clone());
            position = Position::after_site(&sites, Some(&site.clone()));
        }
        assert_eq!(visited, sites);
        assert_eq!(position.sites_done(&sites), 3);
        let at = TablePosition::default();
        assert_eq!(position, Position::Partner { at });
        assert_eq!(Position::after_site(&[], None), position);
        // After a site that is not in the list any more.
        let next = Position::after_site(&sites, Some(&site("az")));
        assert!(matches!(next, Position::Objects { site, .. } if site.as_str() == "beta"));
    }

    #[test]
    fn cursor_is_read_as_it_is_written_and_no_other_text() {
        let at = TablePosition {
            part: 3,
            table: "event_log".into(),
            after: Some(-7),
        };
        for position in [
            Position::START,
            Position::Objects {
                site: site("acme"),
                after: Some("run/0".into()),
            },
            Position::Site {
                site: site("acme"),
                at: at.clone(),
            },
            Position::Partner { at },
        ] {
            assert_eq!(Position::parse(&position.cursor()), Some(position));
        }
        for text in ["", "x", "e30", "eyJzaXRlIjp7fX0", "eyJhIjoxfQ=="] {
            assert_eq!(Position::parse(text), None, "{text}");
        }
    }
}
