//! `export`: all signups of a site, written while they are read.

mod csv_rows;
mod writer;

use super::signup_pages::{Filter, MAX_LIMIT, Page, Pages};
use crate::answer::Answer;
use crate::progress::Progress;
use crate::worker::{Worker, id};
use anyhow::Result;
use clap::Args;
use embark_protocol::id::SiteId;
use fs_err as fs;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use writer::{Format, SignupWriter};

#[derive(Args)]
pub struct ExportSignups {
    #[arg(value_parser = id(SiteId::parse))]
    site: SiteId,
    /// As what; otherwise `csv`, and with `--json` as `json`
    #[arg(long)]
    format: Option<Format>,
    /// The file to write; otherwise standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    filter: Filter,
}

/// Writes the signups.
///
/// # Errors
/// When the Worker refuses, or the output cannot be written.
pub fn run(args: &ExportSignups, worker: &Worker<'_>) -> Result<Answer> {
    let format = args.format.unwrap_or(match worker.wants_json() {
        true => Format::Json,
        false => Format::Csv,
    });
    let pages = Pages::new(worker, &args.site, &args.filter, MAX_LIMIT);
    let read = |after: Option<&str>| pages.read(after);
    let Some(file) = &args.output else {
        write_all(&read, format, BufWriter::new(io::stdout().lock()))?;
        return Ok(Answer::printed());
    };
    // Under another name until it is complete.
    let partial = partial_name(file);
    let written = write_all(&read, format, BufWriter::new(fs::File::create(&partial)?))?;
    fs::rename(&partial, file)?;
    let text = format!("{written} signups are in {}", file.display());
    Ok(Answer::new(json!({ "signups": written }), text))
}

/// The name of a file while it is written.
fn partial_name(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

/// Writes every signup once, and returns how many there were. A signup that changes meanwhile moves to the front of the
/// list: if it was not read yet, the pages behind do not have it any more. So the front is read again until nothing on it
/// is new. A signup that was written and changes afterwards stays as it was written.
fn write_all(
    read: &impl Fn(Option<&str>) -> Result<Page>,
    format: Format,
    output: impl Write,
) -> Result<usize> {
    let progress = Progress::count("signups")?;
    let mut writer = SignupWriter::begin(format, output)?;
    let mut written = HashSet::new();
    // Everything that changed before this was read.
    let mut read_until = 0;
    loop {
        let (mut after, mut newest, mut is_new) = (None, None, false);
        loop {
            let page = read(after.as_deref())?;
            for signup in page.signups() {
                newest = newest.or(Some(changed_at(signup)));
                let id = signup["id"].as_str().unwrap_or_default();
                if written.insert(id.to_owned()) {
                    writer.write(signup)?;
                    progress.add(1);
                    is_new = true;
                }
            }
            let oldest = page.signups().last().map(changed_at);
            if page.next.is_none() || oldest.is_some_and(|oldest| oldest < read_until) {
                break;
            }
            after = page.next;
        }
        read_until = newest.unwrap_or(0);
        if !is_new {
            break;
        }
    }
    writer.end()?;
    Ok(written.len())
}

/// Unix milliseconds.
fn changed_at(signup: &Value) -> u64 {
    signup["changed_at"].as_u64().unwrap_or(0)
}

pub const EXAMPLES: &str = "Examples:
  embark export acme > signups.csv
  embark export acme --format json --output signups.json
  embark export acme --status connected --output connected.csv

In CSV a cell that begins with =, +, -, @, a tab or a line break, as the numbers do, begins with an apostrophe: a
spreadsheet would take it for a formula. JSON has every value as it is.";

#[cfg(test)]
mod tests;
