//! Long commands, quietly: what they print goes to a log file, the terminal gets a line now and then.

use crate::process::Group;
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Runs to the end, with a sign of life every 15 s. A failure shows the end of the log.
pub fn run(what: &str, log: &Path, command: &mut Command) -> Result<()> {
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder)?;
    }
    let file = File::create(log).with_context(|| format!("cannot create {}", log.display()))?;
    command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file);
    let started = Instant::now();
    let mut told = 0;
    let mut group = Group::spawn(command)?;
    let status = loop {
        if let Some(status) = group.exited()? {
            break status;
        }
        let periods = started.elapsed().as_secs() / TELL_EVERY_S;
        if periods > told {
            told = periods;
            eprintln!("{what}: {}, {} …", shown(started.elapsed()), last_line(log));
        }
        sleep(Duration::from_millis(50));
    };
    if !status.success() {
        bail!(
            "{what} failed ({status}). Its last words, all of them in {}:\n{}",
            log.display(),
            tail(log, 20)
        );
    }
    eprintln!("{what}: done in {}", shown(started.elapsed()));
    Ok(())
}

fn shown(time: Duration) -> String {
    match (time.as_secs() / 60, time.as_secs() % 60) {
        (0, s) => format!("{s} s"),
        (min, s) => format!("{min} min {s} s"),
    }
}

fn last_line(log: &Path) -> String {
    tail(log, 1).trim().chars().take(60).collect()
}

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

const TELL_EVERY_S: u64 = 15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_shows_the_end_of_the_log() -> Result<()> {
        let log = std::env::temp_dir().join(format!("embark-xtask-{}.log", std::process::id()));
        let failed = run(
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
    fn times_read_like_times() {
        assert_eq!(shown(Duration::from_secs(9)), "9 s");
        assert_eq!(shown(Duration::from_secs(80)), "1 min 20 s");
    }
}
