//! A restore of an object, part by part.

use super::object::BackedUp;
use super::read::{columns_of, quoted};
use crate::durable_objects::rows::unreadable;
use crate::durable_objects::storage::{ObjectStorage, Row, commit_failed};
use embark_onboarding::resources::backup::{
    BackupReply, NUMBERED_ANEW, PartTask, RESTORED, RestoreProgress, RestoreRefusal, check_rows,
    task_of,
};
use embark_protocol::backup::{BackupPart, BackupTable};
use serde_json::Value;
use worker::{Result, SqlStorageValue};

/// What the object does with a part of a backup.
///
/// # Errors
/// The storage cannot be read.
pub fn check(
    object: &impl BackedUp,
    backup: &str,
    part: u32,
) -> Result<core::result::Result<PartTask, RestoreRefusal>> {
    let progress = progress(object.storage())?;
    let is_unused = progress.is_none() && object.is_unused()?;
    Ok(task_of(progress.as_ref(), is_unused, backup, part))
}

/// Stores a part of a backup, unless it is stored already. Without an await: all of it is stored, or nothing.
///
/// # Errors
/// The storage refused it.
pub fn store(object: &impl BackedUp, backup: &str, part: &BackupPart) -> Result<BackupReply> {
    let storage = object.storage();
    match check(object, backup, part.part)? {
        Ok(PartTask::Store) => {}
        Ok(task) => return Ok(BackupReply::Restored(task)),
        Err(refusal) => return Ok(BackupReply::Refused(refusal)),
    }
    storage.begin_write().map_err(commit_failed)?;
    object.create_tables()?;
    storage.create(TABLES)?;
    let columns = |table: &str| -> Result<_> {
        let columns = columns_of(storage, table)?;
        Ok((!columns.is_empty()).then_some(columns))
    };
    if let Err(refusal) = check_rows(part, columns)? {
        return Ok(BackupReply::Refused(refusal));
    }
    for table in &part.tables {
        insert(storage, table)?;
    }
    let keep = "INSERT INTO restored (one, backup, parts, complete) VALUES (1, ?, ?, ?) \
                ON CONFLICT (one) DO UPDATE SET backup = excluded.backup, parts = excluded.parts, complete = excluded.complete";
    let parts = i64::from(part.part) + 1;
    let values = vec![backup.into(), parts.into(), i64::from(part.last).into()];
    storage.exec(keep, values)?;
    object.on_restored();
    Ok(BackupReply::Restored(PartTask::Store))
}

/// Whether all parts of the backup are stored.
///
/// # Errors
/// The storage cannot be read.
pub fn is_complete(storage: &ObjectStorage, backup: &str) -> Result<bool> {
    let progress = progress(storage)?;
    Ok(progress.is_some_and(|progress| progress.backup == backup && progress.complete))
}

fn progress(storage: &ObjectStorage) -> Result<Option<RestoreProgress>> {
    if columns_of(storage, RESTORED)?.is_empty() {
        return Ok(None);
    }
    let rows = storage.rows("SELECT backup, parts, complete FROM restored", vec![])?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    match row.as_slice() {
        [
            SqlStorageValue::String(backup),
            SqlStorageValue::Integer(parts),
            SqlStorageValue::Integer(complete),
        ] => Ok(Some(RestoreProgress {
            backup: backup.clone(),
            parts: u32::try_from(*parts).unwrap_or(u32::MAX),
            complete: *complete == 1,
        })),
        _ => Err(unreadable(RESTORED)),
    }
}

fn insert(storage: &ObjectStorage, table: &BackupTable) -> Result<()> {
    let is_kept = |column: &&String| (table.table.as_str(), column.as_str()) != NUMBERED_ANEW;
    let columns: Vec<String> = table
        .columns
        .iter()
        .filter(is_kept)
        .map(|column| quoted(column))
        .collect();
    let insert = format!(
        "INSERT OR REPLACE INTO {} ({}) VALUES ({})",
        quoted(&table.table),
        columns.join(", "),
        vec!["?"; columns.len()].join(", ")
    );
    for row in &table.rows {
        let cells = table.columns.iter().zip(row);
        let kept = cells.filter(|(column, _)| is_kept(column));
        let values: Row = kept.map(|(_, cell)| sql_value(cell)).collect();
        storage.exec(&insert, values)?;
    }
    Ok(())
}

fn sql_value(cell: &Value) -> SqlStorageValue {
    match cell {
        Value::String(text) => text.as_str().into(),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => number.into(),
            (None, Some(number)) => SqlStorageValue::Float(number),
            (None, None) => SqlStorageValue::Null,
        },
        // Others were refused.
        _ => SqlStorageValue::Null,
    }
}

const TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS restored (one INTEGER PRIMARY KEY, backup TEXT NOT NULL, \
     parts INTEGER NOT NULL, complete INTEGER NOT NULL)",
];
