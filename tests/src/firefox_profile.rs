//! Profiles of Firefox. Its first start in an empty profile costs several seconds of CPU, for databases and a cache of its own
//! scripts: that is done once, and each test gets a copy of the profile that came of it. No page was opened in it.

use crate::environment::path_from_env;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;
use tokio::sync::Mutex;
use tokio::time::sleep;

/// A new profile. `visit` starts Firefox in a profile and ends it again; it is called if there is no profile to copy yet.
///
/// # Errors
/// A profile cannot be written, or `visit` fails.
pub async fn create(visit: impl AsyncFnOnce(&Path) -> Result<()>) -> Result<TempDir> {
    let used = used_profile()?;
    // One test starts Firefox, those beside it wait.
    let _creating = CREATING.lock().await;
    if !used.exists() {
        let folder = used.parent().context("no folder")?;
        fs::create_dir_all(folder)?;
        let new = tempfile::tempdir_in(folder)?;
        visit(new.path()).await?;
        // Only a complete one has the name. Another process may have been faster: its profile is as good.
        if let Err(error) = fs::rename(new.path(), &used)
            && !used.exists()
        {
            return Err(error.into());
        }
    }
    let profile = tempfile::tempdir()?;
    copy_profile(&used, profile.path())?;
    Ok(profile)
}

/// How long a Firefox that has started still writes to its profile.
pub async fn until_written() {
    sleep(Duration::from_secs(3)).await;
}

/// The profile that is copied: one for each Firefox, which would refuse that of a later version.
fn used_profile() -> Result<PathBuf> {
    let firefox = fs::canonicalize(path_from_env("EMBARK_FIREFOX")?)?;
    let installed = fs::metadata(&firefox)?.modified()?;
    let installed = installed.duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
    let folder = path_from_env("EMBARK_FIREFOX_PROFILES")?;
    Ok(folder.join(format!("installed-{installed}")))
}

/// Copies what is no lock: those are links, and one empty file.
fn copy_profile(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            fs::create_dir(&target)?;
            copy_profile(&entry.path(), &target)?;
        } else if kind.is_file() && entry.file_name() != ".parentlock" {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

static CREATING: Mutex<()> = Mutex::const_new(());
