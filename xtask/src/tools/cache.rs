//! The folder of installed tools, which all clones share.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// `$EMBARK_CACHE`, else `embark` in the user's cache folder
/// (<https://specifications.freedesktop.org/basedir-spec/latest/>).
///
/// # Errors
/// When the user has no home folder.
pub fn folder() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("EMBARK_CACHE") {
        return Ok(PathBuf::from(folder));
    }
    if let Some(folder) = std::env::var_os("XDG_CACHE_HOME") {
        return Ok(Path::new(&folder).join("embark"));
    }
    let home = std::env::home_dir()
        .context("there is no home folder; set EMBARK_CACHE to a folder for tools")?;
    Ok(home.join(".cache/embark"))
}
