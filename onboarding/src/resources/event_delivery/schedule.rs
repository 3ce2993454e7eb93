//! When a failed delivery is repeated.

use crate::time::UnixMillis;
use core::time::Duration;

/// When a delivery is repeated that has failed this often, the first time at `first`. `retry_after`: the wait that the
/// receiver named. `random`: any number, which spreads the repetitions of many events. `None`: not again, the event is a
/// dead letter.
pub fn next_attempt(
    failures: u32,
    first: UnixMillis,
    now: UnixMillis,
    retry_after: Option<Duration>,
    random: u32,
) -> Option<UnixMillis> {
    let index = usize::try_from(failures.checked_sub(1)?).ok()?;
    let wait = PAUSES.get(index).copied()?;
    // Up to a fifth longer.
    let spread = wait * (random % 1_000) / 5_000;
    let wait = (wait + spread).max(retry_after.unwrap_or_default());
    let at = now + wait;
    (at.since(first) <= GIVEN_UP_AFTER).then_some(at)
}

/// The pauses that the specification recommends, as far as they fit into [`GIVEN_UP_AFTER`].
const PAUSES: &[Duration] = &[
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(14),
    Duration::from_hours(14),
    Duration::from_hours(14),
];
/// From the first delivery of an event.
const GIVEN_UP_AFTER: Duration = Duration::from_hours(72);

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: UnixMillis = UnixMillis(1_000_000);

    #[test]
    fn deliveries_are_repeated_over_three_days() {
        for random in [0, 500, 999] {
            let (mut now, mut failures) = (FIRST, 1);
            while let Some(at) = next_attempt(failures, FIRST, now, None, random) {
                assert!(at > now);
                (now, failures) = (at, failures + 1);
            }
            let days = now.since(FIRST).as_secs_f64() / 86_400.0;
            assert!((2.0..=3.0).contains(&days), "{random}: {days}");
            assert!((8..=10).contains(&failures), "{random}: {failures}");
        }
    }

    #[test]
    fn wait_of_the_receiver_counts_if_it_is_longer() {
        for (named_s, want_s) in [(1, 5), (60, 60), (72 * 3_600, 72 * 3_600)] {
            let named = Some(Duration::from_secs(named_s));
            let at = next_attempt(1, FIRST, FIRST, named, 0);
            assert_eq!(at, Some(FIRST + Duration::from_secs(want_s)), "{named_s}");
        }
        let named = Some(Duration::from_hours(73));
        assert_eq!(next_attempt(1, FIRST, FIRST, named, 0), None);
    }

    #[test]
    fn event_that_has_not_failed_has_no_repetition() {
        assert_eq!(next_attempt(0, FIRST, FIRST, None, 0), None);
        assert_eq!(next_attempt(100, FIRST, FIRST, None, 0), None);
    }
}
