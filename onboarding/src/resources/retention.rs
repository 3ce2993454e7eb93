//! How long things are kept. Rows of tables are deleted by their age alone, signups erase themselves
//! (`Signup::expires_at`), and invitations are deleted 90 days after they expire, when another one is stored. The
//! deployment's variables set some of these times.

use crate::time::UnixMillis;
use core::time::Duration;

/// How long a deployment keeps what its variables are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Signups that a token came of, from their end on: `EMBARK_KEEP_SIGNUPS_DAYS`.
    pub signups: Duration,
    /// Events of a site: `EMBARK_KEEP_EVENTS_DAYS`.
    pub events: Duration,
    /// Events that have messages of customers: `EMBARK_KEEP_MESSAGES_DAYS`.
    pub messages: Duration,
    /// The audit logs, and the counts of signups: `EMBARK_KEEP_AUDIT_DAYS`.
    pub audit: Duration,
}

/// A variable that sets a time, in days.
struct Variable {
    name: &'static str,
    default: u32,
    least: u32,
}

/// Longer than Meta repeats a webhook and a delivery is tried; an owner who is asked for something has 14 days.
const VARIABLES: [Variable; 4] = [
    Variable {
        name: "EMBARK_KEEP_SIGNUPS_DAYS",
        default: 90,
        least: 30,
    },
    Variable {
        name: "EMBARK_KEEP_EVENTS_DAYS",
        default: 90,
        least: 14,
    },
    Variable {
        name: "EMBARK_KEEP_MESSAGES_DAYS",
        default: 14,
        least: 8,
    },
    Variable {
        name: "EMBARK_KEEP_AUDIT_DAYS",
        default: 400,
        least: 30,
    },
];
/// Ten years.
const MOST_DAYS: u32 = 3_650;

impl Default for Retention {
    fn default() -> Self {
        Self::of(&VARIABLES.map(|variable| variable.default))
    }
}

impl Retention {
    /// Reads the variables, which `get` returns by name. One that is absent has its default.
    ///
    /// # Errors
    /// The name of the first one that is no whole number of days, or out of bounds.
    pub fn parse(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, &'static str> {
        let mut days = [0; VARIABLES.len()];
        for (days, variable) in days.iter_mut().zip(VARIABLES) {
            let is_allowed = |days: &u32| (variable.least..=MOST_DAYS).contains(days);
            *days = match get(variable.name) {
                None => variable.default,
                Some(text) => text
                    .trim()
                    .parse()
                    .ok()
                    .filter(is_allowed)
                    .ok_or(variable.name)?,
            };
        }
        Ok(Self::of(&days))
    }

    /// In the order of the variables.
    fn of(days: &[u32; VARIABLES.len()]) -> Self {
        let [signups, events, messages, audit] = days.map(|days| DAY * days);
        Self {
            signups,
            events,
            messages,
            audit,
        }
    }
}

/// A table whose rows are deleted by their age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgedTable {
    /// The index of a site's signups; only of those that are over.
    SignupIndex,
    /// Events of a site, for the partner's operator.
    SiteEvents,
    /// Events of a site that have messages: long enough for every attempt to deliver them, and for an operator to have them
    /// delivered again.
    ForwardedMessages,
    /// The audit logs, and the counts of signups.
    Audit,
    /// Customer businesses that were counted for a quota. A business that connects again later counts again.
    Businesses,
    /// Changes of Meta's webhooks that an account has taken in, so that they are not taken in again.
    SeenChanges,
    /// Who granted tokens, and Meta's callbacks about them. A deletion that finds nothing is an operator's to look into.
    Users,
}

impl AgedTable {
    /// How old a row becomes, by its column `at`.
    pub fn kept_for(self, retention: &Retention) -> Duration {
        match self {
            // After the last change of the signup: longer than the signup itself is kept.
            Self::SignupIndex => retention.signups + DAY * 30,
            Self::SiteEvents => retention.events,
            // Meta repeats a webhook for seven days, and its time is that of the message.
            Self::ForwardedMessages => retention.messages.min(retention.events),
            // Meta repeats a webhook for seven days.
            Self::SeenChanges => DAY * 8,
            Self::Audit => retention.audit,
            Self::Businesses | Self::Users => DAY * 400,
        }
    }

    /// Rows from before this are deleted.
    pub fn oldest_kept(self, now: UnixMillis, retention: &Retention) -> UnixMillis {
        now.before(self.kept_for(retention))
    }
}

/// Whether an incarnation of an object that last deleted outdated rows at `last` does so again now.
pub fn is_due(last: UnixMillis, now: UnixMillis) -> bool {
    // A clock that was put back delays it no further.
    now < last || now.since(last) >= PRUNED_EVERY
}

