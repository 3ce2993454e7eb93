//! A child process in a process group of its own, so that signals reach what it started as well. All groups are
//! ended on Ctrl-C, SIGTERM and SIGHUP, and each when its [`Group`] is dropped.

use super::command::display;
use anyhow::{Context, Result};
use process_wrap::std::{ChildWrapper, CommandWrap, ProcessGroup};
use rustix::process::Signal;
use std::collections::BTreeMap;
use std::process::{ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A running child with everything it started.
pub struct Group {
    id: u32,
    child: SharedChild,
}

/// A child that the signal handler can access as well. The lock is not held while the child may run on.
type SharedChild = Arc<Mutex<Box<dyn ChildWrapper>>>;

impl Group {
    /// Starts a command. The command is used up: it cannot be started again.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn spawn(command: &mut Command) -> Result<Self> {
        let name = display(command);
        let command = std::mem::replace(command, Command::new(""));
        let child = CommandWrap::from(command)
            .wrap(ProcessGroup::leader())
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        let id = child.id();
        let child = Arc::new(Mutex::new(child));
        running().insert(id, Arc::clone(&child));
        Ok(Self { id, child })
    }

    /// The exit status of the child; `None` while it runs.
    ///
    /// # Errors
    /// When the operating system cannot report it.
    pub fn try_wait(&self) -> Result<Option<ExitStatus>> {
        let status = lock(&self.child).try_wait();
        wait_for_end_of_process();
        Ok(status?)
    }

    /// Waits until the child has ended. What it started may go on.
    ///
    /// # Errors
    /// When the operating system cannot report it.
    pub fn wait(self) -> Result<ExitStatus> {
        loop {
            if let Some(status) = self.try_wait()? {
                running().remove(&self.id);
                return Ok(status);
            }
            sleep(POLL_INTERVAL);
        }
    }

    /// Its standard input, if that is a pipe and was not taken before.
    pub fn take_stdin(&self) -> Option<ChildStdin> {
        lock(&self.child).stdin().take()
    }

    /// Its standard output, if that is a pipe and was not taken before.
    pub fn take_stdout(&self) -> Option<ChildStdout> {
        lock(&self.child).stdout().take()
    }

    /// Its standard error, if that is a pipe and was not taken before.
    pub fn take_stderr(&self) -> Option<ChildStderr> {
        lock(&self.child).stderr().take()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(child) = running().remove(&self.id) {
            end(&[child]);
        }
    }
}

/// Ends every group, and makes threads that wait for one wait for ever: this process is about to end.
pub fn end_children() {
    STOPPING.store(true, Ordering::SeqCst);
    let groups: Vec<SharedChild> = std::mem::take(&mut *running()).into_values().collect();
    end(&groups);
}

/// From here on Ctrl-C, SIGTERM and SIGHUP end every group, and then this process.
///
/// # Errors
/// When the handler cannot be installed.
pub fn end_children_on_signals() -> Result<()> {
    ctrlc::set_handler(|| {
        end_children();
        eprintln!("\nstopped");
        std::process::exit(130);
    })
    .context("cannot install a handler for Ctrl-C")
}

/// Does not return once this process is about to end: that a child has ended is then no error to report.
fn wait_for_end_of_process() {
    while STOPPING.load(Ordering::SeqCst) {
        std::thread::park();
    }
}

/// Sends SIGTERM, waits for the children, then for what they started, and sends SIGKILL to what is left.
fn end(groups: &[SharedChild]) {
    let each = |action: &dyn Fn(&mut dyn ChildWrapper)| {
        for child in groups {
            action(&mut **lock(child));
        }
    };
    each(&|child| _ = child.signal(Signal::TERM.as_raw()));
    wait_while(groups, CHILD_GRACE, |child| {
        matches!(child.try_wait(), Ok(None))
    });
    // SIGCONT does nothing to a running process and fails when the group is empty. Not waited for without limit:
    // in a container ended grandchildren may stay in the group for seconds.
    wait_while(groups, GROUP_GRACE, |child| {
        child.signal(Signal::CONT.as_raw()).is_ok()
    });
    each(&|child| _ = child.start_kill());
    each(&|child| _ = child.wait());
}

fn wait_while(
    groups: &[SharedChild],
    limit: Duration,
    condition: impl Fn(&mut dyn ChildWrapper) -> bool,
) {
    let started = Instant::now();
    while started.elapsed() < limit && groups.iter().any(|child| condition(&mut **lock(child))) {
        sleep(POLL_INTERVAL);
    }
}

/// All groups that have not ended, by the process id of the child.
fn running() -> MutexGuard<'static, BTreeMap<u32, SharedChild>> {
    static RUNNING: Mutex<BTreeMap<u32, SharedChild>> = Mutex::new(BTreeMap::new());
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

fn lock(child: &SharedChild) -> MutexGuard<'_, Box<dyn ChildWrapper>> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether this process is about to end, e.g. because a signal came.
static STOPPING: AtomicBool = AtomicBool::new(false);

const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// How long a child has to end after SIGTERM.
const CHILD_GRACE: Duration = Duration::from_secs(5);

/// How much longer its group has.
const GROUP_GRACE: Duration = Duration::from_millis(300);

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::{Pid, test_kill_process_group};

    #[test]
    fn group_dropped_ends_grandchild() -> Result<()> {
        let mut command = Command::new("sh");
        let group = Group::spawn(command.args(["-c", "sleep 60 & sleep 60"]))?;
        assert!(group.try_wait()?.is_none());
        let id = Pid::from_raw(i32::try_from(group.id)?).context("process id 0")?;
        drop(group);
        // An ended process is in the process table until its parent, here the init process, reaps it.
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
    fn group_waited_for_gives_status_and_is_forgotten() -> Result<()> {
        let group = Group::spawn(Command::new("sh").args(["-c", "exit 7"]))?;
        let id = group.id;
        assert_eq!(group.wait()?.code(), Some(7));
        assert!(!running().contains_key(&id));
        Ok(())
    }
}
