//! What is read of the rows of a table.

use embark_onboarding::telemetry::json_error;
use serde::de::DeserializeOwned;

/// A value that has another type than its table gives it.
pub fn unreadable(table: &str) -> worker::Error {
    worker::Error::RustError(["unreadable row of ", table].concat())
}

/// Reads the JSON of a row. The error does not quote it.
///
/// # Errors
/// It is not a `T`.
pub fn parse_row<T: DeserializeOwned>(table: &str, json: &str) -> worker::Result<T> {
    serde_json::from_str(json).map_err(|error| {
        let text = ["unreadable row of ", table, ": ", &json_error(&error)].concat();
        worker::Error::RustError(text)
    })
}
