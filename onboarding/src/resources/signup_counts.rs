//! What a signup of a site is counted as: where it stands or has stopped, and how long it took.

use crate::resources::site::SignupIndexRow;
use crate::time::UnixMillis;
use embark_protocol::{SignupStatus, Step};

/// What a signup counts as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountKey {
    /// The day in UTC on which it began, in days since 1970-01-01.
    pub day: u32,
    /// Where it stands.
    pub status: SignupStatus,
    /// Why. Empty: not known.
    pub reason: String,
    /// The step at which it stands or has stopped. `None`: it came to none, is connected, or it is not known.
    pub step: Option<Step>,
    /// Of one that connected: within how many seconds, one of the steps. 0: it did not, or it is not known.
    pub connected_within_s: u32,
}

impl CountKey {
    /// What the row counts as. `before`: what the one before it counted as; a signup connects once.
    pub fn of(row: &SignupIndexRow, before: Option<&Self>) -> Self {
        let begun = if row.started_at == UnixMillis::default() {
            row.at
        } else {
            row.started_at
        };
        let connected_within_s = if is_connected(row.status) {
            let known = before.map_or(0, |before| before.connected_within_s);
            match known {
                0 => step_of(row.at.0.saturating_sub(begun.0) / 1_000),
                known => known,
            }
        } else {
            0
        };
        // What Meta or a browser named, as a key: no longer than what is shown.
        let reason = row.reason.as_deref().unwrap_or_default();
        Self {
            day: u32::try_from(begun.0 / MILLIS_PER_DAY).unwrap_or(u32::MAX),
            status: row.status,
            reason: reason.chars().take(LONGEST_REASON).collect(),
            step: row.step,
            connected_within_s,
        }
    }
}

/// The first step of at least so many seconds; the last one is for all that took longer.
fn step_of(seconds: u64) -> u32 {
    let is_within = |step: &&u32| seconds <= u64::from(**step);
    let last = STEPS_S.last().copied().unwrap_or_default();
    STEPS_S.iter().find(is_within).copied().unwrap_or(last)
}

const fn is_connected(status: SignupStatus) -> bool {
    matches!(
        status,
        SignupStatus::Connected | SignupStatus::ConnectedWithoutNumber
    )
}

/// Steps of the time to connect, in seconds: ten seconds to two weeks.
const STEPS_S: &[u32] = &[
    10, 20, 30, 45, 60, 90, 120, 180, 240, 300, 450, 600, 900, 1_200, 1_800, 3_600, 7_200, 21_600,
    86_400, 259_200, 1_209_600,
];
/// In characters.
const LONGEST_REASON: usize = 80;
const MILLIS_PER_DAY: u64 = 86_400_000;

#[cfg(test)]
mod tests {
    use super::*;
    use embark_protocol::SignupId;

    fn row(status: SignupStatus, started_at: u64, at: u64) -> SignupIndexRow {
        SignupIndexRow {
            signup: SignupId::parse(&"a".repeat(32)).unwrap(),
            seq: 1,
            status,
            at: UnixMillis(at),
            reason: None,
            step: None,
            started_at: UnixMillis(started_at),
            reference: None,
            name: None,
            connected: None,
            objects: vec![],
        }
    }

    #[test]
    fn signup_counts_on_the_day_it_began_and_connects_once() {
        let began = 3 * MILLIS_PER_DAY + 5_000;
        let first = CountKey::of(&row(SignupStatus::Connected, began, began + 31_000), None);
        assert_eq!((first.day, first.connected_within_s), (3, 45));
        let later = row(SignupStatus::Connected, began, began + 9 * MILLIS_PER_DAY);
        assert_eq!(CountKey::of(&later, Some(&first)).connected_within_s, 45);
        let failed = row(SignupStatus::Failed, began, began + 1);
        assert_eq!(CountKey::of(&failed, Some(&first)).connected_within_s, 0);
        // Stored before the beginning was kept.
        let old = CountKey::of(&row(SignupStatus::Launched, 0, MILLIS_PER_DAY), None);
        assert_eq!(old.day, 1);
    }

    #[test]
    fn steps_cover_every_duration() {
        for (seconds, step) in [
            (0, 10),
            (10, 10),
            (11, 20),
            (1_209_600, 1_209_600),
            (u64::MAX, 1_209_600),
        ] {
            assert_eq!(step_of(seconds), step, "{seconds}");
        }
        assert!(STEPS_S.is_sorted());
    }

    #[test]
    fn signup_counts_at_its_step() {
        let failed = SignupIndexRow {
            step: Some(Step::Register),
            ..row(SignupStatus::Failed, 1, 2)
        };
        assert_eq!(CountKey::of(&failed, None).step, Some(Step::Register));
        let connected = row(SignupStatus::Connected, 1, 2);
        assert_eq!(CountKey::of(&connected, None).step, None);
    }
}
