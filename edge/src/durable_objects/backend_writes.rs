//! Writes of back ends that have an idempotency key.
//!
//! | table | rows |
//! |---|---|
//! | `writes (n, token, key, at, json)` | one per key of a token: its `StoredWrite` as `json`; `at` is when it was first used. Deleted a day after that, or once 10,000 others came, when another is stored |

use super::storage::{ObjectStorage, Row, parse_row, sql_time, unreadable};
use crate::clock;
use embark_onboarding::resources::backend::{
    KEYS_KEPT_FOR, MAX_KEYS, StoredAnswer, StoredWrite, WriteAdmission, WriteAttempt,
};
use embark_onboarding::resources::key_rotation::{self, ResealCount};
use embark_onboarding::workflow::Context;
use worker::{Result, SqlStorageValue};

/// Decides about an attempt of the holder of a token. `token`: its id.
///
/// # Errors
/// The storage refused it.
pub fn begin(
    storage: &ObjectStorage,
    token: &str,
    attempt: &WriteAttempt,
) -> Result<WriteAdmission> {
    storage.create(TABLES)?;
    let now = clock::now();
    let outdated = "DELETE FROM writes WHERE at < ?";
    storage.exec(outdated, vec![sql_time(now.before(KEYS_KEPT_FOR))])?;
    let beyond = "DELETE FROM writes WHERE n <= (SELECT max(n) FROM writes) - ?";
    storage.exec(beyond, vec![i64::from(MAX_KEYS).into()])?;
    let stored = find(storage, token, &attempt.key)?;
    let (changed, admission) = StoredWrite::admit(stored, attempt, now);
    if let Some(changed) = changed {
        put(storage, token, &attempt.key, &changed)?;
    }
    Ok(admission)
}

/// Ends an attempt.
///
/// # Errors
/// The storage refused it.
pub fn end(
    storage: &ObjectStorage,
    token: &str,
    key: &str,
    attempt: &str,
    answer: Option<StoredAnswer>,
) -> Result<()> {
    storage.create(TABLES)?;
    let Some(mut stored) = find(storage, token, key)? else {
        return Ok(());
    };
    if stored.end(attempt, answer) {
        put(storage, token, key, &stored)?;
    }
    Ok(())
}

/// Seals the answers again that older keys sealed.
///
/// # Errors
/// The storage refused it, or a row is unreadable.
pub fn reseal(storage: &ObjectStorage, cx: &Context<'_>) -> Result<ResealCount> {
    storage.create(TABLES)?;
    let outdated = "DELETE FROM writes WHERE at < ?";
    storage.exec(outdated, vec![sql_time(cx.now.before(KEYS_KEPT_FOR))])?;
    let mut count = ResealCount::default();
    let Some(SqlStorageValue::Integer(last)) = storage.first_value("SELECT max(n) FROM writes")?
    else {
        return Ok(count);
    };
    // A row without a name is of an earlier version: nobody can seal it again, and it is gone within a day.
    let select = "SELECT token, key, json FROM writes WHERE n > ? AND n <= ? \
                  AND json_extract(json, '$.name') IS NOT NULL";
    let mut after = last.saturating_sub(i64::from(MAX_KEYS) + 1);
    while after < last {
        let until = after + PAGE;
        for row in storage.rows(select, vec![after.into(), until.into()])? {
            count += reseal_row(storage, &row, cx)?;
        }
        after = until;
    }
    Ok(count)
}

fn reseal_row(storage: &ObjectStorage, row: &Row, cx: &Context<'_>) -> Result<ResealCount> {
    let [
        SqlStorageValue::String(token),
        SqlStorageValue::String(key),
        SqlStorageValue::String(json),
    ] = row.as_slice()
    else {
        return Err(unreadable("writes"));
    };
    let mut stored: StoredWrite = parse_row("writes", json)?;
    let count = key_rotation::reseal(&mut stored, "", cx);
    if count.resealed > 0 {
        put(storage, token, key, &stored)?;
    }
    Ok(count)
}

fn put(storage: &ObjectStorage, token: &str, key: &str, write: &StoredWrite) -> Result<()> {
    let insert = "INSERT INTO writes (token, key, at, json) VALUES (?, ?, ?, ?) \
                  ON CONFLICT (token, key) DO UPDATE SET at = excluded.at, json = excluded.json";
    let values = vec![
        token.into(),
        key.into(),
        sql_time(write.first_at),
        serde_json::to_string(write)?.into(),
    ];
    storage.exec(insert, values)
}

fn find(storage: &ObjectStorage, token: &str, key: &str) -> Result<Option<StoredWrite>> {
    let one = "SELECT json FROM writes WHERE token = ? AND key = ?";
    let rows = storage.rows(one, vec![token.into(), key.into()])?;
    match rows.first().map(Vec::as_slice) {
        None => Ok(None),
        Some([SqlStorageValue::String(json)]) => Ok(Some(parse_row("writes", json)?)),
        Some(_) => Err(unreadable("writes")),
    }
}

/// How many rows are read at a time: each has a body.
const PAGE: i64 = 200;
/// The statements that create the tables.
pub const TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS writes (n INTEGER PRIMARY KEY, token TEXT NOT NULL, \
     key TEXT NOT NULL, at INTEGER NOT NULL, json TEXT NOT NULL, UNIQUE (token, key))",
    "CREATE INDEX IF NOT EXISTS writes_at ON writes (at)",
];
