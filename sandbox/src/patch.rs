//! Lays a JSON patch over a typed row. A field the row does not have is refused: a misspelt patch in a
//! test must not pass for one that worked.

use crate::control::Refused;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;

/// Rows as a list, or as `GET /_sandbox/world` shows them, by id.
pub fn rows(given: &Value) -> Result<Vec<(String, Value)>, Refused> {
    let rows: Vec<&Value> = match given {
        Value::Array(rows) => rows.iter().collect(),
        Value::Object(rows) => rows.values().collect(),
        _ => return Err("a list of rows is wanted".to_owned().into()),
    };
    let with_id = |row: &Value| match row["id"].as_str() {
        Some(id) if !id.is_empty() => Ok((id.to_owned(), row.clone())),
        _ => Err(format!("a row needs an id that is text: {row}").into()),
    };
    rows.into_iter().map(with_id).collect()
}

/// Changes the rows with these ids; an id nobody has makes a new row from the defaults.
pub fn merge_all<T>(
    rows: &mut BTreeMap<String, T>,
    given: Vec<(String, Value)>,
) -> Result<(), Refused>
where
    T: Default + Serialize + DeserializeOwned,
{
    for (id, row) in given {
        let row = match rows.get(&id) {
            Some(old) => laid_over(old, row)?,
            None => laid_over(&T::default(), row)?,
        };
        rows.insert(id, row);
    }
    Ok(())
}

/// Changes a row that must be there; returns it as it is now.
pub fn patch<T>(rows: &mut BTreeMap<String, T>, id: &str, row: Value) -> Result<Value, Refused>
where
    T: Serialize + DeserializeOwned,
{
    let old = rows
        .get_mut(id)
        .ok_or_else(|| Refused::from(format!("no row {id}")))?;
    *old = laid_over(old, row)?;
    serde_json::to_value(old).map_err(|error| error.to_string().into())
}

pub fn laid_over<T: Serialize + DeserializeOwned>(old: &T, over: Value) -> Result<T, Refused> {
    let mut value = serde_json::to_value(old).map_err(|error| error.to_string())?;
    let Value::Object(over) = over else {
        return Err("an object is wanted".to_owned().into());
    };
    for (key, new) in over {
        match value.get_mut(&key) {
            Some(field) => *field = new,
            None => return Err(format!("no field {key:?}").into()),
        }
    }
    serde_json::from_value(value).map_err(|error| error.to_string().into())
}
