//! `export`: all signups of a site, written while they are read.

use super::signup_pages::Filter;
use crate::admin_path::AdminPath;
use crate::answer::Answer;
use crate::output_file::OutputFile;
use crate::progress::Progress;
use crate::visible::{VisibleWriter, visible_json, visible_lines};
use crate::worker::{Worker, id};
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use embark_protocol::id::SiteId;
use serde_json::json;
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Read, Write};
use std::path::PathBuf;

#[derive(Args)]
pub struct ExportSignups {
    /// The site, by its key
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
    let path = AdminPath::new("sites").join(&args.site).join("signups");
    let path = path.join("export").with("format", format.name());
    let signups = worker.read(&args.filter.of(path), format.media_type())?;
    let Some(file) = &args.output else {
        let output = io::stdout().lock();
        if output.is_terminal() {
            let output = VisibleWriter::new(BufWriter::new(output), format.escape());
            copy(signups, format, output)?;
        } else {
            copy(signups, format, BufWriter::new(output))?;
        }
        return Ok(Answer::printed());
    };
    let mut output = OutputFile::create(file)?;
    let written = copy(signups, format, BufWriter::new(&mut output))?;
    output.persist()?;
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

    /// How a terminal has it.
    fn escape(self) -> fn(&str) -> String {
        match self {
            Self::Csv => visible_lines,
            Self::Jsonl => visible_json,
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Jsonl => "application/jsonl",
        }
    }
}

/// Copies an export, and returns how many signups it has. What is no export is not copied.
fn copy(signups: impl Read, format: Format, mut output: impl Write) -> Result<usize> {
    let mut signups = BufReader::new(signups);
    let mut head = Vec::new();
    if format == Format::Csv {
        let mut line = signups.by_ref().take(MAX_HEAD);
        line.read_until(b'\n', &mut head).context(BROKEN_OFF)?;
        if !is_head(&head) {
            bail!(
                "the response is not an export of signups: its first line does not name the columns"
            );
        }
    }
    let mut signups = head.as_slice().chain(signups);
    let progress = Progress::count("signups")?;
    let mut rows = Rows {
        format,
        total: 0,
        is_quoted: false,
    };
    let mut buffer = vec![0; 65_536];
    loop {
        let length = signups.read(&mut buffer).context(BROKEN_OFF)?;
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

/// Whether a line names the columns of an export. A newer Worker may have more of them behind these.
fn is_head(line: &[u8]) -> bool {
    let columns = line
        .strip_suffix(b"\n")
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut columns = columns
        .into_iter()
        .flat_map(|line| line.split(|byte| *byte == b','));
    FIRST_COLUMNS
        .iter()
        .all(|first| columns.next() == Some(first.as_bytes()))
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

/// Of CSV.
const FIRST_COLUMNS: [&str; 2] = ["id", "status"];
/// In bytes. The line of the columns is shorter.
const MAX_HEAD: u64 = 8192;
const BROKEN_OFF: &str = "the response ended early: what was written is incomplete";

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
            (Format::Csv, "id,status\n", 0),
            (
                Format::Csv,
                "id,status\na,\"two\nlines, \"\"b\"\"\"\nc,\n",
                2,
            ),
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
    fn response_that_is_no_csv_of_signups_is_not_copied() {
        for text in [
            "",
            "id,status",
            "id,name\n",
            "id\n",
            "id,statuses\n",
            "\nid,status\n",
            "<!doctype html>\n<title>Sign in</title>\n",
        ] {
            let mut output = Vec::new();
            assert!(
                copy(text.as_bytes(), Format::Csv, &mut output).is_err(),
                "{text}"
            );
            assert!(output.is_empty(), "{text}");
        }
    }

    #[test]
    fn head_of_csv_may_have_more_columns_and_either_line_break() {
        for line in ["id,status\n", "id,status\r\n", "id,status,name\n"] {
            assert!(is_head(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn export_that_breaks_off_is_an_error() {
        struct Breaks;
        impl Read for Breaks {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::ConnectionReset.into())
            }
        }
        let text: &[u8] = b"id,status\na,b\n";
        let copied = copy(text.chain(Breaks), Format::Csv, Vec::new());
        assert!(copied.is_err());
    }
}
