//! Ends a group of processes together with this process, however that ends: values of a static are not dropped, and a
//! process that is killed drops nothing.

use anyhow::Result;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A shell that kills a process group and removes its folder, once this value is dropped or this process has ended.
pub struct EndOfGroup(Child);

impl EndOfGroup {
    /// Of the group whose leader is `group`, with the folder in which it writes.
    ///
    /// # Errors
    /// There is no shell.
    pub fn new(group: u32, folder: TempDir) -> Result<Self> {
        let shell = Command::new("sh")
            .args(["-c", SCRIPT, &group.to_string()])
            .arg(folder.path())
            .stdin(Stdio::piped())
            // Signals to the group of the tests do not reach it.
            .process_group(0)
            .spawn()?;
        // Removed by the shell from here on.
        let _path = folder.keep();
        Ok(Self(shell))
    }
}

impl Drop for EndOfGroup {
    /// Returns when the group is killed and the folder removed.
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // Without a shell there is nothing to wait for.
        let _ = self.0.wait();
    }
}

/// Reads until our end of the pipe is closed. A process that is being killed may still write into the folder.
const SCRIPT: &str = r#"cat >/dev/null; kill -9 "-$0"
for attempt in 1 2 3 4 5; do rm -rf "$1" && exit; sleep 0.2; done 2>/dev/null"#;
