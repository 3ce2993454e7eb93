//! The storage that every object has:
//!
//! | table | rows |
//! |---|---|
//! | `record (key, json)` | one row, key `main`: the object's record as JSON |
//! | `boot (one, boot)` | one row: the number of the newest incarnation of the object |
//! | `journal (n, at, call, said)` | the last 300 lines: an outgoing request was sent or has ended; for people to read |
//!
//! An object whose isolate the platform has given up may go on running beside its successor for a moment. Each
//! incarnation counts itself in `boot` before it first reads what is stored, and
//! [`commit`](ObjectStorage::commit) refuses to write for any but the newest, and ends it: record and check are one
//! synchronous block, which SQLite in Durable Objects runs as one transaction
//! (<https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/>). As long as nothing is stored, nothing is
//! counted: of several incarnations that saw that, the first to commit is the newest, and the others must read again.

use crate::clock;
use crate::config::Settings;
use crate::liveness::abort_object;
use crate::telemetry;
use core::cell::{Cell, RefCell};
use core::time::Duration;
use embark_onboarding::signup::calls::JournalLine;
use embark_onboarding::telemetry::{Subject, json_error};
use embark_onboarding::time::UnixMillis;
use embark_onboarding::workflow::CommitError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use worker::{Env, SqlStorage, SqlStorageValue, State};

pub use super::rows::{parse_row, unreadable};

/// One row of a result.
pub type Row = Vec<SqlStorageValue>;

/// The storage of one object, as one incarnation of it sees it.
pub struct ObjectStorage {
    env: Env,
    state: State,
    pub(super) sql: SqlStorage,
    /// The number of this incarnation; 1 for the first. `None`: not counted, because nothing was stored when it last
    /// read.
    incarnation: Cell<Option<i64>>,
    alarm: Cell<AlarmTime>,
    /// The tables that this incarnation has created or found, by the address of their statements.
    created: RefCell<BTreeSet<*const &'static str>>,
}

/// When the alarm of an object fires, as far as this incarnation knows.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum AlarmTime {
    /// It was not read yet, or cannot be.
    #[default]
    Unknown,
    /// None is set.
    Unset,
    /// At this time.
    At(UnixMillis),
}

impl ObjectStorage {
    /// Opens the storage. Writes nothing for an object that was never used.
    pub fn open(state: State, env: Env) -> Self {
        telemetry::open(&env);
        let sql = state.storage().sql();
        let storage = Self {
            env,
            state,
            sql,
            incarnation: Cell::default(),
            alarm: Cell::default(),
            created: RefCell::default(),
        };
        // If this fails, the first read tries again.
        if let Err(error) = storage.count_incarnation() {
            report("count_incarnation", &error);
        }
        storage
    }

    /// The Worker's bindings.
    pub fn env(&self) -> &Env {
        &self.env
    }

    /// The runtime's handle of this object.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The deployment's settings. `None`: a variable is missing, which every request is answered with.
    pub fn settings(&self) -> Option<Settings> {
        Settings::load(&self.env).ok()
    }

    /// The deployment's settings, with which secrets are to be sealed again.
    ///
    /// # Errors
    /// A variable is missing, or this instance of the Worker does not have the key of this number yet.
    pub fn settings_with_key(&self, key: u32) -> worker::Result<Settings> {
        let settings = self.settings().ok_or("settings")?;
        if settings.keyring.newest_number() < key {
            return Err("the instance has older keys".into());
        }
        Ok(settings)
    }

    /// The record. `None`: nothing was stored yet.
    ///
    /// # Errors
    /// The storage cannot be read, or the record is not a `T`.
    pub fn load<T: DeserializeOwned>(&self) -> worker::Result<Option<T>> {
        self.count_incarnation()?;
        #[cfg(feature = "local")]
        crate::fault_injection::fail_record_read(&self.state)?;
        match self.first_value("SELECT json FROM record WHERE key = 'main'")? {
            // The parser's text may quote the record.
            Some(SqlStorageValue::String(json)) => serde_json::from_str(&json)
                .map(Some)
                .map_err(|error| worker::Error::RustError(json_error(&error))),
            Some(_) => Err(unreadable("record")),
            None => Ok(None),
        }
    }

    /// Stores the record, if this is still the newest incarnation of the object. Synchronous: the output gate
    /// (<https://developers.cloudflare.com/durable-objects/reference/in-memory-state/>) holds later messages until the
    /// write is durable.
    ///
    /// # Errors
    /// See [`CommitError`]. Nothing was stored.
    pub fn commit<T: Serialize>(&self, record: &T) -> Result<(), CommitError> {
        let json = serde_json::to_string(record)
            .map_err(|error| CommitError::Serialization(error.to_string()))?;
        self.begin_write()?;
        let row = "INSERT INTO record (key, json) VALUES ('main', ?) \
                   ON CONFLICT (key) DO UPDATE SET json = excluded.json";
        self.exec(row, vec![json.into()]).map_err(storage_error)
    }

