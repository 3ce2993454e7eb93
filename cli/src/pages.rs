//! Lists of the API that are read page by page.

use crate::admin_path::AdminPath;
use crate::worker::Worker;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::BTreeSet;

/// Every entry of a list. `name`: the field that has the entries of a page.
///
/// # Errors
/// When the Worker refuses, its response is no page, or the list does not end.
pub fn read_all(worker: &Worker<'_>, path: impl Into<AdminPath>, name: &str) -> Result<Vec<Value>> {
    let mut all = Vec::new();
    let mut cursors = Cursors::default();
    let first = path.into().with("limit", MAX_LIMIT);
    let mut path = first.clone();
    loop {
        let page = worker.get(path)?;
        let entries = page[name].as_array();
        all.extend_from_slice(entries.with_context(|| format!("the response has no {name}"))?);
        match cursors.next(page["next"].as_str())? {
            Some(next) => path = first.clone().with("after", next),
            None => return Ok(all),
        }
    }
}

/// The cursors of the pages of one list, each of which leads to other entries.
#[derive(Default)]
pub struct Cursors(BTreeSet<String>);

impl Cursors {
    /// Takes the cursor of the next page, and returns it. `None`: there is none.
    ///
    /// # Errors
    /// When it was returned already: a list that repeats one does not end.
    pub fn next<'a>(&mut self, cursor: Option<&'a str>) -> Result<Option<&'a str>> {
        if let Some(cursor) = cursor
            && !self.0.insert(cursor.to_owned())
        {
            bail!("the Worker repeats the page behind {cursor:?}: the list does not end");
        }
        Ok(cursor)
    }
}

/// The largest `limit` of the API.
const MAX_LIMIT: u32 = 500;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursor_that_is_repeated_is_an_error() -> Result<()> {
        let mut cursors = Cursors::default();
        assert_eq!(cursors.next(Some("a"))?, Some("a"));
        assert_eq!(cursors.next(Some("b"))?, Some("b"));
        for repeated in ["a", "b"] {
            let error = cursors.next(Some(repeated)).unwrap_err().to_string();
            assert!(error.contains("does not end"), "{error}");
        }
        assert_eq!(cursors.next(None)?, None);
        Ok(())
    }
}
