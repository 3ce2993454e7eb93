//! How many rows a part of a backup has.

use embark_protocol::backup::BackupTable;
use serde_json::Value;
use std::io;

/// How many bytes of JSON the rows of a part have at most, unless it is a single row.
pub const PART_SIZE: usize = 256 << 10;
/// How many bytes of JSON a request with parts has at most. A part may be one row, and SQLite in Durable Objects takes rows of 2 MB
/// (<https://developers.cloudflare.com/durable-objects/platform/limits/>), each byte of which may be two of JSON: what is long in
/// a row is JSON itself, which has quotes and backslashes, and no control characters.
pub const REQUEST_CAP: usize = 5 << 20;

/// The rows of a part, which are added one by one.
#[derive(Debug, Default)]
pub struct PartRows {
    tables: Vec<BackupTable>,
    size: usize,
}

impl PartRows {
    /// Adds a row of a table. The rows of a table come one after another. False: the part is full, and the row is the first of the
    /// next one.
    #[must_use]
    pub fn push(&mut self, table: &str, columns: &[String], row: Vec<Value>) -> bool {
        let size = json_size(&row);
        if self.size > 0 && self.size + size > PART_SIZE {
            return false;
        }
        self.size += size;
        match self.tables.last_mut() {
            Some(last) if last.table == table => last.rows.push(row),
            _ => self.tables.push(BackupTable {
                table: table.to_owned(),
                columns: columns.to_owned(),
                rows: vec![row],
            }),
        }
        true
    }

    /// The rows, by their tables.
    pub fn into_tables(self) -> Vec<BackupTable> {
        self.tables
    }
}

/// How many bytes of JSON the row is, with a comma.
fn json_size(row: &[Value]) -> usize {
    let mut count = CountedBytes(0);
    // Neither the row nor the counter has an error.
    let _ = serde_json::to_writer(&mut count, row);
    count.0 + 1
}

/// Counts what is written.
struct CountedBytes(usize);

impl io::Write for CountedBytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Reads rows as an object does: the tables of each part.
    fn parts_of(rows: &[Vec<Value>]) -> Vec<Vec<BackupTable>> {
        let columns = ["n", "json"].map(str::to_owned);
        let (mut parts, mut part) = (vec![], PartRows::default());
        for row in rows {
            if !part.push("event_log", &columns, row.clone()) {
                parts.push(core::mem::take(&mut part).into_tables());
                assert!(part.push("event_log", &columns, row.clone()));
            }
        }
        parts.push(part.into_tables());
        parts
    }

    fn sizes_of(rows: &[Vec<Value>]) -> Vec<usize> {
        let parts = parts_of(rows);
        let again: Vec<_> = parts
            .iter()
            .flatten()
            .flat_map(|t| t.rows.clone())
            .collect();
        assert_eq!(again, rows, "every row, once and in order");
        let size =
            |tables: &Vec<BackupTable>| serde_json::to_string(&tables[0].rows).unwrap().len();
        parts.iter().map(size).collect()
    }

    #[test]
    fn part_of_rows_that_json_escapes_is_no_larger_than_others() {
        let quotes = "\"".repeat(20_000);
        let document = serde_json::to_string(&json!({ "text": quotes })).unwrap();
        let nested = serde_json::to_string(&json!({ "payload": document })).unwrap();
        for text in [
            "x".repeat(20_000),
            quotes,
            document,
            nested,
            "\u{1}".repeat(20_000),
        ] {
            let rows: Vec<_> = (0..50).map(|n| vec![json!(n), json!(text)]).collect();
            let sizes = sizes_of(&rows);
            let largest = sizes.iter().max().copied().unwrap_or_default();
            assert!(largest <= PART_SIZE + 2, "{sizes:?}");
            let row = json_size(&rows[0]);
            let (_, before_last) = sizes.split_last().unwrap();
            let is_filled = |size: &usize| size + row + 2 > PART_SIZE;
            assert!(before_last.iter().all(is_filled), "{sizes:?}");
        }
    }

    #[test]
    fn request_with_the_largest_row_is_taken() {
        let row = vec![json!(1), json!("\"".repeat(2 << 20))];
        let parts = parts_of(&[row.clone(), row]);
        assert_eq!(parts.len(), 2);
        let request = serde_json::to_string(&parts[0]).unwrap();
        // The header of the backup comes with it.
        assert!(
            request.len() + (64 << 10) < REQUEST_CAP,
            "{}",
            request.len()
        );
    }

    #[test]
    fn row_larger_than_a_part_is_one() {
        let large = "\"".repeat(PART_SIZE);
        let row = |text: &str| vec![json!(1), json!(text)];
        let parts = parts_of(&[row("a"), row(&large), row(&large), row("b"), row("c")]);
        let lengths: Vec<_> = parts.iter().map(|tables| tables[0].rows.len()).collect();
        assert_eq!(lengths, [1, 1, 1, 2]);
    }

    #[test]
    fn rows_of_several_tables_share_a_part() {
        let mut part = PartRows::default();
        let columns = |name: &str| vec![name.to_owned()];
        for (table, column, cell) in [("a", "x", 1), ("a", "x", 2), ("b", "y", 3)] {
            assert!(part.push(table, &columns(column), vec![json!(cell)]));
        }
        let tables = serde_json::to_value(part.into_tables()).unwrap();
        let expected = json!([
            { "table": "a", "columns": ["x"], "rows": [[1], [2]] },
            { "table": "b", "columns": ["y"], "rows": [[3]] },
        ]);
        assert_eq!(tables, expected);
        assert_eq!(PartRows::default().into_tables(), []);
    }
}
