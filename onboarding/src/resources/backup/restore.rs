//! Which parts of a backup an object takes.

use super::LEFT_OUT;
use core::fmt;
use embark_protocol::backup::{BackupPart, BackupTable};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How far the restore of an object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreProgress {
    /// The id of the backup.
    pub backup: String,
    /// How many parts are stored.
    pub parts: u32,
    /// Whether these are all.
    pub complete: bool,
}

/// What is to be done with a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartTask {
    /// It is to be stored, or was.
    Store,
    /// It was stored by an earlier request.
    AlreadyStored,
}

/// Why a part is not stored, or an object not activated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestoreRefusal {
    /// The object stores something else.
    InUse,
    /// Another part comes first.
    OutOfOrder {
        /// Which.
        expected: u32,
    },
    /// Not all parts are stored.
    Incomplete,
    /// The object has no such table.
    UnknownTable(String),
    /// The table has no such column.
    UnknownColumn(String),
    /// A row does not fit its columns.
    BadRow(String),
}

impl RestoreRefusal {
    /// Whether another deployment would take it.
    pub const fn is_conflict(&self) -> bool {
        matches!(
            self,
            Self::InUse | Self::Incomplete | Self::OutOfOrder { .. }
        )
    }
}

impl fmt::Display for RestoreRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse => f.write_str(
                "it stores something else: a backup is restored in a deployment without apps, sites, operators and signups",
            ),
            Self::OutOfOrder { expected } => write!(f, "part {expected} comes first"),
            Self::Incomplete => f.write_str("not all its parts are stored"),
            Self::UnknownTable(table) => write!(
                f,
                "there is no table {table}: the backup may be of a newer version of Embark"
            ),
            Self::UnknownColumn(column) => write!(
                f,
                "there is no column {column}: the backup may be of a newer version of Embark"
            ),
            Self::BadRow(table) => write!(f, "a row of {table} does not fit its columns"),
        }
    }
}

/// What an object does with a part. `progress`: `None` if nothing of a backup was stored. `is_unused`: whether it stores nothing
/// of its own.
///
/// # Errors
/// It is refused.
pub fn task_of(
    progress: Option<&RestoreProgress>,
    is_unused: bool,
    backup: &str,
    part: u32,
) -> Result<PartTask, RestoreRefusal> {
    match progress {
        Some(progress) if progress.backup == backup => {
            if part < progress.parts || progress.complete {
                Ok(PartTask::AlreadyStored)
            } else if part == progress.parts {
                Ok(PartTask::Store)
            } else {
                let expected = progress.parts;
                Err(RestoreRefusal::OutOfOrder { expected })
            }
        }
        None if is_unused && part == 0 => Ok(PartTask::Store),
        None if is_unused => Err(RestoreRefusal::OutOfOrder { expected: 0 }),
        _ => Err(RestoreRefusal::InUse),
    }
}

/// Checks that the rows of a part fit the tables of the object. `columns_of`: the columns of a table; `None` if there is no such
/// table.
///
/// # Errors
/// They do not.
pub fn check_rows<E>(
    part: &BackupPart,
    columns_of: impl Fn(&str) -> Result<Option<Vec<String>>, E>,
) -> Result<Result<(), RestoreRefusal>, E> {
    for table in &part.tables {
        let name = &table.table;
        let columns = match is_left_out(name) {
            true => None,
            false => columns_of(name)?,
        };
        let Some(columns) = columns else {
            return Ok(Err(RestoreRefusal::UnknownTable(short(name))));
        };
        if let Err(refusal) = check_table(table, &columns) {
            return Ok(Err(refusal));
        }
    }
    Ok(Ok(()))
}

fn check_table(table: &BackupTable, columns: &[String]) -> Result<(), RestoreRefusal> {
    let mut seen = vec![];
    for column in &table.columns {
        if !columns.contains(column) || seen.contains(&column) {
            let column = [&short(&table.table), ".", &short(column)].concat();
            return Err(RestoreRefusal::UnknownColumn(column));
        }
        seen.push(column);
    }
    let fits = |row: &Vec<Value>| row.len() == seen.len() && row.iter().all(is_cell);
    if seen.is_empty() || !table.rows.iter().all(fits) {
        return Err(RestoreRefusal::BadRow(short(&table.table)));
    }
    Ok(())
}

