//! Paths in this repository, and the versions in its lock file.

use anyhow::{Context, Result, bail};
use fs_err as fs;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use walkdir::WalkDir;

/// The folder of the workspace's `Cargo.toml`, which is the parent of this crate's folder.
pub fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let xtask = std::env::var("CARGO_MANIFEST_DIR").map(PathBuf::from).ok();
        let xtask = xtask.filter(|path| path.ends_with("xtask"));
        let xtask = xtask.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
        xtask.parent().unwrap_or(Path::new(".")).to_owned()
    });
    &ROOT
}

/// The absolute path of `relative`, which is relative to the root.
pub fn path(relative: &str) -> PathBuf {
    root().join(relative)
}

/// Cargo's output folder.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => path("target"),
    }
}

/// The version of a package in `Cargo.lock`.
///
/// # Errors
/// When the file has no version of it, or several.
pub fn locked_version(package: &str) -> Result<String> {
    find_version(&fs::read_to_string(path("Cargo.lock"))?, package)
}

fn find_version(lock: &str, package: &str) -> Result<String> {
    let lock: LockFile = toml::from_str(lock).context("Cargo.lock")?;
    let mut found = lock.package.into_iter().filter(|p| p.name == package);
    match (found.next(), found.next()) {
        (Some(package), None) => Ok(package.version),
        (Some(_), Some(_)) => {
            bail!("Cargo.lock has several versions of {package}; it must have one")
        }
        (None, _) => bail!("Cargo.lock has no package {package}"),
    }
}

/// What is read of `Cargo.lock`.
#[derive(Deserialize)]
struct LockFile {
    package: Vec<LockedPackage>,
}

#[derive(Deserialize)]
struct LockedPackage {
    name: String,
    version: String,
}

/// All files in a folder and its subfolders, sorted, as paths relative to it. Empty when there is no such folder.
///
/// # Errors
/// When a folder cannot be read.
pub fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    if folder.is_dir() {
        for entry in WalkDir::new(folder).follow_links(true) {
            let entry = entry?;
            if entry.file_type().is_file() {
                files.push(entry.path().strip_prefix(folder)?.to_owned());
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "[[package]]\nname = \"a\"\nversion = \"1.2.3\"\n\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"b\"\nversion = \"2.0.0\"\n";

    #[test]
    fn locked_version_with_one_entry_is_found() {
        assert_eq!(find_version(LOCK, "a").ok().as_deref(), Some("1.2.3"));
    }

    #[test]
    fn locked_version_with_several_entries_or_none_is_an_error() {
        assert!(find_version(LOCK, "b").is_err());
        assert!(find_version(LOCK, "c").is_err());
    }
}
