//! Counts of a site's signups. Rows of the Site object.
//!
//! | table | rows |
//! |---|---|
//! | `signup_steps (day, status, reason, step, took, n)` | how many signups of a day stand alike: see `embark_onboarding::resources::signup_counts`. Deleted after 400 days |
//! | `signup_counts (day, status, reason, took, n)` | the same without the step, as an earlier version counted them: none, once this one has opened the table |

use super::storage::{ObjectStorage, Row, unreadable};
use embark_onboarding::resources::signup_counts::CountKey;
use embark_protocol::signup_counts::{SignupCount, SignupCounts};
use embark_protocol::{SignupStatus, Step};
use worker::{Result, SqlStorageValue};

/// Counts a signup as something else than before. Without an await between this and the change of its row, both are stored or
/// neither.
///
/// # Errors
/// The storage refused it.
pub fn move_signup(
    storage: &ObjectStorage,
    before: Option<&CountKey>,
    after: &CountKey,
) -> Result<()> {
    if before == Some(after) {
        return Ok(());
    }
    storage.create(TABLES)?;
    if let Some(before) = before {
        add(storage, before, -1)?;
    }
    add(storage, after, 1)
}

fn add(storage: &ObjectStorage, key: &CountKey, number: i64) -> Result<()> {
    let insert = "INSERT INTO signup_steps (day, status, reason, step, took, n) VALUES (?, ?, ?, ?, ?, ?) \
                  ON CONFLICT (day, status, reason, step, took) DO UPDATE SET n = n + excluded.n";
    let values = vec![
        i64::from(key.day).into(),
        key.status.as_str().into(),
        key.reason.as_str().into(),
        key.step.map(Step::as_str).unwrap_or_default().into(),
        i64::from(key.connected_within_s).into(),
        number.into(),
    ];
    storage.exec(insert, values)
}

/// The counts of the signups that began on a day or later.
///
/// # Errors
/// The storage refused it, or a row is not readable.
pub fn read(storage: &ObjectStorage, first_day: u32) -> Result<SignupCounts> {
    storage.create(TABLES)?;
    let select = "SELECT day, status, reason, step, took, n FROM signup_steps WHERE day >= ? AND n > 0 \
                  ORDER BY day, status, reason, step, took LIMIT 20000";
    let rows = storage.rows(select, vec![i64::from(first_day).into()])?;
    let counts = rows
        .into_iter()
        .map(|row| count(row).ok_or_else(|| unreadable("signup_steps")))
        .collect::<Result<_>>()?;
    Ok(SignupCounts { counts })
}

fn count(row: Row) -> Option<SignupCount> {
    let [
        SqlStorageValue::Integer(day),
        SqlStorageValue::String(status),
        SqlStorageValue::String(reason),
        SqlStorageValue::String(step),
        SqlStorageValue::Integer(took),
        SqlStorageValue::Integer(number),
    ] = row.as_slice()
    else {
        return None;
    };
    let mut statuses = SignupStatus::ALL.into_iter();
    Some(SignupCount {
        day: u32::try_from(*day).ok()?,
        status: statuses.find(|known| known.as_str() == status)?,
        reason: (!reason.is_empty()).then(|| reason.clone()),
        step: Step::parse(step),
        connected_within_s: u32::try_from(*took).ok().filter(|took| *took > 0),
        count: u32::try_from(*number).ok()?,
    })
}

/// The statements that create the tables. The steps cannot be a column of the earlier version's table, whose key lacks them. Its rows are counted here, whatever that
/// version adds to it or takes from it if it is deployed once more.
pub const TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS signup_steps (day INTEGER NOT NULL, status TEXT NOT NULL, \
     reason TEXT NOT NULL, step TEXT NOT NULL, took INTEGER NOT NULL, n INTEGER NOT NULL, \
     PRIMARY KEY (day, status, reason, step, took)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS signup_counts (day INTEGER NOT NULL, status TEXT NOT NULL, \
     reason TEXT NOT NULL, took INTEGER NOT NULL, n INTEGER NOT NULL, \
     PRIMARY KEY (day, status, reason, took)) WITHOUT ROWID",
    "INSERT INTO signup_steps (day, status, reason, step, took, n) \
     SELECT day, status, reason, '', took, n FROM signup_counts WHERE true \
     ON CONFLICT (day, status, reason, step, took) DO UPDATE SET n = n + excluded.n",
    "DELETE FROM signup_counts",
];
