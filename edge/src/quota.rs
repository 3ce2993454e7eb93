//! How many new customer businesses an app, or a partner solution, may still take on: Meta counts them in
//! a rolling window of seven days ("Onboarding limits": 10 before verification and review, then 200).

use crate::run::Ms;
use serde::{Deserialize, Serialize};

/// Where a window stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    pub used: u32,
    pub limit: u32,
    pub level: Level,
    /// When the oldest of a full window falls out of it.
    pub free_at: Option<Ms>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Fine,
    /// Four fifths are used.
    Warn,
    Full,
}

/// Measures the window from the times at which businesses connected for the first time.
pub fn measure(connected: &[Ms], limit: u32, now: Ms) -> Quota {
    let inside = connected
        .iter()
        .filter(|at| now.saturating_sub(**at) < WINDOW_MS);
    let oldest = inside.clone().min().copied();
    let used = u32::try_from(inside.count()).unwrap_or(u32::MAX);
    let level = if used >= limit {
        Level::Full
    } else if u64::from(used) * 5 >= u64::from(limit) * 4 {
        Level::Warn
    } else {
        Level::Fine
    };
    let free_at = oldest
        .filter(|_| level == Level::Full)
        .map(|at| at + WINDOW_MS);
    Quota {
        used,
        limit,
        level,
        free_at,
    }
}

/// Meta's rolling window.
pub const WINDOW_MS: Ms = 7 * 24 * 3_600_000;
/// Of a partner solution, whoever onboards.
pub const SOLUTION_LIMIT: u32 = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_rolls_warns_and_fills() {
        let day = 24 * 3_600_000;
        let now = 100 * day;
        let days_ago = |days: &[u64]| days.iter().map(|d| now - d * day).collect::<Vec<_>>();
        for (connected, used, level, free_at) in [
            (days_ago(&[]), 0, Level::Fine, None),
            (days_ago(&[1; 7]), 7, Level::Fine, None),
            (days_ago(&[1; 8]), 8, Level::Warn, None),
            (
                days_ago(&[6, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
                10,
                Level::Full,
                Some(now + day),
            ),
            (days_ago(&[7, 8, 30]), 0, Level::Fine, None),
            (vec![now + day; 10], 10, Level::Full, Some(now + 8 * day)),
        ] {
            let want = Quota {
                used,
                limit: 10,
                level,
                free_at,
            };
            assert_eq!(measure(&connected, 10, now), want);
        }
    }
}
