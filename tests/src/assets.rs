//! The static files of the build, with some of them replaced by files of an older build.

use crate::environment::path_from_env;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Copies the built files and replaces every file whose path ends in one of these names, in whichever
/// hashed build folder it is; also in the folders of older builds that are still served.
///
/// # Errors
/// When the build has no file of such a name.
pub fn copy_with_old_files(old_files: &[(&'static str, PathBuf)]) -> Result<TempDir> {
    let (copy, built) = (tempfile::tempdir()?, path_from_env("EMBARK_ASSETS")?);
    copy_folder(&built, copy.path())?;
    for (name, old_file) in old_files {
        let targets = find_files(copy.path(), name)?;
        ensure!(!targets.is_empty(), "the build has no {name}");
        for target in targets {
            fs::copy(old_file, target).with_context(|| old_file.display().to_string())?;
        }
    }
    Ok(copy)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Every file with this relative path, in `folder` or in a folder below it.
fn find_files(folder: &Path, name: &str) -> Result<Vec<PathBuf>> {
    let file = folder.join(name);
    if file.is_file() {
        return Ok(vec![file]);
    }
    let mut files = vec![];
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(find_files(&path, name)?);
        }
    }
    Ok(files)
}
