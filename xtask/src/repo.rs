//! Where things are in this repository, and what its lock file says.

use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The folder that holds the workspace's `Cargo.toml`: xtask lies one level below it.
pub fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let xtask = std::env::var("CARGO_MANIFEST_DIR").map(PathBuf::from).ok();
        let xtask = xtask.filter(|path| path.ends_with("xtask"));
        let xtask = xtask.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
        xtask.parent().unwrap_or(Path::new(".")).to_owned()
    });
    &ROOT
}

/// A path below the root.
pub fn path(below: &str) -> PathBuf {
    root().join(below)
}

/// Cargo's output folder.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => path("target"),
    }
}

/// The one version of a package in `Cargo.lock`.
pub fn locked_version(package: &str) -> Result<String> {
    let text = fs::read_to_string(path("Cargo.lock")).context("Cargo.lock")?;
    find_version(&text, package)
}

fn find_version(lock: &str, package: &str) -> Result<String> {
    let name = format!("name = \"{package}\"");
    let mut versions = lock
        .split("[[package]]")
        .filter(|entry| entry.lines().any(|line| line == name));
    let version = versions
        .next()
        .and_then(|entry| {
            entry
                .lines()
                .find_map(|line| line.strip_prefix("version = \""))
        })
        .and_then(|rest| rest.strip_suffix('"'));
    match (version, versions.next()) {
        (Some(version), None) => Ok(version.to_owned()),
        (Some(_), Some(_)) => {
            bail!("Cargo.lock holds several versions of {package}; it must hold one")
        }
        (None, _) => bail!("Cargo.lock does not name {package}"),
    }
}

/// All files below a folder, sorted, as paths relative to it. A missing folder has none.
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        if !next.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&next).with_context(|| next.display().to_string())? {
            let entry = entry?.path();
            if entry.is_dir() {
                open.push(entry);
            } else if let Ok(relative) = entry.strip_prefix(folder) {
                found.push(relative.to_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "[[package]]\nname = \"a\"\nversion = \"1.2.3\"\n\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"b\"\nversion = \"2.0.0\"\n";

    #[test]
    fn one_version_is_found_and_anything_else_is_an_error() {
        assert_eq!(find_version(LOCK, "a").ok().as_deref(), Some("1.2.3"));
        assert!(find_version(LOCK, "b").is_err());
        assert!(find_version(LOCK, "c").is_err());
    }
}
