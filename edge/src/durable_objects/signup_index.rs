//! A site's index of its signups.
//!
//! | table | rows |
//! |---|---|
//! | `runs (run, seq, at, open, poked, status, json, took, found)` | one per signup, by its id: the newest `SignupIndexRow` as `json`; its fields `seq`, `at`, `status`, with an index of `open` and `at`; `open`: 1 unless it has ended; `poked`: when it was last woken by its site; `took`: within how many seconds it connected, as it is counted; `found`: what a search finds it by |

use super::rpc;
use super::signup_counts;
use super::signup_objects;
use super::storage::{ObjectStorage, parse_row, sql_time, unreadable};
use crate::clock;
use crate::telemetry;
use core::time::Duration;
use embark_onboarding::resources::deadlines;
use embark_onboarding::resources::run::{RunReply, RunRequest};
use embark_onboarding::resources::signup_counts::CountKey;
use embark_onboarding::resources::signup_search::searchable_text;
use embark_onboarding::resources::site::{SignupIndexRow, is_open};
use embark_onboarding::telemetry::Subject;
use embark_protocol::{ProblemCode, SignupId};
use futures_util::stream::{self, TryStreamExt};
use worker::{Result, SqlStorageValue};

/// Stores a row, unless a newer one of the signup is stored.
///
/// # Errors
/// The storage refused it.
pub fn upsert(storage: &ObjectStorage, row: &SignupIndexRow) -> Result<()> {
    create_table(storage)?;
    add_columns(storage)?;
    // Also of a row that is outdated: a later one may not name them.
    signup_objects::add(storage, &row.objects)?;
    let stored = stored(storage, &row.signup)?;
    if stored.as_ref().is_some_and(|stored| stored.seq >= row.seq) {
        return Ok(());
    }
    let before = stored.and_then(|stored| stored.count);
    let count = CountKey::of(row, before.as_ref());
    signup_counts::move_signup(storage, before.as_ref(), &count)?;
    let insert = "INSERT INTO runs (run, seq, at, open, status, json, took, found) VALUES (?, ?, ?, ?, ?, ?, ?, ?) \
                  ON CONFLICT (run) DO UPDATE SET seq = excluded.seq, at = excluded.at, \
                  open = excluded.open, status = excluded.status, json = excluded.json, \
                  took = excluded.took, found = excluded.found";
    let values = vec![
        row.signup.as_str().into(),
        i64::from(row.seq).into(),
        sql_time(row.at),
        i64::from(is_open(row.status)).into(),
        row.status.as_str().into(),
        serde_json::to_string(row)?.into(),
        i64::from(count.connected_within_s).into(),
        searchable_text(row).into(),
    ];
    storage.exec(insert, values)
}

fn add_columns(storage: &ObjectStorage) -> Result<()> {
    storage.add_columns("runs", COLUMNS)?;
    storage.create(INDEXES_OF_COLUMNS)
}

/// Makes rows of earlier versions searchable. One that cannot be read is found by nothing.
///
/// # Errors
/// The storage refused it.
pub fn fill_searchable_texts(storage: &ObjectStorage) -> Result<()> {
    create_table(storage)?;
    add_columns(storage)?;
    let select = "SELECT run, json FROM runs WHERE found IS NULL LIMIT 500";
    loop {
        let rows = storage.rows(select, vec![])?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in rows {
            let [run, json] = row.as_slice() else {
                return Err(unreadable("runs"));
            };
            let read = match json {
                SqlStorageValue::String(json) => serde_json::from_str::<SignupIndexRow>(json).ok(),
                _ => None,
            };
            let text = read.as_ref().map(searchable_text).unwrap_or_default();
            let update = "UPDATE runs SET found = ? WHERE run = ?";
            storage.exec(update, vec![text.into(), run.clone()])?;
        }
    }
}

/// A row that is stored.
struct StoredRow {
    seq: u32,
    /// What its signup counts as. `None`: nothing, it was stored by an earlier version.
    count: Option<CountKey>,
}

fn stored(storage: &ObjectStorage, signup: &SignupId) -> Result<Option<StoredRow>> {
    let select = "SELECT json, took FROM runs WHERE run = ?";
    let rows = storage.rows(select, vec![signup.as_str().into()])?;
    match rows.first().map(Vec::as_slice) {
        None => Ok(None),
        Some([SqlStorageValue::String(json), took]) => {
            let row: SignupIndexRow = parse_row("runs", json)?;
            let count = match took {
                SqlStorageValue::Integer(took) => Some(CountKey {
                    connected_within_s: u32::try_from(*took).unwrap_or_default(),
                    ..CountKey::of(&row, None)
                }),
                _ => None,
            };
            Ok(Some(StoredRow {
                seq: row.seq,
                count,
            }))
        }
        Some(_) => Err(unreadable("runs")),
    }
}