    /// Makes sure that this is the newest incarnation of the object, and that there are tables. Without an await between this
    /// and a write, no older incarnation writes.
    ///
    /// # Errors
    /// See [`CommitError`].
    pub fn begin_write(&self) -> Result<(), CommitError> {
        if !self.is_newest().map_err(storage_error)? {
            // It may outlive the other one, and must then begin anew.
            abort_object(&self.state);
            return Err(CommitError::Superseded);
        }
        self.create_tables().map_err(storage_error)
    }

    /// Runs a statement.
    ///
    /// # Errors
    /// The storage refused it.
    pub fn exec(&self, statement: &str, values: Row) -> worker::Result<()> {
        self.sql.exec(statement, values).map(|_| ())
    }

    /// Runs statements that create tables and indexes where they are missing: once in an incarnation.
    ///
    /// # Errors
    /// The storage refused one.
    pub fn create(&self, statements: &'static [&'static str]) -> worker::Result<()> {
        let key = statements.as_ptr();
        if self.created.borrow().contains(&key) {
            return Ok(());
        }
        for statement in statements {
            self.exec(statement, vec![])?;
        }
        self.created.borrow_mut().insert(key);
        Ok(())
    }

    /// Adds the columns that a table of an earlier version lacks: once in an incarnation. Each is a name and a type.
    ///
    /// # Errors
    /// The storage refused one.
    pub fn add_columns(&self, table: &str, columns: &'static [&'static str]) -> worker::Result<()> {
        let key = columns.as_ptr();
        if self.created.borrow().contains(&key) {
            return Ok(());
        }
        let names = self.rows("SELECT name FROM pragma_table_info(?)", vec![table.into()])?;
        for column in columns {
            let name = column.split(' ').next().unwrap_or_default();
            let is_there = |row: &Row| matches!(row.as_slice(), [SqlStorageValue::String(other)] if other == name);
            if !names.iter().any(is_there) {
                let alter = ["ALTER TABLE ", table, " ADD COLUMN ", column].concat();
                self.exec(&alter, vec![])?;
            }
        }
        self.created.borrow_mut().insert(key);
        Ok(())
    }

    /// All rows of a query.
    ///
    /// # Errors
    /// The storage refused it.
    pub fn rows(&self, query: &str, values: Row) -> worker::Result<Vec<Row>> {
        let cursor = self.sql.exec(query, values)?;
        let rows = cursor.raw().collect();
        log_rows_read(&self.env, cursor.rows_read(), query);
        rows
    }

    /// Adds a line to the journal: `request` and what happened to it, never what it carries.
    pub fn journal(&self, request: &str, event: &str) {
        let line = vec![sql_time(clock::now()), request.into(), event.into()];
        let insert = "INSERT INTO journal (at, call, said) VALUES (?, ?, ?)";
        // The journal is for people: no decision rests on it.
        let _ = self.exec(insert, line);
        let trim = "DELETE FROM journal WHERE n <= (SELECT max(n) FROM journal) - 300";
        let _ = self.exec(trim, vec![]);
    }

    /// The lines of the journal, the oldest first.
    ///
    /// # Errors
    /// The storage refused it.
    pub fn journal_lines(&self) -> worker::Result<Vec<JournalLine>> {
        let rows = self.rows("SELECT at, call, said FROM journal ORDER BY n", vec![])?;
        let parse = |row: Row| match row.as_slice() {
            [
                SqlStorageValue::Integer(at),
                SqlStorageValue::String(call),
                SqlStorageValue::String(event),
            ] => Ok(JournalLine {
                at: UnixMillis(u64::try_from(*at).unwrap_or_default()),
                call: call.clone(),
                event: event.clone(),
            }),
            _ => Err(unreadable("journal")),
        };
        rows.into_iter().map(parse).collect()
    }

    /// Sets the object's alarm, in place of an earlier or later one.
    pub async fn set_alarm_in(&self, delay: Duration) {
        let delay = delay.max(Duration::from_millis(1));
        self.alarm.set(AlarmTime::At(clock::now() + delay));
        // Without an alarm, the next request to the object continues its work.
        if let Err(error) = self.state.storage().set_alarm(delay).await {
            report("set_alarm", &error);
            self.alarm.set(AlarmTime::Unknown);
        }
    }

    /// Sets the object's alarm, unless it fires earlier anyway. One whose time cannot be read is put off rather than
    /// relied on: there may be none.
    pub async fn set_alarm_within(&self, delay: Duration) {
        let is_early = match self.alarm().await {
            AlarmTime::Unknown | AlarmTime::Unset => false,
            AlarmTime::At(at) => {
                let now = clock::now();
                at > now.before(ALARM_MAY_BE_LATE) && at <= now + delay
            }
        };
        if !is_early {
            self.set_alarm_in(delay).await;
        }
    }

    /// When the object's alarm fires. `Unknown`: it cannot be read at the moment.
    pub async fn alarm(&self) -> AlarmTime {
        if self.alarm.get() == AlarmTime::Unknown {
            let stored = match self.state.storage().get_alarm().await {
                Ok(Some(at)) => AlarmTime::At(UnixMillis(u64::try_from(at).unwrap_or_default())),
                Ok(None) => AlarmTime::Unset,
                Err(error) => {
                    report("read_alarm", &error);
                    AlarmTime::Unknown
                }
            };
            // A request may have set it meanwhile.
            if self.alarm.get() == AlarmTime::Unknown {
                self.alarm.set(stored);
            }
        }
        self.alarm.get()
    }

    /// The alarm has fired. Whether an earlier incarnation has set another one is to be read.
    pub fn on_alarm(&self) {
        self.alarm.set(AlarmTime::Unknown);
    }

    /// Deletes everything but the alarm. The object is then as if it had never been used.
    ///
    /// # Errors
    /// The storage refused it.
    pub async fn erase(&self) -> worker::Result<()> {
        // Before the await: a request that stores something meanwhile is the first of a new object.
        self.incarnation.set(None);
        self.created.borrow_mut().clear();
        let deleted = self.state.storage().delete_all().await;
        // A request may have created tables meanwhile: whether they are gone is not known.
        self.created.borrow_mut().clear();
        deleted
    }

    /// Whether no newer incarnation of the object has read or stored anything.
    ///
    /// # Errors
    /// The storage cannot be read.
    pub fn is_newest(&self) -> worker::Result<bool> {
        let newest = self.newest_incarnation()?;
        Ok(newest.is_none() || newest == self.incarnation.get())
    }

    /// Counts this incarnation, unless it was counted or nothing is stored.
    fn count_incarnation(&self) -> worker::Result<()> {
        if self.incarnation.get().is_none()
            && let Some(newest) = self.newest_incarnation()?
        {
            let number = newest + 1;
            self.exec("UPDATE boot SET boot = ?", vec![number.into()])?;
            self.incarnation.set(Some(number));
        }
        Ok(())
    }

    fn newest_incarnation(&self) -> worker::Result<Option<i64>> {
        match self.first_value("SELECT boot FROM boot")? {
            Some(SqlStorageValue::Integer(number)) => Ok(Some(number)),
            Some(_) => Err(unreadable("boot")),
            None => Ok(None),
        }
    }

    /// The first column of the first row. `None`: there is no row, or no table yet.
    ///
    /// # Errors
    /// The storage refused the query.
    pub fn first_value(&self, query: &str) -> worker::Result<Option<SqlStorageValue>> {
        let cursor = match self.sql.exec(query, None) {
            Ok(cursor) => cursor,
            Err(error) if error.to_string().contains(NO_TABLE) => return Ok(None),
            Err(error) => return Err(error),
        };
        let row = cursor.raw().next().transpose()?;
        Ok(row.and_then(|row| row.into_iter().next()))
    }

    /// Creates the tables, and the row of this incarnation if nothing is stored.
    fn create_tables(&self) -> worker::Result<()> {
        for table in TABLES {
            self.exec(table, vec![])?;
        }
        let number = self.incarnation.get().unwrap_or(1);
        let first = "INSERT INTO boot VALUES (1, ?) ON CONFLICT (one) DO NOTHING";
        self.exec(first, vec![number.into()])?;
        self.incarnation.set(Some(number));
        Ok(())
    }
}

