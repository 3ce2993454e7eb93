//! Signups as rows of a table that a spreadsheet opens.

use crate::table::rfc3339;
use serde_json::Value;

/// The names of the columns.
pub fn head() -> impl Iterator<Item = &'static str> {
    COLUMNS.iter().map(|column| column.name)
}

/// The cells of a signup, one for each column.
pub fn row(signup: &Value) -> impl Iterator<Item = String> {
    COLUMNS.iter().map(|column| {
        let value = signup.pointer(column.pointer).unwrap_or(&Value::Null);
        harmless(match (column.is_time, value) {
            (true, time) => rfc3339(time),
            (false, Value::Null) => String::new(),
            (false, Value::String(text)) => text.clone(),
            (false, other) => other.to_string(),
        })
    })
}

/// The cell, with an apostrophe before what a spreadsheet would take for a formula
/// (<https://owasp.org/www-community/attacks/CSV_Injection>): references and names are texts of strangers.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{cell}")
    } else {
        cell
    }
}

struct Column {
    name: &'static str,
    /// Where the value is in a signup (<https://www.rfc-editor.org/rfc/rfc6901>).
    pointer: &'static str,
    /// Whether it is in Unix milliseconds.
    is_time: bool,
}

const fn text(name: &'static str, pointer: &'static str) -> Column {
    Column {
        name,
        pointer,
        is_time: false,
    }
}

const fn time(name: &'static str, pointer: &'static str) -> Column {
    Column {
        name,
        pointer,
        is_time: true,
    }
}

const COLUMNS: &[Column] = &[
    text("id", "/id"),
    text("status", "/status"),
    text("reference", "/reference/id"),
    text("reference_verified", "/reference/verified"),
    time("started_at", "/started_at"),
    time("changed_at", "/changed_at"),
    text("reason", "/reason"),
    text("waba_id", "/connected/waba_id"),
    text("business_id", "/connected/business_id"),
    text("phone_number_id", "/connected/phone_number_id"),
    text("display_phone_number", "/connected/display_phone_number"),
    text("verified_name", "/connected/verified_name"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cell_that_would_be_a_formula_begins_with_an_apostrophe() {
        for cell in ["=1+1", "+49 30", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"] {
            assert_eq!(harmless(cell.to_owned()), format!("'{cell}"));
        }
        for cell in ["", "customer-7", "1=1", "a+b", " =1"] {
            assert_eq!(harmless(cell.to_owned()), cell);
        }
    }
}
