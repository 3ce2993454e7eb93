//! The audit log. Rows of the Partner object.
//!
//! | table | rows |
//! |---|---|
//! | `audit (n, at, what, who, result)` | one per audited action, as an English sentence; `who` is the operator's name, `result` what came of it. Deleted after 400 days |

use super::storage::{ObjectStorage, Row, sql_time, unreadable};
use embark_onboarding::resources::operators::AuditEntry;
use embark_onboarding::time::UnixMillis;
use embark_protocol::operators::{AuditPage, OperatorAction};
use worker::{Result, SqlStorageValue};

/// Stores what this service did, at nobody's request but Meta's.
///
/// # Errors
/// The storage refused it.
pub fn write(storage: &ObjectStorage, entry: &AuditEntry) -> Result<()> {
    create_table(storage)?;
    let insert = "INSERT INTO audit (at, what, result) VALUES (?, ?, 'done')";
    storage.exec(
        insert,
        vec![sql_time(entry.at), entry.action.as_str().into()],
    )
}

/// Stores that an operator begins to do something. Returns the number of the entry.
///
/// # Errors
/// The storage refused it.
pub fn begin(storage: &ObjectStorage, at: UnixMillis, who: &str, what: &str) -> Result<u64> {
    create_table(storage)?;
    let insert = "INSERT INTO audit (at, what, who) VALUES (?, ?, ?) RETURNING n";
    let rows = storage.rows(insert, vec![sql_time(at), what.into(), who.into()])?;
    match rows.first().map(Vec::as_slice) {
        Some([SqlStorageValue::Integer(number)]) => Ok(u64::try_from(*number).unwrap_or_default()),
        _ => Err(unreadable("audit")),
    }
}

/// Stores what came of it.
///
/// # Errors
/// The storage refused it.
pub fn end(storage: &ObjectStorage, number: u64, result: &str) -> Result<()> {
    create_table(storage)?;
    let update = "UPDATE audit SET result = ? WHERE n = ?";
    storage.exec(update, vec![result.into(), sql_number(number)])
}

/// A page of entries, the newest first.
///
/// # Errors
/// The storage refused it, or a row is not readable.
pub fn read(storage: &ObjectStorage, after: Option<u64>, limit: u32) -> Result<AuditPage> {
    create_table(storage)?;
    let select = "SELECT n, at, who, what, result FROM audit WHERE n < ? ORDER BY n DESC LIMIT ?";
    // One more than the page has: it tells whether there is a next page.
    let values = vec![
        sql_number(after.unwrap_or(NEWEST)),
        i64::from(limit.saturating_add(1)).into(),
    ];
    let rows = storage.rows(select, values)?;
    let mut entries = rows
        .into_iter()
        .map(|row| action(row).ok_or_else(|| unreadable("audit")))
        .collect::<Result<Vec<_>>>()?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = entries.len() > limit;
    entries.truncate(limit);
    let last = entries.last().filter(|_| has_more);
    Ok(AuditPage {
        next: last.map(|last| last.number),
        entries,
    })
}

fn action(row: Row) -> Option<OperatorAction> {
    let text = |value: &SqlStorageValue| match value {
        SqlStorageValue::String(text) => Some(text.clone()),
        _ => None,
    };
    let [
        SqlStorageValue::Integer(number),
        SqlStorageValue::Integer(at),
        who,
        SqlStorageValue::String(what),
        result,
    ] = row.as_slice()
    else {
        return None;
    };
    Some(OperatorAction {
        number: u64::try_from(*number).ok()?,
        at: u64::try_from(*at).ok()?,
        who: text(who),
        what: what.clone(),
        result: text(result),
    })
}

fn sql_number(number: u64) -> SqlStorageValue {
    i64::try_from(number.min(NEWEST)).unwrap_or_default().into()
}

fn create_table(storage: &ObjectStorage) -> Result<()> {
    storage.create(TABLES)?;
    storage.add_columns("audit", COLUMNS)
}

/// The statements that create the tables.
pub const TABLES: &[&str] = &["CREATE TABLE IF NOT EXISTS audit \
     (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, what TEXT NOT NULL, who TEXT, result TEXT)"];

/// More than any number of an entry. JavaScript has no larger exact integer.
const NEWEST: u64 = (1 << 53) - 1;

/// Those that tables of earlier versions lack.
const COLUMNS: &[&str] = &["who TEXT", "result TEXT"];
