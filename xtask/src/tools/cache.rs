//! The folder that keeps installed tools between clones, and the lock on it.

use anyhow::{Context, Result};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// `$EMBARK_CACHE`, else `embark` below the user's cache folder.
pub fn folder() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("EMBARK_CACHE") {
        return Ok(PathBuf::from(folder));
    }
    if let Some(folder) = std::env::var_os("XDG_CACHE_HOME") {
        return Ok(Path::new(&folder).join("embark"));
    }
    let home =
        std::env::home_dir().context("no home folder; set EMBARK_CACHE to a folder for tools")?;
    Ok(home.join(".cache/embark"))
}

/// Holds a named lock until dropped. Says so when another process has it.
pub fn lock(folder: &Path, name: &str) -> Result<File> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let path = folder.join(format!("{name}.lock"));
    let file = File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
    if file.try_lock().is_err() {
        eprintln!("{name}: waiting for another xtask");
        file.lock()
            .with_context(|| format!("cannot lock {}", path.display()))?;
    }
    Ok(file)
}
