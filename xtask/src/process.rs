//! Child processes. Each runs in a process group of its own, so that ending one ends what it started;
//! groups are remembered by id and ended on Ctrl-C, SIGTERM and drop. Nothing is ever ended by name.

use anyhow::{Context, Result, bail};
use rustix::process::{
    Pid, Signal, WaitOptions, kill_process_group, test_kill_process_group, waitpid,
};
use std::collections::BTreeSet;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A running child with everything it started.
pub struct Group {
    pub child: Child,
    id: Pid,
}

impl Group {
    pub fn spawn(command: &mut Command) -> Result<Self> {
        let child = command
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {}", shown(command)))?;
        let id = Pid::from_child(&child);
        running().insert(id.as_raw_nonzero().get());
        Ok(Self { child, id })
    }

    /// The exit status, once there is one.
    pub fn exited(&mut self) -> Result<Option<ExitStatus>> {
        let status = self.child.try_wait();
        leave_to_the_signal();
        Ok(status?)
    }

    pub fn wait(&mut self) -> Result<ExitStatus> {
        let status = self.child.wait();
        leave_to_the_signal();
        let status = status?;
        running().remove(&self.id.as_raw_nonzero().get());
        Ok(status)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if running().remove(&self.id.as_raw_nonzero().get()) {
            end(&[self.id]);
            // Reaps the child; it has ended by now.
            let _ = self.child.wait();
        }
    }
}

/// Runs to the end; anything but success is an error that names the command.
pub fn run(command: &mut Command) -> Result<()> {
    let status = status(command)?;
    if !status.success() {
        bail!("{} failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs to the end without judging how it ended.
pub fn status(command: &mut Command) -> Result<ExitStatus> {
    Group::spawn(command.stdin(Stdio::null()))?.wait()
}

/// Runs to the end and gives what it printed, without its last line break.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{} failed ({}): {}",
            shown(command),
            output.status,
            stderr.trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout)
        .trim_end()
        .to_owned())
}

/// `npm ci --ignore-scripts`: program and arguments as a person would type them.
pub fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

/// From here on Ctrl-C, SIGTERM and SIGHUP end every group before this process ends.
pub fn end_children_on_signals() -> Result<()> {
    ctrlc::set_handler(|| {
        STOPPING.store(true, Ordering::SeqCst);
        let groups: Vec<Pid> = std::mem::take(&mut *running())
            .into_iter()
            .filter_map(Pid::from_raw)
            .collect();
        end(&groups);
        eprintln!("\nstopped");
        std::process::exit(130);
    })
    .context("cannot listen for Ctrl-C")
}

/// Children that end because of a signal are no news: the signal's own thread ends this process.
fn leave_to_the_signal() {
    while STOPPING.load(Ordering::SeqCst) {
        std::thread::park();
    }
}

/// Asks groups to end, waits for the children that lead them, and ends whoever did not listen.
fn end(groups: &[Pid]) {
    let all = |signal| {
        groups
            .iter()
            .for_each(|id| _ = kill_process_group(*id, signal))
    };
    all(Signal::TERM);
    let started = Instant::now();
    while started.elapsed() < PATIENCE && groups.iter().any(|id| is_running(*id)) {
        sleep(Duration::from_millis(20));
    }
    // Not "until the groups are empty": in a container dead grandchildren may stay in them for seconds.
    let left = Instant::now();
    while left.elapsed() < LAST_WORDS
        && groups.iter().any(|id| test_kill_process_group(*id).is_ok())
    {
        sleep(Duration::from_millis(20));
    }
    all(Signal::KILL);
}

/// Whether a child of ours runs; takes note of its end if it has ended.
fn is_running(child: Pid) -> bool {
    matches!(waitpid(Some(child), WaitOptions::NOHANG), Ok(None))
}

fn running() -> MutexGuard<'static, BTreeSet<i32>> {
    static RUNNING: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

static STOPPING: AtomicBool = AtomicBool::new(false);

/// How long a child may take to end by itself.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long what it started may take after it.
const LAST_WORDS: Duration = Duration::from_millis(300);

/// Cargo, called from a program that cargo itself started.
pub fn cargo() -> Command {
    without_package(Command::new("cargo"))
}

/// Takes away what `cargo run` says about this package: some build scripts look at it, so a nested build
/// would compile their crates anew, and the next one again.
pub fn without_package(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&*name);
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropping_a_group_ends_the_grandchild_too() -> Result<()> {
        let mut command = Command::new("sh");
        let mut group = Group::spawn(command.args(["-c", "sleep 60 & sleep 60"]))?;
        assert!(group.exited()?.is_none());
        let id = group.id;
        drop(group);
        // Dead is soon, gone from the process table is when the machine's first process takes note.
        let started = Instant::now();
        while test_kill_process_group(id).is_ok() {
            assert!(
                started.elapsed() < Duration::from_secs(30),
                "the grandchild still runs"
            );
            sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    #[test]
    fn a_failing_command_is_named() {
        let error = run(Command::new("sh").args(["-c", "exit 3"]))
            .err()
            .map(|e| e.to_string())
            .unwrap_or_default();
        assert!(
            error.contains("sh -c exit 3") && error.contains('3'),
            "{error}"
        );
    }
}
