//! How long things are kept. Rows of tables are deleted by their age alone, signups erase themselves
//! (`Signup::expires_at`), and invitations are deleted 90 days after they expire, when another one is stored. The
//! deployment's variables set some of these times.

use crate::retention::Retention;
use crate::time::UnixMillis;
use core::time::Duration;

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

    #[test]
    fn messages_are_kept_no_longer_than_other_events() {
        let short = Retention {
            messages: DAY * 365,
            ..Retention::default()
        };
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
