//! Long commands: their output goes to a log file, and the terminal shows a line of progress now and then.

use super::group::Group;
use anyhow::{Result, bail};
use fs_err as fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Runs a command whose output goes to the file `log`. `what` names it in the lines of progress.
///
/// # Errors
/// When it cannot be started, or ends with anything but success; the error shows the end of the log.
pub fn run_logged(what: &str, log: &Path, command: &mut Command) -> Result<()> {
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder)?;
    }
    let file = fs::File::create(log)?.into_file();
    command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file);
    let started = Instant::now();
    let mut next_progress = PROGRESS_INTERVAL;
    let group = Group::spawn(command)?;
    let status = loop {
        if let Some(status) = group.try_wait()? {
            break status;
        }
        let elapsed = started.elapsed();
        if elapsed >= next_progress {
            next_progress += PROGRESS_INTERVAL;
            eprintln!("{what}: {}{} …", in_words(elapsed), last_line(log));
        }
        sleep(Duration::from_millis(50));
    };
    if !status.success() {
        bail!(
            "{what} failed ({status}). The end of {}:\n{}",
            log.display(),
            tail(log, 20)
        );
    }
    eprintln!("{what}: done in {}", in_words(started.elapsed()));
    Ok(())
}

/// `9 s`, `1 min 20 s`.
fn in_words(time: Duration) -> String {
    match (time.as_secs() / 60, time.as_secs() % 60) {
        (0, s) => format!("{s} s"),
        (min, s) => format!("{min} min {s} s"),
    }
}

/// A comma and at most 60 characters of the last line; empty when there is none.
fn last_line(log: &Path) -> String {
    let line: String = tail(log, 1).trim().chars().take(60).collect();
    if line.is_empty() {
        line
    } else {
        format!(", {line}")
    }
}

/// The last lines that are not blank; empty when the file cannot be read.
fn tail(log: &Path, lines: usize) -> String {
    let bytes = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let all: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    all.get(all.len().saturating_sub(lines)..)
        .unwrap_or_default()
        .join("\n")
}

const PROGRESS_INTERVAL: Duration = Duration::from_secs(15);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_command_error_shows_end_of_log() -> Result<()> {
        let log = std::env::temp_dir().join(format!("embark-xtask-{}.log", std::process::id()));
        let failed = run_logged(
            "thing",
            &log,
            Command::new("sh").args(["-c", "echo one; echo two >&2; exit 1"]),
        );
        fs::remove_file(&log)?;
        let error = failed.err().map(|e| e.to_string()).unwrap_or_default();
        assert!(
            error.starts_with("thing failed") && error.ends_with("one\ntwo"),
            "{error}"
        );
        Ok(())
    }

    #[test]
    fn duration_in_words_has_minutes_and_seconds() {
        assert_eq!(in_words(Duration::from_secs(9)), "9 s");
        assert_eq!(in_words(Duration::from_secs(80)), "1 min 20 s");
    }
}
