//! Times as Meta and Infobip write them: no colon in the offset.

/// `2026-01-02T03:04:05+0000`
pub fn seconds(unix: u64) -> String {
    format!("{}+0000", local(unix))
}

/// `2026-01-02T03:04:05.678+0000`
pub fn millis(ms: u64) -> String {
    format!("{}.{:03}+0000", local(ms / 1000), ms % 1000)
}

fn local(unix: u64) -> String {
    let (days, rest) = (unix / 86_400, unix % 86_400);
    // Days to civil date, after Howard Hinnant's "chrono-compatible low-level date algorithms".
    let z = days + 719_468;
    let (era, doe) = (z / 146_097, z % 146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_meta_and_infobip_write_them() {
        assert_eq!(seconds(0), "1970-01-01T00:00:00+0000");
        assert_eq!(seconds(1_672_628_645), "2023-01-02T03:04:05+0000");
        assert_eq!(seconds(1_709_164_800), "2024-02-29T00:00:00+0000");
        assert_eq!(millis(1_767_323_045_678), "2026-01-02T03:04:05.678+0000");
    }
}
