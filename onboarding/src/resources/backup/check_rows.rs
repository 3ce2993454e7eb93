//! Whether the rows of a part fit the object that they are to be stored in.

use super::LEFT_OUT;
use super::object::BackupObject;
use super::restore::RestoreRefusal;
use embark_protocol::backup::{BackupPart, BackupTable};
use serde_json::Value;

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
        let object = BackupObject::parse(&part.object);
        let checked = check_table(table, &columns)
            .and_then(|()| check_record(table, object.as_ref()))
            .and_then(|()| check_counts(table));
        if let Err(refusal) = checked {
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

/// A record that names its object, names the one that it is stored in.
fn check_record(table: &BackupTable, object: Option<&BackupObject>) -> Result<(), RestoreRefusal> {
    let place = match object {
        Some(BackupObject::Site(_)) => "/config/key",
        Some(BackupObject::Other(_)) => "/id",
        Some(BackupObject::Partner) | None => return Ok(()),
    };
    if table.table != "record" {
        return Ok(());
    }
    let name = object.map(BackupObject::name).unwrap_or_default();
    for record in cells(table, "json") {
        let record = record.as_str().map(serde_json::from_str::<Value>);
        let Some(Ok(record)) = record else {
            return Err(RestoreRefusal::BadRow(table.table.clone()));
        };
        match record.pointer(place) {
            None | Some(Value::Null) => {}
            Some(own) if own.as_str() == Some(name) => {}
            Some(_) => return Err(RestoreRefusal::OtherObject),
        }
    }
    Ok(())
}

/// The counts of a site's signups are read as numbers of 32 bits: one that is none would make all of them unreadable.
fn check_counts(table: &BackupTable) -> Result<(), RestoreRefusal> {
    if !COUNTS.contains(&table.table.as_str()) {
        return Ok(());
    }
    let largest = i64::from(u32::MAX);
    // A count may be below zero for a while: a signup was counted as something else before it was counted at all.
    for (column, least) in [("day", 0), ("took", 0), ("n", -largest)] {
        let is_count =
            |cell: &Value| matches!(cell.as_i64(), Some(n) if n >= least && n <= largest);
        if !cells(table, column).all(is_count) {
            return Err(RestoreRefusal::BadCount(table.table.clone()));
        }
    }
    Ok(())
}

/// The cells of a column. None: the table has no such column.
fn cells<'a>(table: &'a BackupTable, column: &str) -> impl Iterator<Item = &'a Value> {
    let number = table.columns.iter().position(|name| name == column);
    let rows = table.rows.iter();
    rows.filter_map(move |row| row.get(number?))
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

/// The tables of counts of signups, the one of an earlier version too.
const COUNTS: [&str; 2] = ["signup_steps", "signup_counts"];

#[cfg(test)]
mod tests {
    use super::super::{RESTORED, RESTORED_PARTS};
    use super::*;
    use core::convert::Infallible;
    use serde_json::json;

    #[test]
    fn only_rows_that_fit_are_stored() {
        let columns_of = |table: &str| {
            let columns = ["n", "json"].map(str::to_owned).to_vec();
            Ok::<_, Infallible>((table == "event_log").then_some(columns))
        };
        let check = |table: Value| {
            let part = json!({ "object": "site/acme", "part": 0, "last": true, "tables": [table], "mac": "" });
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
            RESTORED_PARTS,
            "seen",
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

    fn check_table_of(object: &str, table: Value) -> Result<(), RestoreRefusal> {
        let part =
            json!({ "object": object, "part": 0, "last": true, "tables": [table], "mac": "" });
        let part: BackupPart = serde_json::from_value(part).unwrap();
        let columns = part.tables[0].columns.clone();
        check_rows(&part, |_| Ok::<_, Infallible>(Some(columns.clone()))).unwrap()
    }

    #[test]
    fn record_of_another_object_is_refused() {
        let run = "0123456789abcdef0123456789abcdef";
        let of = |object: &str, record: &str| {
            let row = json!([["main", record]]);
            let table = json!({ "table": "record", "columns": ["key", "json"], "rows": row });
            check_table_of(object, table)
        };
        for (object, record) in [
            ("site/acme", r#"{"config":{"key":"acme"}}"#.to_owned()),
            ("site/acme", r#"{"config":null}"#.to_owned()),
            ("site/acme", "{}".to_owned()),
            (&format!("run/{run}"), format!(r#"{{"id":"{run}"}}"#)),
            (
                "waba/5000000000000001",
                r#"{"id":"5000000000000001"}"#.into(),
            ),
            ("waba/5000000000000001", r#"{"owners":[]}"#.into()),
            ("phone/6000000000000001", "{}".into()),
            ("partner/main", r#"{"id":"x"}"#.into()),
        ] {
            assert_eq!(of(object, &record), Ok(()), "{object} {record}");
        }
        for (object, record) in [
            ("site/planted", r#"{"config":{"key":"rival"}}"#.to_owned()),
            ("site/planted", r#"{"config":{"key":1}}"#.to_owned()),
            (&format!("run/{run}"), format!(r#"{{"id":"{run}0"}}"#)),
            (
                "waba/5000000000000001",
                r#"{"id":"5000000000000002"}"#.into(),
            ),
        ] {
            let refused = Err(RestoreRefusal::OtherObject);
            assert_eq!(of(object, &record), refused, "{object} {record}");
        }
        let bad = Err(RestoreRefusal::BadRow("record".into()));
        assert_eq!(of("site/acme", "{"), bad);
    }

    #[test]
    fn count_of_signups_out_of_range_is_refused() {
        let of = |table: &str, day: Value, took: Value, n: Value| {
            let columns = json!(["day", "took", "n"]);
            let rows = json!([[1, 0, 1], [day, took, n]]);
            let table = json!({ "table": table, "columns": columns, "rows": rows });
            check_table_of("site/acme", table)
        };
        let largest = json!(u32::MAX);
        for n in [json!(0), json!(-1), largest.clone()] {
            let fits = of("signup_steps", largest.clone(), largest.clone(), n.clone());
            assert_eq!(fits, Ok(()), "{n}");
        }
        let beyond = json!(i64::from(u32::MAX) + 1);
        for (day, took, n) in [
            (json!(1), json!(1), beyond.clone()),
            (json!(1), json!(1), json!(-i64::from(u32::MAX) - 1)),
            (json!(1), json!(1), json!(1.5)),
            (json!(1), json!(1), json!("1")),
            (json!(1), json!(1), json!(null)),
            (json!(1), beyond.clone(), json!(1)),
            (json!(1), json!(-1), json!(1)),
            (beyond, json!(1), json!(1)),
            (json!(-1), json!(1), json!(1)),
        ] {
            for table in ["signup_steps", "signup_counts"] {
                let refused = of(table, day.clone(), took.clone(), n.clone());
                let bad = Err(RestoreRefusal::BadCount(table.into()));
                assert_eq!(refused, bad, "{day} {took} {n}");
            }
        }
        let other = json!({ "table": "writes", "columns": ["n"], "rows": [[1_u64 << 40]] });
        assert_eq!(check_table_of("site/acme", other), Ok(()));
    }
}
