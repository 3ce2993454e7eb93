//! The static files of the build, with files of an older one in the place of some.

use crate::tools::{Scratch, from_env};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// A copy of the built files in which these take the place of those that end in their name, whatever the
/// build's hash is.
pub fn with_older(older: &[(&'static str, PathBuf)]) -> Result<Scratch> {
    let (copy, built) = (Scratch::new()?, from_env("EMBARK_ASSETS")?);
    copy_below(&built, copy.path())?;
    for (name, old) in older {
        let place = find(copy.path(), name).with_context(|| format!("no {name} is built"))?;
        fs::copy(old, place).with_context(|| old.display().to_string())?;
    }
    Ok(copy)
}

fn copy_below(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (entry, place) = (entry?, to);
        let place = place.join(entry.file_name());
        if entry.path().is_dir() {
            copy_below(&entry.path(), &place)?;
        } else {
            fs::copy(entry.path(), place)?;
        }
    }
    Ok(())
}

fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let here = folder.join(name);
    if here.is_file() {
        return Some(here);
    }
    let mut entries = fs::read_dir(folder).ok()?.flatten();
    entries.find_map(|entry| entry.path().is_dir().then(|| find(&entry.path(), name))?)
}
