//! What strangers may cost a site, counted by its object.
//!
//! | table | rows |
//! |---|---|
//! | `spent (key, at)` | one per counted expense of the last hour, by its key |

use super::storage::{ObjectStorage, sql_time, unreadable};
use crate::clock;
use embark_onboarding::resources::budget;
use embark_onboarding::resources::site::SiteReply;
use worker::{Result, SqlStorageValue};

/// Counts an expense: `Accepted`, also if it was counted before, or `Refused`.
///
/// # Errors
/// The storage refused it.
pub fn spend(storage: &ObjectStorage, key: &str) -> Result<SiteReply> {
    let table = "CREATE TABLE IF NOT EXISTS spent (key TEXT PRIMARY KEY, at INTEGER NOT NULL)";
    storage.exec(table, vec![])?;
    let now = clock::now();
    let outdated = sql_time(now.before(budget::WINDOW));
    storage.exec("DELETE FROM spent WHERE at < ?", vec![outdated])?;
    let one = storage.rows("SELECT 1 FROM spent WHERE key = ?", vec![key.into()])?;
    let all = storage.rows("SELECT count(*) FROM spent", vec![])?;
    let spent = match all.first().and_then(|row| row.first()) {
        Some(SqlStorageValue::Integer(count)) => u32::try_from(*count).unwrap_or(u32::MAX),
        _ => return Err(unreadable("spent")),
    };
    match budget::spend(spent, !one.is_empty()) {
        Ok(true) => {
            let insert = "INSERT INTO spent (key, at) VALUES (?, ?)";
            storage.exec(insert, vec![key.into(), sql_time(now)])?;
            Ok(SiteReply::Accepted)
        }
        Ok(false) => Ok(SiteReply::Accepted),
        Err(code) => Ok(SiteReply::Refused { code }),
    }
}