/// Tells tests which queries read many rows: in builds with the feature `local`, if the variable `EMBARK_LOG_ROWS` is
/// set.
pub(super) fn log_rows_read(env: &Env, count: usize, query: &str) {
    if cfg!(feature = "local") && count >= MANY_ROWS && env.var("EMBARK_LOG_ROWS").is_ok() {
        worker::console_log!("EMBARK-ROWS {count} {query}");
    }
}

/// An instant as SQL stores it: milliseconds since 1970.
pub fn sql_time(at: UnixMillis) -> SqlStorageValue {
    i64::try_from(at.0).unwrap_or(i64::MAX).into()
}

/// A commit that failed, as the error of an object's request: the caller gets no reply, and repeats the request.
pub fn commit_failed(error: CommitError) -> worker::Error {
    report("commit", &error);
    worker::Error::RustError(error.to_string())
}

fn report(what: &'static str, error: &dyn core::fmt::Display) {
    telemetry::failure(what, error, &Subject::default());
}

fn storage_error(error: worker::Error) -> CommitError {
    CommitError::Storage(error.to_string())
}

const TABLES: [&str; 3] = [
    "CREATE TABLE IF NOT EXISTS record (key TEXT PRIMARY KEY, json TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS boot (one INTEGER PRIMARY KEY, boot INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS journal \
     (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, call TEXT NOT NULL, said TEXT NOT NULL)",
];
/// An alarm that should have fired is waited for as long as this before another one is set.
const ALARM_MAY_BE_LATE: Duration = Duration::from_mins(1);
const MANY_ROWS: usize = 10;
/// In SQLite's error text for a table that was not created yet.
const NO_TABLE: &str = "no such table";
