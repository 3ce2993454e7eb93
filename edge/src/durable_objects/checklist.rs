//! The steps of an app's checklist that operators have marked. Rows of the Partner object.
//!
//! | table | rows |
//! |---|---|
//! | `checklist (app, step, at, who)` | one per step that is marked as done; deleted when the mark is taken back |

use super::storage::{ObjectStorage, unreadable};
use embark_onboarding::resources::operators::ChecklistTick;
use embark_protocol::AppKey;
use worker::{Result, SqlStorageValue};

/// The marked steps of an app.
///
/// # Errors
/// The storage refused it, or a row is not readable.
pub fn list(storage: &ObjectStorage, app: &AppKey) -> Result<Vec<ChecklistTick>> {
    storage.create(TABLES)?;
    let select = "SELECT step, at, who FROM checklist WHERE app = ?";
    let rows = storage.rows(select, vec![app.as_str().into()])?;
    rows.into_iter()
        .map(|row| match row.as_slice() {
            [
                SqlStorageValue::String(step),
                SqlStorageValue::Integer(at),
                SqlStorageValue::String(by),
            ] => Ok(ChecklistTick {
                step: step.clone(),
                by: by.clone(),
                at: u64::try_from(*at).unwrap_or_default(),
            }),
            _ => Err(unreadable("checklist")),
        })
        .collect()
}

/// Marks a step of an app, or takes the mark back. The first mark stays as it is.
///
/// # Errors
/// The storage refused it.
pub fn mark(storage: &ObjectStorage, app: &AppKey, tick: &ChecklistTick, done: bool) -> Result<()> {
    storage.create(TABLES)?;
    let (app, step) = (app.as_str().into(), tick.step.as_str().into());
    if !done {
        let delete = "DELETE FROM checklist WHERE app = ? AND step = ?";
        return storage.exec(delete, vec![app, step]);
    }
    let insert = "INSERT OR IGNORE INTO checklist (app, step, at, who) VALUES (?, ?, ?, ?)";
    let at = i64::try_from(tick.at).unwrap_or(i64::MAX);
    storage.exec(insert, vec![app, step, at.into(), tick.by.as_str().into()])
}

/// The statements that create the tables.
pub const TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS checklist (app TEXT, step TEXT, at INTEGER, who TEXT, PRIMARY KEY (app, step))",
];
