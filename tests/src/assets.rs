//! The static files of the build, with files of an older one in the place of some.

use crate::tools::{Scratch, from_env};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};

/// A copy of the built files in which these take the place of those that end in their name, whatever the
/// build's hash is: also those of a build that is carried along.
pub fn with_older(older: &[(&'static str, PathBuf)]) -> Result<Scratch> {
    let (copy, built) = (Scratch::new()?, from_env("EMBARK_ASSETS")?);
    copy_below(&built, copy.path())?;
    for (name, old) in older {
        let places = find(copy.path(), name)?;
        ensure!(!places.is_empty(), "no {name} is built");
        for place in places {
            fs::copy(old, place).with_context(|| old.display().to_string())?;
        }
    }
    Ok(copy)
}

fn copy_below(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let place = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_below(&entry.path(), &place)?;
        } else {
            fs::copy(entry.path(), place)?;
        }
    }
    Ok(())
}

fn find(folder: &Path, name: &str) -> Result<Vec<PathBuf>> {
    let here = folder.join(name);
    if here.is_file() {
        return Ok(vec![here]);
    }
    let mut found = vec![];
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(find(&path, name)?);
        }
    }
    Ok(found)
}