/// Whether a signup of the site has not ended.
///
/// # Errors
/// The storage refused the query.
pub fn has_open(storage: &ObjectStorage) -> Result<bool> {
    create_table(storage)?;
    let open = storage.rows("SELECT 1 FROM runs WHERE open = 1 LIMIT 1", vec![])?;
    Ok(!open.is_empty())
}

/// Wakes up to fifty signups that have been idle longest, of those that should have changed by themselves by now: their
/// alarm was lost, or their object hangs. Forty of those that a code came for, and ten that have none: anyone can launch
/// as many as a site's budget allows. A signup that does not exist any more is not open any more.
///
/// # Errors
/// The storage refused a statement.
pub async fn wake_idle(storage: &ObjectStorage) -> Result<()> {
    create_table(storage)?;
    let now = clock::now();
    let idle = stream::iter(idle_signups(storage)?.into_iter().map(Ok));
    idle.try_for_each_concurrent(deadlines::WAKES_AT_ONCE, async |(signup, seq)| {
        let wake = RunRequest::Wake;
        let reply = rpc::call_within(storage.env(), &signup, &wake, deadlines::WAKE).await;
        let gone = matches!(
            reply,
            Ok(RunReply::Refused(problem)) if problem.code == ProblemCode::NotLaunched
        );
        let update = "UPDATE runs SET poked = ?, open = CASE WHEN ? AND seq = ? THEN 0 ELSE open END WHERE run = ?";
        let values = vec![
            sql_time(now),
            i64::from(gone).into(),
            // A row that came meanwhile says that the signup exists again.
            seq.into(),
            signup.as_str().into(),
        ];
        storage.exec(update, values)
    })
    .await
}

/// Each with the `seq` of its row.
fn idle_signups(storage: &ObjectStorage) -> Result<Vec<(SignupId, i64)>> {
    let now = clock::now();
    let with_code = "SELECT run, seq FROM runs WHERE open = 1 AND status <> 'launched' AND max(at, poked) < \
                     CASE status WHEN 'needs_input' THEN ? ELSE ? END ORDER BY max(at, poked) LIMIT 40";
    let launched = "SELECT run, seq FROM runs WHERE open = 1 AND status = 'launched' AND max(at, poked) < ? \
                    ORDER BY max(at, poked) LIMIT 10";
    let person_before = sql_time(now.before(PERSON_IDLE_AFTER));
    let values = vec![person_before.clone(), sql_time(now.before(IDLE_AFTER))];
    let mut rows = storage.rows(with_code, values)?;
    rows.extend(storage.rows(launched, vec![person_before])?);
    Ok(rows.iter().filter_map(|row| parse_idle(row)).collect())
}

/// `None`: the row is not readable. It does not keep the others from being woken.
fn parse_idle(row: &[SqlStorageValue]) -> Option<(SignupId, i64)> {
    let parsed = match row {
        [SqlStorageValue::String(id), SqlStorageValue::Integer(seq)] => {
            SignupId::parse(id).ok().map(|id| (id, *seq))
        }
        _ => None,
    };
    if parsed.is_none() {
        telemetry::failure("signup_index", &"an unreadable row", &Subject::default());
    }
    parsed
}

/// Creates the table where it is missing.
///
/// # Errors
/// The storage refused it.
pub fn create_table(storage: &ObjectStorage) -> Result<()> {
    storage.create(TABLES)
}

/// Columns that tables of earlier versions lack.
const COLUMNS: &[&str] = &["took INTEGER", "found TEXT"];
const INDEXES_OF_COLUMNS: &[&str] =
    &["CREATE INDEX IF NOT EXISTS runs_unfound ON runs (run) WHERE found IS NULL"];

/// The statements that create the table, with indexes for open signups, and for the list by each of its filters.
pub const TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS runs (run TEXT PRIMARY KEY, seq INTEGER NOT NULL, \
     at INTEGER NOT NULL, open INTEGER NOT NULL, poked INTEGER NOT NULL DEFAULT 0, \
     status TEXT NOT NULL, json TEXT NOT NULL, took INTEGER, found TEXT)",
    // A site has many signups that have ended, and few that are open.
    "CREATE INDEX IF NOT EXISTS runs_by_open ON runs (open, at)",
    "CREATE INDEX IF NOT EXISTS runs_at ON runs (at, run)",
    "CREATE INDEX IF NOT EXISTS runs_status ON runs (status, at, run)",
    "CREATE INDEX IF NOT EXISTS runs_reference ON runs (json_extract(json, '$.reference.id'), at, run)",
    "CREATE INDEX IF NOT EXISTS runs_waba ON runs (json_extract(json, '$.connected.waba_id'), at, run)",
    "CREATE INDEX IF NOT EXISTS runs_number ON runs (json_extract(json, '$.connected.phone_number_id'), at, run)",
];

/// A signup that does not wait for a person is woken after this time without a change.
pub const IDLE_AFTER: Duration = Duration::from_mins(10);
/// One that waits for a person.
const PERSON_IDLE_AFTER: Duration = Duration::from_hours(6);
