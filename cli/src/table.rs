//! How values are shown to a person.

use crate::visible::visible;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Lines of columns, the first of them `head`. What a text of a stranger may do to a terminal is shown as an
/// escape.
pub fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let mut lines = vec![head.map(str::to_owned)];
    lines.extend(
        rows.iter()
            .map(|row| row.clone().map(|cell| visible(&cell))),
    );
    let width = |column: usize| {
        let cells = lines.iter().filter_map(move |line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    let text = lines.iter().map(|line| {
        let padded = line.iter().zip(&widths);
        let padded = padded.map(|(cell, width)| format!("{cell:width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    });
    text.collect::<Vec<_>>().join("\n")
}

/// Unix milliseconds as RFC 3339 in UTC, to the second. Empty if the value is no time.
pub fn rfc3339(millis: &Value) -> String {
    let seconds = millis.as_i64().map(|millis| millis.div_euclid(1000));
    let time = seconds.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    let text = time.and_then(|time| time.format(&Rfc3339).ok());
    text.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_longest_cell() {
        let rows = [["1", "a"], ["100", "ü\u{1b}[2J\n\u{202e}"]].map(|row| row.map(str::to_owned));
        assert_eq!(
            table(["id", "name"], &rows),
            "id   name\n1    a\n100  ü\\u{1b}[2J\\u{a}\\u{202e}"
        );
    }
}
