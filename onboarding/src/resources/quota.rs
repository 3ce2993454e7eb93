//! How many new customer businesses an app may still onboard. Meta counts them in a rolling window of seven days: ten
//! before the partner is verified and reviewed, then 200
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/overview>). A partner
//! solution has a window of its own.

use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::quota::{QuotaLevel, QuotaStatus};
use embark_protocol::{AppKey, BusinessId, SignupId};
use serde::{Deserialize, Serialize};

/// The state of the window of an app or of a partner solution. That of an app is published to KV in this form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// Businesses that connected for the first time within the window.
    pub used: u32,
    /// How many may.
    pub limit: u32,
    /// How much of the limit is used.
    pub level: QuotaLevel,
    /// When the oldest business leaves the window. `None`: the window is not full.
    pub free_at: Option<UnixMillis>,
}

impl From<Quota> for QuotaStatus {
    fn from(quota: Quota) -> Self {
        Self {
            used: quota.used,
            limit: quota.limit,
            level: quota.level,
            free_at: quota.free_at.map(|at| at.0),
        }
    }
}

/// A customer business that connected. Counted once per app and once per partner solution, as long as its row is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectedBusiness {
    /// The app.
    pub app: AppKey,
    /// The partner solution. `None`: the signup belongs to none.
    pub solution: Option<String>,
    /// The business portfolio.
    pub business: BusinessId,
    /// The signup by which it connected.
    #[serde(rename = "run")]
    pub signup: SignupId,
    /// When it connected.
    pub at: UnixMillis,
}

/// The state at `now`, from the times at which businesses connected for the first time.
pub fn measure(connected: &[UnixMillis], limit: u32, now: UnixMillis) -> Quota {
    let inside = connected.iter().filter(|at| now.since(**at) < WINDOW);
    let oldest = inside.clone().min().copied();
    let used = u32::try_from(inside.count()).unwrap_or(u32::MAX);
    let level = if used >= limit {
        QuotaLevel::Full
    } else if u64::from(used) * 5 >= u64::from(limit) * 4 {
        QuotaLevel::Warn
    } else {
        QuotaLevel::Fine
    };
    let free_at = oldest
        .filter(|_| level == QuotaLevel::Full)
        .map(|at| at + WINDOW);
    Quota {
        used,
        limit,
        level,
        free_at,
    }
}

/// How many customer businesses Meta lets a partner solution take on in one window, whatever the apps of it may
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/multi-partner-solutions>).
pub const SOLUTION_LIMIT: u32 = 200;
/// The length of Meta's rolling window.
pub const WINDOW: Duration = Duration::from_hours(7 * 24);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quota_counts_the_businesses_of_the_last_seven_days() {
        let day = 24 * 3_600_000;
        let now = UnixMillis(100 * day);
        let in_days = |days: u64| UnixMillis(now.0 + days * day);
        let days_ago = |days: &[u64]| {
            let times = days.iter().map(|days| UnixMillis(now.0 - days * day));
            times.collect::<Vec<_>>()
        };
        for (connected, used, level, free_at) in [
            (days_ago(&[]), 0, QuotaLevel::Fine, None),
            (days_ago(&[1; 7]), 7, QuotaLevel::Fine, None),
            (days_ago(&[1; 8]), 8, QuotaLevel::Warn, None),
            (
                days_ago(&[6, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
                10,
                QuotaLevel::Full,
                Some(in_days(1)),
            ),
            (days_ago(&[7, 8, 30]), 0, QuotaLevel::Fine, None),
            (vec![in_days(1); 10], 10, QuotaLevel::Full, Some(in_days(8))),
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
