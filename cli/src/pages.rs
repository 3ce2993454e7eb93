//! Lists of the API that are read page by page.

use crate::worker::Worker;
use anyhow::{Context, Result};
use serde_json::Value;

/// Every entry of a list. `name`: the field that has the entries of a page.
///
/// # Errors
/// When the Worker refuses, or its response is no page.
pub fn read_all(worker: &Worker<'_>, path: &str, name: &str) -> Result<Vec<Value>> {
    let mut all = Vec::new();
    let mut after = String::new();
    loop {
        let page = worker.get(&format!("{path}?limit={MAX_LIMIT}{after}"))?;
        let entries = page[name].as_array();
        all.extend_from_slice(entries.with_context(|| format!("the response has no {name}"))?);
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return Ok(all),
        }
    }
}

/// The largest `limit` of the API.
const MAX_LIMIT: u32 = 500;
