//! `backup`: everything that a deployment stores, written to a file, and restored from one.

use crate::admin_path::AdminPath;
use crate::answer::Answer;
use crate::output_file::OutputFile;
use crate::progress::Progress;
use crate::worker::Worker;
use crate::worker_api::Refusal;
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use embark_protocol::backup::{
    ActivateRequest, BackupEnd, BackupHeader, BackupLine, BackupPage, BackupPart, RestoreRequest,
    RestoreResult,
};
use fs_err as fs;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

pub const EXPORT_EXAMPLES: &str = "Examples:
  embark backup export embark.jsonl

The file has personal data, and secrets sealed with the deployment's keys (EMBARK_KEY_1 …), which are not in it: keep them
elsewhere.";

pub const IMPORT_EXAMPLES: &str = "Examples:
  embark backup import embark.jsonl --edge https://operator.new.example

The deployment has nothing set up yet, and has the sealing keys of the one that was backed up, under their numbers. Take the
other one off the network first: two that work on the same signups disturb each other. If the import breaks off, run it again.";

#[derive(Subcommand)]
pub enum BackupTask {
    /// Writes everything that the deployment stores to a file: secrets stay sealed. Only for owners
    #[command(after_help = EXPORT_EXAMPLES)]
    Export(Export),
    /// Restores a file in a deployment that has nothing set up yet. Only for owners
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(Import),
}

#[derive(Args)]
pub struct Export {
    /// The file to write
    file: PathBuf,
}

#[derive(Args)]
pub struct Import {
    /// The file that `backup export` wrote
    file: PathBuf,
}

/// Writes or restores a backup.
///
/// # Errors
/// When the Worker refuses, or the file cannot be read or written.
pub fn run(task: &BackupTask, worker: &Worker<'_>) -> Result<Answer> {
    match task {
        BackupTask::Export(export) => write(&export.file, worker),
        BackupTask::Import(import) => restore(&import.file, worker),
    }
}

fn write(file: &Path, worker: &Worker<'_>) -> Result<Answer> {
    let header = BackupHeader::deserialize(&worker.post("backup", &json!({}))?)?;
    let mut output = BufWriter::new(OutputFile::create(file)?);
    write_line(&mut output, &BackupLine::Header(header))?;
    let progress = Progress::of("sites")?;
    let (mut complete, mut parts) = (BTreeSet::new(), 0);
    let mut path = AdminPath::new("backup");
    loop {
        let page = with_patience(|| worker.get(&path))?;
        let page = BackupPage::deserialize(&page)?;
        for part in page.parts {
            // Several sites may use the same account: it is read with each.
            if complete.contains(&part.object) {
                continue;
            }
            if part.last {
                complete.insert(part.object.clone());
            }
            parts += 1;
            write_line(&mut output, &BackupLine::Part(part))?;
        }
        let (done, all) = (u64::from(page.sites_done), u64::from(page.sites));
        progress.set(done, all, format!("{} objects", complete.len()));
        match page.next {
            Some(cursor) => path = AdminPath::new("backup").with("after", cursor),
            None => break,
        }
    }
    let objects = complete.len() as u64;
    write_line(&mut output, &BackupLine::End(BackupEnd { objects, parts }))?;
    output.into_inner()?.persist()?;
    let text = format!("{objects} objects are in {}", file.display());
    Ok(Answer::new(json!({ "objects": objects }), text))
}

fn restore(file: &Path, worker: &Worker<'_>) -> Result<Answer> {
    let checked = check(file)?;
    let backup = checked.header;
    let all = checked.objects.len() as u64;
    let progress = Progress::of("objects")?;
    let mut batch = Batch::new(backup.clone());
    // Whether the deployment takes it, before anything is stored.
    batch.send(worker)?;
    let mut done = 0;
    for line in lines(file)? {
        if let BackupLine::Part(part) = line? {
            done += u64::from(part.last);
            batch.push(part)?;
            if batch.is_full() {
                batch.send(worker)?;
            }
        }
        progress.set(done, all, "stored".to_owned());
    }
    if !batch.parts.is_empty() {
        batch.send(worker)?;
    }
    for (chunk, objects) in checked.objects.chunks(OBJECTS_AT_ONCE).enumerate() {
        let request = ActivateRequest {
            backup: backup.id.clone(),
            objects: objects.to_vec(),
        };
        let request = serde_json::to_value(request)?;
        with_patience(|| worker.post("backup/activate", &request))?;
        let done = chunk * OBJECTS_AT_ONCE + objects.len();
        progress.set(done as u64, all, "at work".to_owned());
    }
    let (stored, before) = (batch.result.stored, batch.result.already_stored);
    let text = format!(
        "{all} objects are restored ({stored} parts now, {before} by an earlier import).\n\
         If the deployment has a newer sealing key: run `{program} keys rotate`, then remove the older ones.",
        program = worker.program_name()
    );
    let document = json!({ "objects": all, "stored": stored, "already_stored": before });
    Ok(Answer::new(document, text))
}

