//! `backup`: everything that a deployment stores, written to a file, and restored from one.

use crate::admin_path::AdminPath;
use crate::answer::Answer;
use crate::output_file::OutputFile;
use crate::pages::Cursors;
use crate::progress::Progress;
use crate::worker::Worker;
use crate::worker_api::Refusal;
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use embark_protocol::backup::{
    ActivateRequest, BACKUP_FORMAT, BackupEnd, BackupHeader, BackupLine, BackupPage, BackupPart,
    RestoreRequest, RestoreResult,
};
use fs_err as fs;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
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
    let mut path = AdminPath::new("backup").with("backup", header.id.clone());
    let first = path.clone();
    let mut cursors = Cursors::default();
    let mut digest = Sha256::new();
    write_line(&mut output, &mut digest, &BackupLine::Header(header))?;
    let progress = Progress::of("sites")?;
    let (mut complete, mut parts) = (BTreeSet::new(), 0);
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
            write_line(&mut output, &mut digest, &BackupLine::Part(part))?;
        }
        let (done, all) = (u64::from(page.sites_done), u64::from(page.sites));
        progress.set(done, all, format!("{} objects", complete.len()));
        match cursors.next(page.next.as_deref())? {
            Some(cursor) => path = first.clone().with("after", cursor),
            None => break,
        }
    }
    let objects = complete.len() as u64;
    let end = BackupEnd {
        objects,
        parts,
        sha256: hex(digest.clone()),
    };
    write_line(&mut output, &mut digest, &BackupLine::End(end))?;
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
        if let (_, BackupLine::Part(part)) = line? {
            done += u64::from(part.last);
            let size = json_size(&part)?;
            if !batch.has_room(size) {
                batch.send(worker)?;
            }
            batch.push(part, size);
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

/// Reads a file once, so that nothing is restored of one that is not whole, or was changed.
fn check(file: &Path) -> Result<Checked> {
    let name = file.display();
    let mut lines = lines(file)?;
    let Some((text, BackupLine::Header(header))) = lines.next().transpose()? else {
        bail!("{name} is not the file of a backup: it has no header");
    };
    if header.format != BACKUP_FORMAT {
        bail!(
            "{name} is of format {}, and this version restores format {BACKUP_FORMAT} alone: restore it with version {} of \
             Embark, which wrote it",
            header.format,
            header.version
        );
    }
    let mut digest = Sha256::new();
    add_line(&mut digest, &text);
    let mut objects = vec![];
    let mut complete = BTreeSet::new();
    let mut open = BTreeMap::<String, u32>::new();
    let mut parts = 0;
    let mut end = None;
    for line in lines {
        match (line?, &end) {
            ((text, BackupLine::Part(part)), None) => {
                add_line(&mut digest, &text);
                if complete.contains(&part.object) {
                    bail!("{}: it is in {name} twice", part.object);
                }
                let next = open.remove(&part.object).unwrap_or_default();
                if part.part != next {
                    bail!("{}: part {next} is missing", part.object);
                }
                if part.last {
                    complete.insert(part.object.clone());
                    objects.push(part.object);
                } else {
                    open.insert(part.object, next + 1);
                }
                parts += 1;
            }
            ((_, BackupLine::End(found)), None) => end = Some(found),
            _ => bail!("{name}: a line is not in its place"),
        }
    }
    let Some(end) = end else {
        bail!("{name} is not whole: its end is missing");
    };
    let is_whole = open.is_empty() && end.objects == objects.len() as u64 && end.parts == parts;
    if !is_whole {
        bail!("{name} is not whole: lines are missing");
    }
    if end.sha256 != hex(digest) {
        bail!("{name} was damaged or altered: its lines are not those that were written");
    }
    Ok(Checked { header, objects })
}

/// The lines of a file, each with its text.
fn lines(file: &Path) -> Result<impl Iterator<Item = Result<(String, BackupLine)>> + use<>> {
    let reader = BufReader::new(fs::File::open(file)?);
    let name = file.display().to_string();
    Ok(reader.lines().enumerate().map(move |(number, text)| {
        let number = number + 1;
        let text = text.with_context(|| format!("{name}: line {number} cannot be read"))?;
        let line = serde_json::from_str(&text)
            .with_context(|| format!("{name}: line {number} is not one of a backup"))?;
        Ok((text, line))
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

    /// Whether a part of this size is sent with those that are there. One that is larger than a batch is sent alone.
    fn has_room(&self, size: usize) -> bool {
        let is_small = self.size + size <= BATCH_SIZE && self.parts.len() < OBJECTS_AT_ONCE;
        is_small || self.parts.is_empty()
    }

    fn push(&mut self, part: BackupPart, size: usize) {
        self.size += size;
        self.parts.push(part);
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

fn write_line(output: &mut impl Write, digest: &mut Sha256, line: &BackupLine) -> Result<()> {
    let text = serde_json::to_string(line)?;
    add_line(digest, &text);
    output.write_all(text.as_bytes())?;
    output.write_all(b"\n")?;
    Ok(())
}

fn add_line(digest: &mut Sha256, text: &str) {
    digest.update(text);
    digest.update(b"\n");
}

/// In lower case.
fn hex(digest: Sha256) -> String {
    base16ct::lower::encode_string(&digest.finalize())
}

/// As it is sent, with a comma.
fn json_size(part: &BackupPart) -> Result<usize> {
    Ok(serde_json::to_string(part)?.len() + 1)
}

/// How many bytes of JSON are sent together, unless it is one part. The Worker takes 5 MB.
const BATCH_SIZE: usize = 1 << 20;
const OBJECTS_AT_ONCE: usize = 100;
const ATTEMPTS: u8 = 5;
const REPEATED_AFTER: Duration = Duration::from_secs(1);

#[cfg(test)]
#[path = "backup_tests.rs"]
mod tests;
