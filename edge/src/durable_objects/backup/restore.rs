//! A restore of an object, part by part.

use super::object::BackedUp;
use super::read::{columns_of, quoted};
use crate::durable_objects::rows::unreadable;
use crate::durable_objects::storage::{ObjectStorage, Row, commit_failed};
use embark_onboarding::resources::backup::{
    BackupReply, NUMBERED_ANEW, PartTask, RESTORED, RESTORED_PARTS, RestoreProgress,
    RestoreRefusal, check_rows, may_begin, task_of,
};
use embark_protocol::backup::{BackupPart, BackupTable};
use serde_json::Value;
use worker::{Result, SqlStorageValue};

/// Whether the object stores nothing but what came of this backup.
///
/// # Errors
/// The storage cannot be read.
pub fn check(
    object: &impl BackedUp,
    backup: &str,
) -> Result<core::result::Result<PartTask, RestoreRefusal>> {
    let progress = progress(object.storage())?;
    let is_unused = is_unused(object, progress.as_ref())?;
    let task = match progress.as_ref().is_some_and(|found| found.activated) {
        true => PartTask::AlreadyStored,
        false => PartTask::Store,
    };
    Ok(may_begin(progress.as_ref(), is_unused, backup).map(|_| task))
}

/// Takes a backup on, unless the object stores something else: from now on it takes parts of this one alone.
///
/// # Errors
/// The storage refused it.
pub fn begin(object: &impl BackedUp, backup: &str) -> Result<BackupReply> {
    let task = match check(object, backup)? {
        Ok(task) => task,
        Err(refusal) => return Ok(BackupReply::Refused(refusal)),
    };
    let storage = object.storage();
    if progress(storage)?.is_none() {
        storage.begin_write().map_err(commit_failed)?;
        storage.create(TABLES)?;
        let begin =
            "INSERT INTO restored (one, backup, parts, complete, activated) VALUES (1, ?, 0, 0, 0)";
        storage.exec(begin, vec![backup.into()])?;
    }
    Ok(BackupReply::Restored(task))
}

/// Stores a part of a backup, unless it is stored already. Without an await: all of it is stored, or nothing. `is_over`: the
/// deployment works already, and nothing more is stored.
///
/// # Errors
/// The storage refused it.
pub fn store(
    object: &impl BackedUp,
    backup: &str,
    part: &BackupPart,
    is_over: bool,
) -> Result<BackupReply> {
    let storage = object.storage();
    let progress = progress(storage)?;
    let is_unused = is_unused(object, progress.as_ref())?;
    let stored_mac = match &progress {
        Some(_) => stored_mac(storage, part.part)?,
        None => None,
    };
    let stored_mac = stored_mac.as_deref();
    match task_of(progress.as_ref(), stored_mac, is_unused, backup, part) {
        Ok(PartTask::Store) if is_over => return Ok(BackupReply::Refused(RestoreRefusal::InUse)),
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
    let keep = "INSERT INTO restored_parts (part, mac) VALUES (?, ?)";
    let values = vec![i64::from(part.part).into(), part.mac.as_str().into()];
    storage.exec(keep, values)?;
    let keep = "INSERT INTO restored (one, backup, parts, complete, activated) VALUES (1, ?, ?, ?, 0) \
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

/// Keeps that the object works.
///
/// # Errors
/// The storage refused it.
pub fn keep_activated(storage: &ObjectStorage) -> Result<()> {
    storage.begin_write().map_err(commit_failed)?;
    storage.exec("UPDATE restored SET activated = 1", vec![])
}

/// Whether the object stores nothing of its own. Once a part is stored, that is not asked any more.
fn is_unused(object: &impl BackedUp, progress: Option<&RestoreProgress>) -> Result<bool> {
    match progress {
        Some(progress) if progress.parts > 0 => Ok(false),
        _ => object.is_unused(),
    }
}

fn progress(storage: &ObjectStorage) -> Result<Option<RestoreProgress>> {
    if columns_of(storage, RESTORED)?.is_empty() {
        return Ok(None);
    }
    let select = "SELECT backup, parts, complete, activated FROM restored";
    let rows = storage.rows(select, vec![])?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    match row.as_slice() {
        [
            SqlStorageValue::String(backup),
            SqlStorageValue::Integer(parts),
            SqlStorageValue::Integer(complete),
            SqlStorageValue::Integer(activated),
        ] => Ok(Some(RestoreProgress {
            backup: backup.clone(),
            parts: u32::try_from(*parts).unwrap_or(u32::MAX),
            complete: *complete == 1,
            activated: *activated == 1,
        })),
        _ => Err(unreadable(RESTORED)),
    }
}

/// The MAC of the part that is stored under this number. `None`: none is. The tables of a restore are there.
fn stored_mac(storage: &ObjectStorage, part: u32) -> Result<Option<String>> {
    let select = "SELECT mac FROM restored_parts WHERE part = ?";
    let rows = storage.rows(select, vec![i64::from(part).into()])?;
    match rows.first().map(Vec::as_slice) {
        None => Ok(None),
        Some([SqlStorageValue::String(mac)]) => Ok(Some(mac.clone())),
        Some(_) => Err(unreadable(RESTORED_PARTS)),
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
     parts INTEGER NOT NULL, complete INTEGER NOT NULL, activated INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS restored_parts (part INTEGER PRIMARY KEY, mac TEXT NOT NULL)",
];
