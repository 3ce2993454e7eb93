//! The rows of an object, for a backup.

use crate::durable_objects::rows::unreadable;
use crate::durable_objects::storage::{ObjectStorage, Row, log_rows_read};
use embark_onboarding::resources::backup::{BackupReply, PartRows, TablePosition, is_left_out};
use serde_json::Value;
use worker::{Result, SqlStorageValue};

/// The rows from there on: as many as a part has.
///
/// # Errors
/// The storage cannot be read, or has a value that no backup can have.
pub fn rows(storage: &ObjectStorage, from: TablePosition) -> Result<BackupReply> {
    let mut part = PartRows::default();
    if !has_record(storage)? {
        let tables = part.into_tables();
        return Ok(BackupReply::Rows { tables, next: None });
    }
    for table in stored_tables(storage)? {
        if table.name < from.table {
            continue;
        }
        let mut after = from.after.filter(|_| table.name == from.table);
        let mut is_full = false;
        let columns = columns_of(storage, &table.name)?;
        table.read_after(storage, &columns, after, |number, row| {
            if part.push(&table.name, &columns, row) {
                after = Some(number);
            } else {
                is_full = true;
            }
            !is_full
        })?;
        if is_full {
            let next = TablePosition {
                part: from.part + 1,
                table: table.name,
                after,
            };
            let (tables, next) = (part.into_tables(), Some(next));
            return Ok(BackupReply::Rows { tables, next });
        }
    }
    let tables = part.into_tables();
    Ok(BackupReply::Rows { tables, next: None })
}

/// A table that backups have.
struct StoredTable {
    name: String,
    /// Whether its rows have no numbers (<https://sqlite.org/withoutrowid.html>): they are counted.
    without_rowid: bool,
}

impl StoredTable {
    /// Reads the rows behind this one, each with its number, as long as `read` returns true.
    fn read_after(
        &self,
        storage: &ObjectStorage,
        columns: &[String],
        after: Option<i64>,
        mut read: impl FnMut(i64, Vec<Value>) -> bool,
    ) -> Result<()> {
        let table = quoted(&self.name);
        let names: Vec<String> = columns.iter().map(|name| quoted(name)).collect();
        let names = names.join(", ");
        if self.without_rowid {
            let mut number = after.unwrap_or_default();
            let select = format!("SELECT {names} FROM {table} ORDER BY {names} LIMIT -1 OFFSET ?");
            return read_while(storage, &select, number, |row| {
                number += 1;
                Ok(read(number, self.cells(&row)?))
            });
        }
        let select = format!("SELECT rowid, {names} FROM {table} WHERE rowid > ? ORDER BY rowid");
        let after = after.unwrap_or(LEAST_NUMBER);
        read_while(storage, &select, after, |row| match row.split_first() {
            Some((SqlStorageValue::Integer(number), cells)) => {
                Ok(read(*number, self.cells(cells)?))
            }
            _ => Err(unreadable(&self.name)),
        })
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

/// Reads the rows of a query of one value one after another, as long as `read` returns true: those behind are not in memory.
fn read_while(
    storage: &ObjectStorage,
    query: &str,
    value: i64,
    mut read: impl FnMut(Row) -> Result<bool>,
) -> Result<()> {
    let cursor = storage.sql.exec(query, vec![value.into()])?;
    for row in cursor.raw() {
        if !read(row?)? {
            break;
        }
    }
    log_rows_read(storage.env(), cursor.rows_read(), query);
    Ok(())
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

/// The least integer that JavaScript does not round.
const LEAST_NUMBER: i64 = -9_007_199_254_740_991;
