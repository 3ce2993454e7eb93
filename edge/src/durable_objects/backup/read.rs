//! The rows of an object, for a backup.

use crate::durable_objects::rows::unreadable;
use crate::durable_objects::storage::{ObjectStorage, Row};
use embark_onboarding::resources::backup::{BackupReply, TablePosition, is_left_out};
use embark_protocol::backup::BackupTable;
use serde_json::Value;
use worker::{Result, SqlStorageValue};

/// The rows from there on: as many as a part has.
///
/// # Errors
/// The storage cannot be read, or has a value that no backup can have.
pub fn rows(storage: &ObjectStorage, from: TablePosition) -> Result<BackupReply> {
    let mut tables = vec![];
    let mut size = 0;
    if !has_record(storage)? {
        return Ok(BackupReply::Rows { tables, next: None });
    }
    let at = |table: &str, after: Option<i64>| TablePosition {
        part: from.part + 1,
        table: table.to_owned(),
        after,
    };
    for table in stored_tables(storage)? {
        if table.name < from.table {
            continue;
        }
        if size >= PART_SIZE {
            let next = Some(at(&table.name, None));
            return Ok(BackupReply::Rows { tables, next });
        }
        let mut after = from.after.filter(|_| table.name == from.table);
        let columns = columns_of(storage, &table.name)?;
        let mut rows = vec![];
        loop {
            let chunk = table.rows_after(storage, &columns, after)?;
            let is_last = chunk.len() < CHUNK;
            for (number, row) in chunk {
                after = Some(number);
                size += row.iter().map(size_of).sum::<usize>();
                rows.push(row);
            }
            if is_last || size >= PART_SIZE {
                let next = (!is_last).then(|| at(&table.name, after));
                if !rows.is_empty() {
                    tables.push(BackupTable {
                        table: table.name.clone(),
                        columns,
                        rows,
                    });
                }
                if next.is_some() {
                    return Ok(BackupReply::Rows { tables, next });
                }
                break;
            }
        }
    }
    Ok(BackupReply::Rows { tables, next: None })
}

/// A table that backups have.
struct StoredTable {
    name: String,
    /// Whether its rows have no numbers (<https://sqlite.org/withoutrowid.html>): they are counted.
    without_rowid: bool,
}

impl StoredTable {
    /// Some rows behind this one, each with its number.
    fn rows_after(
        &self,
        storage: &ObjectStorage,
        columns: &[String],
        after: Option<i64>,
    ) -> Result<Vec<(i64, Vec<Value>)>> {
        let table = quoted(&self.name);
        let names: Vec<String> = columns.iter().map(|name| quoted(name)).collect();
        let names = names.join(", ");
        let limit = i64::try_from(CHUNK).unwrap_or(i64::MAX);
        if self.without_rowid {
            let before = after.unwrap_or_default();
            let select = format!("SELECT {names} FROM {table} ORDER BY {names} LIMIT ? OFFSET ?");
            let rows = storage.rows(&select, vec![limit.into(), before.into()])?;
            let numbered = (before + 1..).zip(rows);
            return numbered
                .map(|(number, row)| Ok((number, self.cells(&row)?)))
                .collect();
        }
        let select =
            format!("SELECT rowid, {names} FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT ?");
        let after = after.unwrap_or(LEAST_NUMBER);
        let rows = storage.rows(&select, vec![after.into(), limit.into()])?;
        let parse = |row: Row| match row.split_first() {
            Some((SqlStorageValue::Integer(number), cells)) => Ok((*number, self.cells(cells)?)),
            _ => Err(unreadable(&self.name)),
        };
        rows.into_iter().map(parse).collect()
    }

    fn cells(&self, row: &[SqlStorageValue]) -> Result<Vec<Value>> {
        let cell = |value: &SqlStorageValue| match value {
            SqlStorageValue::Null => Ok(Value::Null),
            SqlStorageValue::Integer(number) => Ok((*number).into()),
            SqlStorageValue::Float(number) => Ok((*number).into()),
            SqlStorageValue::String(text) => Ok(text.as_str().into()),
            SqlStorageValue::Boolean(_) | SqlStorageValue::Blob(_) => Err(unreadable(&self.name)),
        };
        row.iter().map(cell).collect()
    }
}

fn stored_tables(storage: &ObjectStorage) -> Result<Vec<StoredTable>> {
    let select = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name";
    let mut tables = vec![];
    for row in storage.rows(select, vec![])? {
        let [SqlStorageValue::String(name), sql] = row.as_slice() else {
            return Err(unreadable("sqlite_schema"));
        };
        if !is_left_out(name) {
            let is_without = |sql: &String| sql.to_ascii_uppercase().ends_with("WITHOUT ROWID");
            tables.push(StoredTable {
                name: name.clone(),
                without_rowid: matches!(sql, SqlStorageValue::String(sql) if is_without(sql)),
            });
        }
    }
    Ok(tables)
}

/// Whether the object stores a record.
///
/// # Errors
/// The storage cannot be read.
pub fn has_record(storage: &ObjectStorage) -> Result<bool> {
    Ok(storage.first_value("SELECT 1 FROM record")?.is_some())
}

/// The columns of a table. None: there is no such table.
///
/// # Errors
/// The storage cannot be read.
pub fn columns_of(storage: &ObjectStorage, table: &str) -> Result<Vec<String>> {
    let select = "SELECT name FROM pragma_table_info(?)";
    let rows = storage.rows(select, vec![table.into()])?;
    let name = |row: Row| match row.as_slice() {
        [SqlStorageValue::String(name)] => Ok(name.clone()),
        _ => Err(unreadable("pragma_table_info")),
    };
    rows.into_iter().map(name).collect()
}

/// A name as an identifier of SQL.
pub fn quoted(name: &str) -> String {
    ["\"", &name.replace('"', "\"\""), "\""].concat()
}

fn size_of(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 3,
        _ => 8,
    }
}

/// How many bytes a part has at least, if there are more rows.
const PART_SIZE: usize = 256 << 10;
/// How many rows are read at a time.
const CHUNK: usize = 50;
/// The least integer that JavaScript does not round.
const LEAST_NUMBER: i64 = -9_007_199_254_740_991;
