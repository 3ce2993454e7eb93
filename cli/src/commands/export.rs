//! `export`: all signups of a site, written while they are read.

use super::signup_pages::Filter;
use crate::answer::Answer;
use crate::progress::Progress;
use crate::worker::{Worker, id};
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use embark_protocol::id::SiteId;
use fs_err as fs;
use serde_json::json;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct ExportSignups {
    #[arg(value_parser = id(SiteId::parse))]
    site: SiteId,
    /// As what; otherwise `csv`, and with `--json` as `jsonl`
    #[arg(long)]
    format: Option<Format>,
    /// The file to write; otherwise standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    filter: Filter,
}

/// How signups are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A row for each, for a spreadsheet
    Csv,
    /// A line of JSON for each, as the API has it
    Jsonl,
}

/// Writes the signups.
///
/// # Errors
/// When the Worker refuses, the response breaks off, or the output cannot be written.
pub fn run(args: &ExportSignups, worker: &Worker<'_>) -> Result<Answer> {
    let format = args.format.unwrap_or(match worker.wants_json() {
        true => Format::Jsonl,
        false => Format::Csv,
    });
    let query = args.filter.query(&[("format", format.name())]);
    let signups = worker.read(&format!("sites/{}/signups/export?{query}", args.site))?;
    let Some(file) = &args.output else {
        copy(signups, format, BufWriter::new(io::stdout().lock()))?;
        return Ok(Answer::printed());
    };
    // Under another name until it is complete.
    let partial = partial_name(file);
    let written = copy(signups, format, BufWriter::new(fs::File::create(&partial)?))?;
    fs::rename(&partial, file)?;
    let text = format!("{written} signups are in {}", file.display());
    Ok(Answer::new(json!({ "signups": written }), text))
}

impl Format {
    fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
        }
    }
}

/// The name of a file while it is written.
fn partial_name(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

/// Copies an export, and returns how many signups it has.
fn copy(mut signups: impl Read, format: Format, mut output: impl Write) -> Result<usize> {
    let progress = Progress::count("signups")?;
    let mut rows = Rows {
        format,
        total: 0,
        is_quoted: false,
    };
    let mut buffer = vec![0; 65_536];
    loop {
        let length = signups
            .read(&mut buffer)
            .context("the response ended early: what was written is incomplete")?;
        let chunk = buffer.get(..length).unwrap_or_default();
        if chunk.is_empty() {
            break;
        }
        output.write_all(chunk)?;
        progress.add(rows.count(chunk));
    }
    output.flush()?;
    let head = usize::from(format == Format::Csv);
    Ok(rows.total.saturating_sub(head))
}

/// Counts the rows of CSV, whose quoted cells may have line breaks, or the lines of JSON.
struct Rows {
    format: Format,
    total: usize,
    is_quoted: bool,
}

impl Rows {
    /// How many end in this chunk.
    fn count(&mut self, chunk: &[u8]) -> usize {
        let before = self.total;
        for byte in chunk {
            match byte {
                b'"' if self.format == Format::Csv => self.is_quoted = !self.is_quoted,
                b'\n' if !self.is_quoted => self.total += 1,
                _ => {}
            }
        }
        self.total - before
    }
}

pub const EXAMPLES: &str = "Examples:
  embark export acme > signups.csv
  embark export acme --format jsonl --output signups.jsonl
  embark export acme --status connected --output connected.csv

In CSV a cell that begins with =, +, -, @, a tab or a line break begins with an apostrophe: a spreadsheet would take it for
a formula. Numbers have their country code and no plus. JSON has every value as the API has it.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn export_is_copied_as_it_is_and_its_signups_are_counted() -> Result<()> {
        for (format, text, count) in [
            (Format::Csv, "id,name\n", 0),
            (Format::Csv, "id,name\na,\"two\nlines, \"\"b\"\"\"\nc,\n", 2),
            (Format::Jsonl, "", 0),
            (
                Format::Jsonl,
                "{\"name\":\"a \\\" b\"}\n{\"id\":\"c\"}\n",
                2,
            ),
        ] {
            let mut output = Vec::new();
            // Byte by byte: a row may end anywhere.
            let chunks = text.as_bytes().chunks(1).collect::<Vec<_>>();
            let chunks = chunks
                .into_iter()
                .fold(Box::new(io::empty()) as Box<dyn Read>, |all, chunk| {
                    Box::new(all.chain(chunk))
                });
            assert_eq!(copy(chunks, format, &mut output)?, count, "{text}");
            assert_eq!(String::from_utf8(output)?, text);
        }
        Ok(())
    }

    #[test]
    fn export_that_breaks_off_is_an_error() {
        struct Breaks;
        impl Read for Breaks {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::ConnectionReset.into())
            }
        }
        let text: &[u8] = b"id,name\na,b\n";
        let copied = copy(text.chain(Breaks), Format::Csv, Vec::new());
        assert!(copied.is_err());
    }
}
