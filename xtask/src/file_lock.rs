//! Locks between processes.

use anyhow::{Context, Result};
use std::fs::{self, File};
use std::path::Path;

/// Takes the lock `<name>.lock` in `folder`, waiting while another process has it; it is released when the file is
/// dropped.
///
/// # Errors
/// When the file cannot be created or locked.
pub fn acquire(folder: &Path, name: &str) -> Result<File> {
    let file = open(folder, name)?;
    if file.try_lock().is_err() {
        eprintln!("{name}: waiting for another xtask");
        file.lock()
            .with_context(|| format!("cannot lock {name} in {}", folder.display()))?;
    }
    Ok(file)
}

/// The same without waiting: `None` when another process has it.
///
/// # Errors
/// When the file cannot be created.
pub fn try_acquire(folder: &Path, name: &str) -> Result<Option<File>> {
    let file = open(folder, name)?;
    Ok(file.try_lock().is_ok().then_some(file))
}

fn open(folder: &Path, name: &str) -> Result<File> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let path = folder.join(format!("{name}.lock"));
    File::create(&path).with_context(|| format!("cannot create {}", path.display()))
}
