//! Points in time.

use core::ops::{Add, AddAssign};
use core::time::Duration;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::{Rfc2822, Rfc3339};

/// Milliseconds since 1970-01-01T00:00:00Z, as Workers' `Date.now()` counts them.
///
/// The clock of a Worker may step back between two invocations: the time between two instants is
/// therefore never negative, see [`since`](Self::since).
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct UnixMillis(pub u64);

impl UnixMillis {
    /// Later than any other instant.
    pub const MAX: Self = Self(u64::MAX);

    /// The instant this many seconds after 1970-01-01T00:00:00Z.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1_000))
    }

    /// Whole seconds since 1970-01-01T00:00:00Z.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1_000
    }

    /// As RFC 3339 has it, in whole seconds: `2026-01-31T12:00:00Z`. `None`: after the year 9999.
    pub fn to_rfc3339(self) -> Option<String> {
        let seconds = i64::try_from(self.as_secs()).ok()?;
        let at = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
        at.format(&Rfc3339).ok()
    }

    /// As RFC 3339 has it, in milliseconds: `2026-01-31T12:00:00.123Z`. Empty after the year 9999.
    pub fn to_rfc3339_millis(self) -> String {
        let seconds = self.to_rfc3339().unwrap_or_default();
        match seconds.strip_suffix('Z') {
            Some(seconds) => format!("{seconds}.{:03}Z", self.0 % 1_000),
            None => seconds,
        }
    }

    /// The time from `earlier` to this instant; zero if `earlier` is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// The time from this instant until `later`; zero if `later` has passed.
    pub const fn until(self, later: Self) -> Duration {
        later.since(self)
    }

    /// The instant of an HTTP date (<https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7>), in the form that servers send.
    /// `None`: text of another form, or before 1970.
    pub fn from_http_date(text: &str) -> Option<Self> {
        let date = OffsetDateTime::parse(text, &Rfc2822).ok()?;
        u64::try_from(date.unix_timestamp())
            .ok()
            .map(Self::from_secs)
    }

    /// This instant moved into the past; not before 1970.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(millis(duration)))
    }
}

impl Add<Duration> for UnixMillis {
    type Output = Self;

    /// Saturates at [`MAX`](Self::MAX).
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }
}

impl AddAssign<Duration> for UnixMillis {
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

/// Whole milliseconds of a duration, at most `u64::MAX`.
pub fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A number of hours, as a constant.
pub const fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours * 3_600)
}

/// A number of days of 24 hours, as a constant.
pub const fn days(days: u64) -> Duration {
    hours(days * 24)
}

/// A number of minutes, as a constant.
pub const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_between_instants_is_never_negative() {
        assert_eq!(UnixMillis(5).since(UnixMillis(3)), Duration::from_millis(2));
        assert_eq!(UnixMillis(3).since(UnixMillis(5)), Duration::ZERO);
        assert_eq!(UnixMillis(3).until(UnixMillis(5)), Duration::from_millis(2));
    }

    #[test]
    fn arithmetic_saturates() {
        assert_eq!(UnixMillis::MAX + Duration::MAX, UnixMillis::MAX);
        assert_eq!(UnixMillis(1).before(days(1)), UnixMillis(0));
    }
}