/// What a file has.
struct Checked {
    header: BackupHeader,
    /// In their order.
    objects: Vec<String>,
}

/// Reads a file once, so that nothing is restored of one that is not whole.
fn check(file: &Path) -> Result<Checked> {
    let mut lines = lines(file)?;
    let Some(BackupLine::Header(header)) = lines.next().transpose()? else {
        bail!(
            "{} is not the file of a backup: it has no header",
            file.display()
        );
    };
    let mut objects = vec![];
    let mut open = BTreeMap::<String, u32>::new();
    let mut parts = 0;
    let mut end = None;
    for line in lines {
        match (line?, &end) {
            (BackupLine::Part(part), None) => {
                let next = open.remove(&part.object).unwrap_or_default();
                if part.part != next {
                    bail!("{}: part {next} is missing", part.object);
                }
                if part.last {
                    objects.push(part.object);
                } else {
                    open.insert(part.object, next + 1);
                }
                parts += 1;
            }
            (BackupLine::End(found), None) => end = Some(found),
            _ => bail!("{}: a line is not in its place", file.display()),
        }
    }
    let whole = BackupEnd {
        objects: objects.len() as u64,
        parts,
    };
    if end != Some(whole) || !open.is_empty() {
        bail!("{} is not whole: its end is missing", file.display());
    }
    Ok(Checked { header, objects })
}

fn lines(file: &Path) -> Result<impl Iterator<Item = Result<BackupLine>> + use<>> {
    let reader = BufReader::new(fs::File::open(file)?);
    let name = file.display().to_string();
    Ok(reader.lines().enumerate().map(move |(number, line)| {
        let number = number + 1;
        let line = line.with_context(|| format!("{name}: line {number} cannot be read"))?;
        serde_json::from_str(&line)
            .with_context(|| format!("{name}: line {number} is not one of a backup"))
    }))
}

/// Parts that are sent together.
struct Batch {
    backup: BackupHeader,
    parts: Vec<BackupPart>,
    size: usize,
    /// Of all batches.
    result: RestoreResult,
}

impl Batch {
    fn new(backup: BackupHeader) -> Self {
        Self {
            backup,
            parts: vec![],
            size: 0,
            result: RestoreResult::default(),
        }
    }

    fn push(&mut self, part: BackupPart) -> Result<()> {
        self.size += serde_json::to_string(&part)?.len();
        self.parts.push(part);
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.size >= BATCH_SIZE || self.parts.len() >= OBJECTS_AT_ONCE
    }

    fn send(&mut self, worker: &Worker<'_>) -> Result<()> {
        let request = RestoreRequest {
            backup: self.backup.clone(),
            parts: std::mem::take(&mut self.parts),
        };
        self.size = 0;
        let request = serde_json::to_value(request)?;
        let result = with_patience(|| worker.post("backup/restore", &request))?;
        let result = RestoreResult::deserialize(&result)?;
        self.result.stored += result.stored;
        self.result.already_stored += result.already_stored;
        Ok(())
    }
}

/// Repeats a request that failed for a moment: every request of a backup may be repeated.
fn with_patience(request: impl Fn() -> Result<Value>) -> Result<Value> {
    for _ in 1..ATTEMPTS {
        match request() {
            Err(error) if may_pass(&error) => thread::sleep(REPEATED_AFTER),
            result => return result,
        }
    }
    request()
}

fn may_pass(error: &anyhow::Error) -> bool {
    match error.downcast_ref::<Refusal>() {
        Some(refusal) => refusal.status() == 429 || refusal.status() >= 500,
        None => error.downcast_ref::<ureq::Error>().is_some(),
    }
}

fn write_line(output: &mut impl Write, line: &BackupLine) -> Result<()> {
    serde_json::to_writer(&mut *output, line)?;
    output.write_all(b"\n")?;
    Ok(())
}

/// In bytes of JSON. The Worker takes 4 MB.
const BATCH_SIZE: usize = 1 << 20;
const OBJECTS_AT_ONCE: usize = 100;
const ATTEMPTS: u8 = 5;
const REPEATED_AFTER: Duration = Duration::from_secs(1);

#[cfg(test)]
#[path = "backup_tests.rs"]
mod tests;
