//! How far a backup is read.

use super::messages::TablePosition;
use crate::resources::key_rotation::ObjectId;
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
        /// Which of the list, and where in it. `None`: the first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<ObjectPosition>,
    },
    /// The objects that the signups of a site use.
    Objects {
        /// The site.
        site: SiteId,
        /// Where the list before ended. `None`: from the first.
        after: Option<String>,
        /// Which of the list, and where in it. `None`: the first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<ObjectPosition>,
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

/// A place in an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectPosition {
    /// The object.
    pub object: ObjectId,
    /// Where in its tables.
    pub at: TablePosition,
}

impl ObjectPosition {
    /// The begin of an object.
    pub fn start(object: ObjectId) -> Self {
        let at = TablePosition::default();
        Self { object, at }
    }
}

/// What is to be read of a list of objects, from this place on, each object once. One that the list does not have any more is read to
/// its end, and the list from its begin: what was read of it comes again.
pub fn rest_of_list(objects: Vec<ObjectId>, from: Option<ObjectPosition>) -> Vec<ObjectPosition> {
    let mut rest: Vec<ObjectPosition> = vec![];
    for object in objects {
        if !rest.iter().any(|listed| listed.object == object) {
            rest.push(ObjectPosition::start(object));
        }
    }
    if let Some(from) = from {
        match rest.iter().position(|listed| listed.object == from.object) {
            Some(number) => drop(rest.drain(..=number)),
            None if from.at == TablePosition::default() => return rest,
            None => {}
        }
        rest.insert(0, from);
    }
    rest
}

impl Position {
    /// The begin of a backup.
    pub const START: Self = Self::Accounts {
        after: None,
        from: None,
    };

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
                from: None,
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

    fn waba(number: u64) -> ObjectId {
        let id = WabaId::parse(&(5_000_000_000_000_000 + number).to_string());
        ObjectId::Waba(id.unwrap())
    }

    #[test]
    fn list_is_read_from_the_place_where_the_page_before_ended() {
        let list = || vec![waba(1), waba(2), waba(1), waba(3), waba(2)];
        let starts = |numbers: &[u64]| -> Vec<_> {
            let objects = numbers.iter().map(|number| waba(*number));
            objects.map(ObjectPosition::start).collect()
        };
        assert_eq!(rest_of_list(list(), None), starts(&[1, 2, 3]));
        let within = |number| ObjectPosition {
            object: waba(number),
            at: TablePosition {
                part: 4,
                table: "pending_events".into(),
                after: Some(9),
            },
        };
        for (number, others) in [(1, vec![2, 3]), (2, vec![3]), (3, vec![])] {
            let rest = rest_of_list(list(), Some(within(number)));
            let expected = [vec![within(number)], starts(&others)].concat();
            assert_eq!(rest, expected, "{number}");
            let start = ObjectPosition::start(waba(number));
            let rest = rest_of_list(list(), Some(start));
            assert_eq!(rest, starts(&[vec![number], others].concat()), "{number}");
        }
        // It was erased meanwhile.
        let rest = rest_of_list(list(), Some(within(7)));
        assert_eq!(rest, [vec![within(7)], starts(&[1, 2, 3])].concat());
        let gone = ObjectPosition::start(waba(7));
        assert_eq!(rest_of_list(list(), Some(gone)), starts(&[1, 2, 3]));
        assert_eq!(rest_of_list(vec![], None), []);
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
                from: None,
            },
            Position::Objects {
                site: site("acme"),
                after: None,
                from: Some(ObjectPosition {
                    object: waba(1),
                    at: at.clone(),
                }),
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