/// When an object must wake to delete rows, from the oldest row of each of its tables: perhaps no request ever comes
/// again that would do so. `None`: it has no rows that age.
pub fn next_prune(
    oldest: impl IntoIterator<Item = (AgedTable, UnixMillis)>,
    retention: &Retention,
    now: UnixMillis,
) -> Option<UnixMillis> {
    let outdated = oldest
        .into_iter()
        .map(|(table, at)| at + table.kept_for(retention))
        .min()?;
    Some((outdated + AFTER_OUTDATED).max(now + PRUNED_EVERY))
}

/// An incarnation of an object deletes rows at most this often.
const PRUNED_EVERY: Duration = Duration::from_hours(1);
/// How long after it is outdated a row is deleted, so that one alarm deletes the rows of a whole day.
const AFTER_OUTDATED: Duration = DAY;
const DAY: Duration = Duration::from_hours(24);

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str, value: &str) -> Result<Retention, &'static str> {
        Retention::parse(&|other| (other == name).then(|| value.to_owned()))
    }

    #[test]
    fn variables_set_the_times_within_their_bounds() {
        let default = Retention::default();
        assert_eq!(Retention::parse(&|_| None), Ok(default));
        type Get = fn(&Retention) -> Duration;
        let all: [(&str, Get, u32, u32); 4] = [
            ("EMBARK_KEEP_SIGNUPS_DAYS", |r| r.signups, 90, 30),
            ("EMBARK_KEEP_EVENTS_DAYS", |r| r.events, 90, 14),
            ("EMBARK_KEEP_MESSAGES_DAYS", |r| r.messages, 14, 8),
            ("EMBARK_KEEP_AUDIT_DAYS", |r| r.audit, 400, 30),
        ];
        for (name, get, days, least) in all {
            assert_eq!(get(&default), DAY * days, "{name}");
            for days in [least, 31, 3_650] {
                let set = parse(name, &format!(" {days} ")).unwrap();
                assert_eq!(get(&set), DAY * days, "{name}");
            }
            let (below, above) = ((least - 1).to_string(), "3651".to_owned());
            for value in ["", "x", "-30", "30.5", "4294967296", &below, &above] {
                assert_eq!(parse(name, value), Err(name), "{value}");
            }
        }
        // What has messages is kept no longer than other events.
        let short = parse("EMBARK_KEEP_MESSAGES_DAYS", "365").unwrap();
        assert_eq!(AgedTable::ForwardedMessages.kept_for(&short), DAY * 90);
    }

    fn day(number: u32) -> UnixMillis {
        UnixMillis(0) + DAY * number
    }

    #[test]
    fn every_table_has_its_retention() {
        for (table, days) in [
            (AgedTable::SignupIndex, 120),
            (AgedTable::SiteEvents, 90),
            (AgedTable::ForwardedMessages, 14),
            (AgedTable::Audit, 400),
            (AgedTable::Businesses, 400),
            (AgedTable::SeenChanges, 8),
            (AgedTable::Users, 400),
        ] {
            assert_eq!(
                table.kept_for(&Retention::default()),
                DAY * days,
                "{table:?}"
            );
            assert_eq!(
                table.oldest_kept(day(1_000), &Retention::default()),
                day(1_000 - days),
                "{table:?}"
            );
            // Nothing was written before time began.
            let first = table.oldest_kept(day(1), &Retention::default());
            assert_eq!(first, UnixMillis(0), "{table:?}");
        }
    }

    #[test]
    fn rows_are_deleted_once_an_hour_by_any_clock() {
        let minutes = |minutes| UnixMillis(0) + Duration::from_mins(minutes);
        for (last, now, due) in [
            (0, 1_000_000, true),
            (600, 600, false),
            (600, 659, false),
            (600, 660, true),
            // The clock was put back.
            (600, 599, true),
        ] {
            assert_eq!(is_due(minutes(last), minutes(now)), due, "{last} {now}");
        }
    }

    #[test]
    fn quiet_object_wakes_for_the_row_that_is_outdated_first() {
        for (oldest, now, want) in [
            (vec![], day(500), None),
            (
                vec![(AgedTable::SignupIndex, day(10))],
                day(20),
                Some(day(131)),
            ),
            (
                vec![
                    (AgedTable::SignupIndex, day(10)),
                    (AgedTable::SiteEvents, day(30)),
                ],
                day(40),
                Some(day(121)),
            ),
            // Outdated already: it was just looked, and an object does so once an hour.
            (
                vec![(AgedTable::Audit, day(10))],
                day(900),
                Some(day(900) + Duration::from_hours(1)),
            ),
        ] {
            let next = next_prune(oldest.clone(), &Retention::default(), now);
            assert_eq!(next, want, "{oldest:?}");
        }
    }
}
