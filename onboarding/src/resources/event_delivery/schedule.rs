//! When a delivery is repeated that has failed, or that has no response.

use crate::time::UnixMillis;
use core::time::Duration;

/// When a delivery is repeated that has failed this often, the first time at `first`. `retry_after`: the wait that the
/// receiver named. `random`: any number, which spreads the repetitions of many events. `None`: not again, the event is a
/// dead letter: it was tried for three days, the last time after them.
pub fn next_attempt(
    failures: u32,
    first: UnixMillis,
    now: UnixMillis,
    retry_after: Option<Duration>,
    random: u32,
) -> Option<UnixMillis> {
    let index = usize::try_from(failures.checked_sub(1)?).ok()?;
    if now.since(first) >= GIVEN_UP_AFTER {
        return None;
    }
    // An attempt of which nobody knows the outcome counts too: however many there were, time decides.
    let wait = PAUSES.get(index).copied().unwrap_or(LAST_PAUSE);
    // Up to a fifth longer.
    let spread = wait * (random % 1_000) / 5_000;
    let wait = (wait + spread).max(retry_after.unwrap_or_default());
    Some((now + wait).min(first + GIVEN_UP_AFTER))
}

/// For as long a delivery belongs to whom took it, and then it is due again: longer than an attempt may take.
pub const LEASE: Duration = Duration::from_secs(45);
/// The pauses that the specification recommends; then [`LAST_PAUSE`].
const PAUSES: &[Duration] = &[
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
];
const LAST_PAUSE: Duration = Duration::from_hours(14);
/// From the first delivery of an event.
const GIVEN_UP_AFTER: Duration = Duration::from_hours(72);

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: UnixMillis = UnixMillis(1_000_000);

    #[test]
    fn deliveries_are_repeated_for_three_days() {
        for random in [0, 500, 999] {
            let (mut now, mut failures) = (FIRST, 1);
            while let Some(at) = next_attempt(failures, FIRST, now, None, random) {
                assert!(at > now);
                (now, failures) = (at, failures + 1);
            }
            assert_eq!(now.since(FIRST), Duration::from_hours(72), "{random}");
            assert!((9..=12).contains(&failures), "{random}: {failures}");
        }
    }

    #[test]
    fn attempts_of_unknown_outcome_do_not_shorten_the_three_days() {
        for failures in [9, 10, 1_000] {
            let next = next_attempt(failures, FIRST, FIRST + Duration::from_mins(20), None, 0);
            assert_eq!(next, Some(FIRST + Duration::from_mins(20) + LAST_PAUSE));
        }
    }

    #[test]
    fn wait_of_the_receiver_counts_if_it_is_longer() {
        for (named_s, want_s) in [(1, 5), (60, 60), (24 * 3_600, 24 * 3_600)] {
            let named = Some(Duration::from_secs(named_s));
            let at = next_attempt(1, FIRST, FIRST, named, 0);
            assert_eq!(at, Some(FIRST + Duration::from_secs(want_s)), "{named_s}");
        }
        let late = FIRST + Duration::from_hours(60);
        let named = Some(Duration::from_hours(24));
        let at = next_attempt(1, FIRST, late, named, 0);
        assert_eq!(at, Some(FIRST + GIVEN_UP_AFTER), "the last attempt");
    }

    #[test]
    fn event_that_has_not_failed_has_no_repetition() {
        assert_eq!(next_attempt(0, FIRST, FIRST, None, 0), None);
    }
}
