//! Timestamps as Meta and Infobip write them: ISO 8601 in UTC, with `+0000` (no colon) as the offset.

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// Unix seconds as `2026-01-02T03:04:05+0000`.
pub fn format_seconds(unix_s: u64) -> String {
    format(unix_s, 0, SECONDS)
}

/// Unix milliseconds as `2026-01-02T03:04:05.678+0000`.
pub fn format_millis(unix_ms: u64) -> String {
    format(unix_ms / 1000, unix_ms % 1000, MILLIS)
}

/// Empty where the time lies beyond the year 9999, which no clock here reaches.
fn format(unix_s: u64, ms: u64, items: &[BorrowedFormatItem<'_>]) -> String {
    let nanoseconds = i128::from(unix_s) * 1_000_000_000 + i128::from(ms) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)
        .ok()
        .and_then(|at| at.format(items).ok())
        .unwrap_or_default()
}

const SECONDS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]+0000");
const MILLIS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]+0000");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_have_an_offset_without_a_colon() {
        assert_eq!(format_seconds(0), "1970-01-01T00:00:00+0000");
        assert_eq!(format_seconds(1_672_628_645), "2023-01-02T03:04:05+0000");
        assert_eq!(format_seconds(1_709_164_800), "2024-02-29T00:00:00+0000");
        assert_eq!(
            format_millis(1_767_323_045_678),
            "2026-01-02T03:04:05.678+0000"
        );
    }
}
