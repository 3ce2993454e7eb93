//! Deserializers that read a member of any type. What a decision depends on is read exactly: an id must be one, a list
//! must be there. What is only shown, or may be missing, never costs the rest of its document.

use super::id_text::TextOrNumber;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, Error, IntoDeserializer};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Text; a number or boolean as text. `None`: anything else.
///
/// # Errors
/// The document is not JSON.
pub(in crate::meta) fn text<'de, D: Deserializer<'de>>(de: D) -> Result<Option<String>, D::Error> {
    Value::deserialize(de).map(|value| match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    })
}

/// A boolean, also as text or as 0 and 1. `None`: anything else.
///
/// # Errors
/// The document is not JSON.
pub(in crate::meta) fn flag<'de, D: Deserializer<'de>>(de: D) -> Result<Option<bool>, D::Error> {
    Value::deserialize(de).map(|value| as_flag(&value))
}

/// See [`flag`].
pub(in crate::meta) fn as_flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") || text == "1" => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") || text == "0" => Some(false),
        Value::Number(number) => match number.as_u64() {
            Some(0) => Some(false),
            Some(1) => Some(true),
            _ => None,
        },
        _ => None,
    }
}

/// A whole number that is not negative, also as text. `None`: anything else.
///
/// # Errors
/// The document is not JSON.
pub(in crate::meta) fn unsigned<'de, D: Deserializer<'de>>(de: D) -> Result<Option<u64>, D::Error> {
    Value::deserialize(de).map(|value| match value {
        Value::Number(number) => number.as_u64().or_else(|| {
            let number = number.as_f64()?;
            // Exact up to 2^53.
            (number.fract() == 0.0 && (0.0..9e15).contains(&number)).then_some(number as u64)
        }),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    })
}

/// A whole number, also as text. `None`: anything else.
///
/// # Errors
/// The document is not JSON.
pub(in crate::meta) fn signed<'de, D: Deserializer<'de>>(de: D) -> Result<Option<i64>, D::Error> {
    Value::deserialize(de).map(|value| match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    })
}

/// An id of type `T`, which Meta may write as a number. Its digits are kept.
///
/// # Errors
/// It is neither text nor a whole number, or not an id.
pub(in crate::meta) fn id<'de, D, T>(de: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let id = TextOrNumber::deserialize(de)?;
    let text: StrDeserializer<'_, D::Error> = id.0.as_str().into_deserializer();
    T::deserialize(text)
}

/// A `T`, or its default where the member is anything else.
///
/// # Errors
/// The document is not JSON.
pub(in crate::meta) fn or_default<'de, D, T>(de: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    Ok(serde_json::from_value(Value::deserialize(de)?).unwrap_or_default())
}

/// A list; entries that cannot be read are left out. Anything else is an empty list.
///
/// # Errors
/// The document is not JSON.
pub(in crate::meta) fn list<'de, D, T>(de: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    Value::deserialize(de).map(|value| match value {
        Value::Array(entries) => readable(entries),
        _ => vec![],
    })
}

/// A list that must be there; `null` is an empty one. Entries that cannot be read are left out.
///
/// # Errors
/// It is neither a list nor `null`.
pub(in crate::meta) fn required_list<'de, D, T>(de: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    match Value::deserialize(de)? {
        Value::Array(entries) => Ok(readable(entries)),
        Value::Null => Ok(vec![]),
        _ => Err(D::Error::custom("not a list")),
    }
}

fn readable<T: DeserializeOwned>(entries: Vec<Value>) -> Vec<T> {
    let entries = entries.into_iter();
    entries
        .filter_map(|entry| serde_json::from_value(entry).ok())
        .collect()
}
