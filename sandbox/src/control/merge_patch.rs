//! Merges JSON into typed rows. Unlike a JSON Merge Patch (<https://www.rfc-editor.org/rfc/rfc7396>) it replaces whole
//! fields, and refuses a field that the row does not have: a misspelt patch in a test must not seem to have worked.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;

/// Why a patch was refused.
#[derive(Debug)]
pub enum PatchError {
    /// The rows are neither a list nor an object.
    NotRows,
    /// A row has no `id`, or one that is empty or not a string.
    NoId(Value),
    /// No row has this id.
    NoRow(String),
    /// The patch is not an object.
    NotAnObject,
    /// The row has no field of this name.
    NoField(String),
    /// A value has the wrong type.
    Json(serde_json::Error),
}

/// The rows of a request with their ids: from a list, or by id as in `GET /_sandbox/world`.
///
/// # Errors
/// When they are neither, or one has no id.
pub fn rows_with_ids(rows: &Value) -> Result<Vec<(String, Value)>, PatchError> {
    let rows: Vec<&Value> = match rows {
        Value::Array(rows) => rows.iter().collect(),
        Value::Object(rows) => rows.values().collect(),
        _ => return Err(PatchError::NotRows),
    };
    let with_id = |row: &Value| match row["id"].as_str() {
        Some(id) if !id.is_empty() => Ok((id.to_owned(), row.clone())),
        _ => Err(PatchError::NoId(row.clone())),
    };
    rows.into_iter().map(with_id).collect()
}

/// Changes the rows with these ids. An id that no row has makes a new row from the defaults.
///
/// # Errors
/// As [`merge_patch`].
pub fn merge_rows<T>(
    table: &mut BTreeMap<String, T>,
    rows: Vec<(String, Value)>,
) -> Result<(), PatchError>
where
    T: Default + Serialize + DeserializeOwned,
{
    for (id, patch) in rows {
        let row = match table.get(&id) {
            Some(row) => merge_patch(row, patch)?,
            None => merge_patch(&T::default(), patch)?,
        };
        table.insert(id, row);
    }
    Ok(())
}

/// Changes the row with this id; returns it after the change.
///
/// # Errors
/// When no row has this id, and as [`merge_patch`].
pub fn patch_row<T>(
    table: &mut BTreeMap<String, T>,
    id: &str,
    patch: Value,
) -> Result<Value, PatchError>
where
    T: Serialize + DeserializeOwned,
{
    let row = table.get_mut(id);
    let row = row.ok_or_else(|| PatchError::NoRow(id.to_owned()))?;
    *row = merge_patch(row, patch)?;
    Ok(serde_json::to_value(row)?)
}

/// The same value with the fields of `patch` replaced.
///
/// # Errors
/// When the patch is not an object, has a field that the value does not have, or a value of the wrong type.
pub fn merge_patch<T: Serialize + DeserializeOwned>(
    original: &T,
    patch: Value,
) -> Result<T, PatchError> {
    let mut merged = serde_json::to_value(original)?;
    let Value::Object(patch) = patch else {
        return Err(PatchError::NotAnObject);
    };
    for (name, value) in patch {
        match merged.get_mut(&name) {
            Some(field) => *field = value,
            None => return Err(PatchError::NoField(name)),
        }
    }
    Ok(serde_json::from_value(merged)?)
}

impl From<serde_json::Error> for PatchError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

impl std::fmt::Display for PatchError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotRows => f.write_str("expected a list of rows"),
            Self::NoId(row) => write!(f, "a row needs a non-empty string as its id: {row}"),
            Self::NoRow(id) => write!(f, "no row {id}"),
            Self::NotAnObject => f.write_str("expected an object"),
            Self::NoField(name) => write!(f, "no field {name:?}"),
            Self::Json(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for PatchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Json(error) => Some(error),
            _ => None,
        }
    }
}
