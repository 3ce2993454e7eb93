//! Lists of rows by time, the newest first, that are read page by page. Rows of the same time are in the order of their ids, so that
//! no row is left out or repeated at the end of a page.

use crate::time::UnixMillis;
use core::fmt;
use serde::{Deserialize, Serialize};

/// The last row of a page, and so where the next begins: `<time>.<id>` on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListCursor {
    /// The time that the list is ordered by.
    pub at: UnixMillis,
    /// The row's id.
    pub id: String,
}

impl ListCursor {
    /// Parses the text of a cursor. `None`: it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('.')?;
        let is_id =
            (1..=MAX_ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric());
        let at = at.parse().ok().filter(|_| is_id)?;
        Some(Self {
            at: UnixMillis(at),
            id: id.to_owned(),
        })
    }

    /// What the rows of a page come before, in the order of their times and ids. `after`: where the page before ended; `None`: the
    /// first page.
    pub fn bound(after: Option<&Self>) -> (UnixMillis, &str) {
        after.map_or((UnixMillis::MAX, ""), |after| (after.at, after.id.as_str()))
    }
}

impl fmt::Display for ListCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.0, self.id)
    }
}

/// How many rows are to be read for a page: one more than it has, which shows whether there is a next page.
pub const fn rows_to_read(limit: u32) -> u32 {
    limit.saturating_add(1)
}

/// The rows of a page, and the cursor of the next. `rows`: as many as [`rows_to_read`] says, or all there are. `None`: it is the
/// last page.
pub fn cut_page<T>(
    mut rows: Vec<T>,
    limit: u32,
    cursor_of: impl FnOnce(&T) -> ListCursor,
) -> (Vec<T>, Option<String>) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| has_more);
    let next = last.map(|last| cursor_of(last).to_string());
    (rows, next)
}

/// In bytes.
const MAX_ID: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursor_is_read_as_it_was_written() {
        let cursor = ListCursor {
            at: UnixMillis(12),
            id: "0f".into(),
        };
        assert_eq!(cursor.to_string(), "12.0f");
        assert_eq!(ListCursor::parse("12.0f"), Some(cursor));
        let long = format!("12.{}", "0".repeat(65));
        for text in [
            "", "12", "12.", ".0f", "-1.0f", "a.0f", "12.0f.1", "12.%", &long,
        ] {
            assert_eq!(ListCursor::parse(text), None, "{text}");
        }
    }

    /// What a query for a page reads of these rows, as `ORDER BY at DESC, id DESC` and `(at, id) < (…)` do.
    fn read(
        rows: &[(u64, &'static str)],
        after: Option<&ListCursor>,
        limit: u32,
    ) -> Vec<(u64, &'static str)> {
        let (at, id) = ListCursor::bound(after);
        let mut rows = rows.to_vec();
        rows.sort_unstable_by(|one, other| other.cmp(one));
        rows.retain(|row| *row < (at.0, id));
        rows.truncate(rows_to_read(limit) as usize);
        rows
    }

    #[test]
    fn pages_have_every_row_once_whatever_their_length() {
        let rows = [
            (1, "a"),
            (3, "b"),
            (3, "a"),
            (3, "c"),
            (2, "b"),
            (7, "z"),
            (3, "d"),
        ];
        let newest_first = [
            (7, "z"),
            (3, "d"),
            (3, "c"),
            (3, "b"),
            (3, "a"),
            (2, "b"),
            (1, "a"),
        ];
        for limit in 1..=8 {
            let mut all = vec![];
            let mut after = None;
            loop {
                let page = read(&rows, after.as_ref(), limit);
                let (page, next) = cut_page(page, limit, |(at, id)| ListCursor {
                    at: UnixMillis(*at),
                    id: (*id).to_owned(),
                });
                assert!(page.len() <= limit as usize, "{limit}");
                all.extend(page);
                let Some(next) = next else { break };
                after = ListCursor::parse(&next);
                assert!(after.is_some(), "{next}");
            }
            assert_eq!(all, newest_first, "{limit}");
        }
        let (page, next) = cut_page(Vec::<(u64, &str)>::new(), 5, |_| unreachable!());
        assert!(page.is_empty() && next.is_none());
    }
}
