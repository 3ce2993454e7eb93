//! All signups of a site, one after another, while they change; and how each is written.

use super::backend::SignupCursor;
use crate::time::UnixMillis;
use embark_protocol::backend::{SignupPage, SignupSummary};
use std::collections::BTreeSet;

/// How signups are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// A row each, under a head (<https://www.rfc-editor.org/rfc/rfc4180>).
    Csv,
    /// A line of JSON each, as lists have it (<https://jsonlines.org>).
    JsonLines,
}

impl ExportFormat {
    /// The format of this name. `None`: there is none.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "csv" => Some(Self::Csv),
            "jsonl" => Some(Self::JsonLines),
            _ => None,
        }
    }

    /// The ending of a file's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }

    /// The media type.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::JsonLines => "application/jsonl",
        }
    }

    /// What stands before the first signup.
    pub fn head(self) -> Vec<u8> {
        match self {
            Self::Csv => csv_row(COLUMNS.iter().map(|(name, _)| *name)),
            Self::JsonLines => vec![],
        }
    }

    /// One signup.
    pub fn row(self, signup: &SignupSummary) -> Vec<u8> {
        match self {
            Self::Csv => csv_row(COLUMNS.iter().map(|(_, cell)| harmless(cell(signup)))),
            Self::JsonLines => {
                let mut line = serde_json::to_vec(signup).unwrap_or_default();
                line.push(b'\n');
                line
            }
        }
    }
}

/// Which signups were written, and what is read next. Each is written once. One that changes meanwhile moves to the front of the
/// list, and pages that are read later do not have it: so the front is read again until nothing on it is new. One that was written
/// and changes afterwards stays as it was written.
#[derive(Debug, Default)]
pub struct ExportProgress {
    /// The ids of those that were written, as numbers.
    written: BTreeSet<u128>,
    after: Option<SignupCursor>,
    /// When the newest signup of this reading changed. `None`: its first page was not read yet.
    newest: Option<u64>,
    /// Everything that changed before this was read by an earlier reading.
    read_until: u64,
    found_new: bool,
    pages: u32,
}

/// An export has too many pages for one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyPages;

impl ExportProgress {
    /// Where the next page begins. `None`: at the front.
    pub fn after(&self) -> Option<SignupCursor> {
        self.after.clone()
    }

    /// Takes a page in. Returns the signups of it that are to be written, and whether another page is to be read.
    ///
    /// # Errors
    /// There are more than [`MAX_PAGES`].
    pub fn take(&mut self, page: SignupPage) -> Result<(Vec<SignupSummary>, bool), TooManyPages> {
        self.pages += 1;
        let first = page.signups.first().map(|signup| signup.changed_at);
        self.newest = self.newest.or(first);
        let oldest = page.signups.last().map(|signup| signup.changed_at);
        let mut signups = page.signups;
        signups.retain(
            |signup| match u128::from_str_radix(signup.id.as_str(), 16) {
                Ok(id) => self.written.insert(id),
                Err(_) => false,
            },
        );
        self.found_new |= !signups.is_empty();
        let is_read = oldest.is_some_and(|oldest| oldest < self.read_until);
        self.after = page.next.as_deref().and_then(SignupCursor::parse);
        if self.after.is_some() && !is_read {
            return self.go_on(signups);
        }
        // From the front again.
        self.after = None;
        self.read_until = self.newest.take().unwrap_or(0);
        if core::mem::take(&mut self.found_new) {
            return self.go_on(signups);
        }
        Ok((signups, false))
    }

    fn go_on(
        &self,
        signups: Vec<SignupSummary>,
    ) -> Result<(Vec<SignupSummary>, bool), TooManyPages> {
        match self.pages < MAX_PAGES {
            true => Ok((signups, true)),
            false => Err(TooManyPages),
        }
    }
}

fn csv_row(cells: impl Iterator<Item = impl AsRef<[u8]>>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(vec![]);
    // Writing to memory does not fail.
    let _ = writer.write_record(cells);
    writer.into_inner().unwrap_or_default()
}

/// The cell, with an apostrophe before what a spreadsheet would take for a formula
/// (<https://owasp.org/www-community/attacks/CSV_Injection>): references and names are texts of strangers. Also behind a
/// character at which some spreadsheets split cells.
fn harmless(cell: String) -> String {
    let mut text = String::with_capacity(cell.len());
    let mut begins = true;
    for character in cell.chars() {
        if begins && FORMULAS.contains(&character) {
            text.push('\'');
        }
        text.push(character);
        begins = SEPARATORS.contains(&character);
    }
    text
}

/// What a formula begins with; in East Asian versions of spreadsheets also the wide forms.
const FORMULAS: &[char] = &['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
/// What separates cells, besides the comma, before which the writer quotes the cell.
const SEPARATORS: &[char] = &[';', '\t', '\r', '\n', ','];

type Cell = fn(&SignupSummary) -> String;

const COLUMNS: &[(&str, Cell)] = &[
    ("id", |signup| signup.id.to_string()),
    ("status", |signup| signup.status.as_str().to_owned()),
    ("name", |signup| signup.name.clone().unwrap_or_default()),
    ("reference", |signup| {
        let reference = signup.reference.as_ref();
        reference.map_or(String::new(), |reference| reference.id.to_string())
    }),
    ("reference_verified", |signup| {
        let reference = signup.reference.as_ref();
        reference.map_or(String::new(), |reference| reference.verified.to_string())
    }),
    ("started_at", |signup| time(signup.started_at)),
    ("changed_at", |signup| time(signup.changed_at)),
    ("reason", |signup| signup.reason.clone().unwrap_or_default()),
    ("waba_id", |signup| {
        let connected = signup.connected.as_ref();
        let id = connected.and_then(|connected| connected.waba_id.as_ref());
        id.map(ToString::to_string).unwrap_or_default()
    }),
    ("business_id", |signup| {
        let connected = signup.connected.as_ref();
        let id = connected.and_then(|connected| connected.business_id.as_ref());
        id.map(ToString::to_string).unwrap_or_default()
    }),
    ("phone_number_id", |signup| {
        let connected = signup.connected.as_ref();
        let id = connected.and_then(|connected| connected.phone_number_id.as_ref());
        id.map(ToString::to_string).unwrap_or_default()
    }),
    // Country code and number, in digits alone: with its plus it would be a formula.
    ("phone_number", |signup| {
        let connected = signup.connected.as_ref();
        let number = connected.and_then(|connected| connected.display_phone_number.as_deref());
        let number = number.unwrap_or_default();
        number.chars().filter(char::is_ascii_digit).collect()
    }),
];

/// Empty: it is not known.
fn time(unix_millis: u64) -> String {
    let at = Some(UnixMillis(unix_millis)).filter(|at| at.0 > 0);
    at.and_then(UnixMillis::to_rfc3339).unwrap_or_default()
}

/// How many signups a page has.
pub const PAGE: u32 = 500;
/// A request of the Worker may ask an object a thousand times
/// (<https://developers.cloudflare.com/workers/platform/limits/#subrequests>).
pub const MAX_PAGES: u32 = 900;

#[cfg(test)]
#[path = "signup_export_tests.rs"]
mod tests;
