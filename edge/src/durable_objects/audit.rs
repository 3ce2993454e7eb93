//! The audit log. Rows of the Partner object.
//!
//! | table | rows |
//! |---|---|
//! | `audit (n, at, what)` | one per audited action, as an English sentence. Deleted after 400 days |

use super::storage::{ObjectStorage, sql_time};
use embark_onboarding::resources::partner::AuditEntry;
use worker::Result;

/// Stores an entry.
///
/// # Errors
/// The storage refused it.
pub fn write(storage: &ObjectStorage, entry: &AuditEntry) -> Result<()> {
    storage.create(TABLES)?;
    let insert = "INSERT INTO audit (at, what) VALUES (?, ?)";
    storage.exec(
        insert,
        vec![sql_time(entry.at), entry.action.as_str().into()],
    )
}

const TABLES: &[&str] = &["CREATE TABLE IF NOT EXISTS audit \
     (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, what TEXT NOT NULL)"];
