//! Counts of a site's signups, as a funnel: how many came how far, where the others stopped, and how long it took.

use crate::resources::site::SignupIndexRow;
use crate::time::UnixMillis;
use embark_protocol::SignupStatus;
use embark_protocol::signup_counts::SignupCount;
use std::collections::BTreeMap;

/// What a signup counts as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountKey {
    /// The day in UTC on which it began, in days since 1970-01-01.
    pub day: u32,
    /// Where it stands.
    pub status: SignupStatus,
    /// Why. Empty: not known.
    pub reason: String,
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
            connected_within_s,
        }
    }
}

/// A funnel: how many signups came to each of the stages, and where those that went no further stopped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Funnel {
    /// Meta's window was opened.
    pub launched: u32,
    /// Meta's flow was completed.
    pub with_code: u32,
    /// Connected.
    pub connected: u32,
    /// Of those without a code, that have ended: by Meta's screen or error where the person left. The most frequent first.
    pub left_at: Vec<(String, u32)>,
    /// Of those with a code, that failed or have to be launched again: by the problem. The most frequent first.
    pub failed_with: Vec<(String, u32)>,
    /// Those that go on by themselves, or wait for their customer.
    pub open: u32,
    /// Half of those that connected did so within so many seconds. `None`: none did.
    pub median_s: Option<u32>,
    /// And 95 of 100.
    pub p95_s: Option<u32>,
}

impl Funnel {
    /// The funnel of these signups.
    pub fn of<'a>(counts: impl IntoIterator<Item = &'a SignupCount>) -> Self {
        let mut funnel = Self::default();
        let mut left_at = BTreeMap::<String, u32>::new();
        let mut failed_with = BTreeMap::<String, u32>::new();
        let mut times = BTreeMap::<u32, u32>::new();
        for count in counts {
            let reason = || count.reason.clone().unwrap_or_default();
            funnel.launched += count.count;
            match count.status {
                SignupStatus::Launched => funnel.open += count.count,
                SignupStatus::Abandoned => *left_at.entry(reason()).or_default() += count.count,
                SignupStatus::Connected | SignupStatus::ConnectedWithoutNumber => {
                    funnel.with_code += count.count;
                    funnel.connected += count.count;
                    if let Some(seconds) = count.connected_within_s {
                        *times.entry(seconds).or_default() += count.count;
                    }
                }
                SignupStatus::Failed | SignupStatus::Relaunch => {
                    funnel.with_code += count.count;
                    *failed_with.entry(reason()).or_default() += count.count;
                }
                SignupStatus::Running | SignupStatus::Waiting | SignupStatus::NeedsInput => {
                    funnel.with_code += count.count;
                    funnel.open += count.count;
                }
            }
        }
        funnel.left_at = most_frequent_first(left_at);
        funnel.failed_with = most_frequent_first(failed_with);
        funnel.median_s = percentile(&times, 50);
        funnel.p95_s = percentile(&times, 95);
        funnel
    }
}

/// The least of the steps within which at least so many of 100 connected. `None`: none did.
fn percentile(times: &BTreeMap<u32, u32>, percent: u64) -> Option<u32> {
    let total: u64 = times.values().map(|count| u64::from(*count)).sum();
    let mut sum = 0;
    times.iter().find_map(|(seconds, count)| {
        sum += u64::from(*count);
        (sum * 100 >= total * percent).then_some(*seconds)
    })
}

fn most_frequent_first(counts: BTreeMap<String, u32>) -> Vec<(String, u32)> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| core::cmp::Reverse(*count));
    counts
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
            started_at: UnixMillis(started_at),
            reference: None,
            name: None,
            connected: None,
            objects: vec![],
        }
    }

    fn count(status: SignupStatus, reason: &str, within: u32, count: u32) -> SignupCount {
        SignupCount {
            day: 1,
            status,
            reason: (!reason.is_empty()).then(|| reason.to_owned()),
            connected_within_s: (within > 0).then_some(within),
            count,
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
    fn funnel_has_every_signup_once() {
        use SignupStatus::{Abandoned, Connected, Failed, Launched, NeedsInput};
        let counts = [
            count(Launched, "", 0, 2),
            count(Abandoned, "PHONE_NUMBER_SETUP", 0, 5),
            count(Abandoned, "", 0, 1),
            count(NeedsInput, "", 0, 3),
            count(Failed, "number_refused", 0, 1),
            count(Failed, "credit_elsewhere", 0, 4),
            count(Connected, "", 30, 10),
            count(Connected, "", 600, 1),
        ];
        let funnel = Funnel::of(&counts);
        assert_eq!(
            (
                funnel.launched,
                funnel.with_code,
                funnel.connected,
                funnel.open
            ),
            (27, 19, 11, 5)
        );
        assert_eq!(funnel.left_at[0], ("PHONE_NUMBER_SETUP".to_owned(), 5));
        assert_eq!(funnel.failed_with[0], ("credit_elsewhere".to_owned(), 4));
        assert_eq!((funnel.median_s, funnel.p95_s), (Some(30), Some(600)));
        assert_eq!(Funnel::of(&[]), Funnel::default());
    }
}