/// Whether a backup leaves the table out: see [`LEFT_OUT`], and those of SQLite and of the runtime, of which a development server
/// has others than the platform.
pub fn is_left_out(table: &str) -> bool {
    LEFT_OUT.contains(&table) || table.starts_with('_') || table.starts_with("sqlite_")
}

/// Whether a column can have the value: numbers beyond 2^53 lose digits on the way to the storage.
fn is_cell(value: &Value) -> bool {
    match value {
        Value::Null | Value::String(_) => true,
        Value::Number(number) => match number.as_i64() {
            Some(number) => number.unsigned_abs() <= 1 << 53,
            None => number.is_f64(),
        },
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => false,
    }
}

/// A name from a file, for an error.
fn short(name: &str) -> String {
    let graphic = name.chars().filter(|c| c.is_ascii_graphic());
    graphic.take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::super::RESTORED;
    use super::*;
    use core::convert::Infallible;
    use serde_json::json;

    fn progress(backup: &str, parts: u32, complete: bool) -> Option<RestoreProgress> {
        Some(RestoreProgress {
            backup: backup.to_owned(),
            parts,
            complete,
        })
    }

    #[test]
    fn parts_are_stored_once_in_their_order_and_only_where_nothing_else_is() {
        use PartTask::{AlreadyStored, Store};
        use RestoreRefusal::{InUse, OutOfOrder};
        for (progress, is_unused, part, expected) in [
            (None, true, 0, Ok(Store)),
            (None, true, 1, Err(OutOfOrder { expected: 0 })),
            (None, false, 0, Err(InUse)),
            (progress("b", 1, false), false, 0, Ok(AlreadyStored)),
            (progress("b", 1, false), false, 1, Ok(Store)),
            (
                progress("b", 1, false),
                false,
                2,
                Err(OutOfOrder { expected: 1 }),
            ),
            (progress("b", 2, true), false, 0, Ok(AlreadyStored)),
            (progress("b", 2, true), false, 2, Ok(AlreadyStored)),
            (progress("other", 1, false), false, 1, Err(InUse)),
            (progress("other", 1, true), true, 0, Err(InUse)),
        ] {
            let task = task_of(progress.as_ref(), is_unused, "b", part);
            assert_eq!(task, expected, "{progress:?} {part}");
        }
    }

    #[test]
    fn only_rows_that_fit_are_stored() {
        let columns_of = |table: &str| {
            let columns = ["n", "json"].map(str::to_owned).to_vec();
            Ok::<_, Infallible>((table == "event_log").then_some(columns))
        };
        let check = |table: Value| {
            let part = json!({ "object": "site/acme", "part": 0, "last": true, "tables": [table] });
            let part: BackupPart = serde_json::from_value(part).unwrap();
            check_rows(&part, columns_of).unwrap()
        };
        let of = |columns: Value, rows: Value| {
            check(json!({ "table": "event_log", "columns": columns, "rows": rows }))
        };
        assert_eq!(
            of(json!(["json", "n"]), json!([["{}", 1], [null, 1.5]])),
            Ok(())
        );
        assert_eq!(of(json!(["n"]), json!([])), Ok(()));
        let unknown = |name: &str| Err(RestoreRefusal::UnknownColumn(format!("event_log.{name}")));
        assert_eq!(of(json!(["n", "more"]), json!([[1, 2]])), unknown("more"));
        assert_eq!(of(json!(["n", "n"]), json!([[1, 2]])), unknown("n"));
        let bad = Err(RestoreRefusal::BadRow("event_log".into()));
        for (columns, rows) in [
            (json!([]), json!([[]])),
            (json!(["n"]), json!([[1, 2]])),
            (json!(["n"]), json!([[]])),
            (json!(["n"]), json!([[true]])),
            (json!(["n"]), json!([[[1]]])),
            (json!(["n"]), json!([[9_007_199_254_740_993_i64]])),
            (json!(["n"]), json!([[18_446_744_073_709_551_615_u64]])),
        ] {
            assert_eq!(of(columns.clone(), rows.clone()), bad, "{columns} {rows}");
        }
        for table in [
            "boot",
            RESTORED,
            "console_sessions",
            "sqlite_sequence",
            "_cf_KV",
            "__miniflare_do_name",
            "other",
        ] {
            let refused = check(json!({ "table": table, "columns": ["n"], "rows": [] }));
            assert_eq!(refused, Err(RestoreRefusal::UnknownTable(table.into())));
        }
    }
}
