//! Writes `dist/assets`: the files of a build, and the hashed files of the previous build, because pages that were
//! opened before a deploy still request them. `dist/builds` lists the hashes of both, the current one first.

use crate::repo;
use anyhow::{Context, Result};
use fs_err as fs;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Makes `folder` hold the files of a build, by path, and the hashed files of the previous build.
///
/// # Errors
/// When a file cannot be read or written.
pub fn write_build(
    folder: &Path,
    mut builds: Builds,
    hash: &str,
    mut files: BTreeMap<String, Vec<u8>>,
) -> Result<()> {
    builds.set_current(hash);
    files.extend(builds.previous_files(folder)?);
    write_exactly(folder, &files)?;
    builds.save()
}

/// Makes the folder hold these files and no others; returns whether anything had to be changed.
fn write_exactly(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<bool> {
    let mut changed = false;
    for stale in repo::files_in(folder)? {
        if !files.contains_key(&*stale.to_string_lossy()) {
            fs::remove_file(folder.join(&stale))?;
            changed = true;
            if let Some(parent) = folder.join(&stale).parent() {
                // Fails unless the folder is empty now.
                let _ = fs::remove_dir(parent);
            }
        }
    }
    for (name, content) in files {
        let path = folder.join(name);
        if fs::read(&path).is_ok_and(|present| present == *content) {
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, content)?;
        changed = true;
    }
    Ok(changed)
}

/// The hashes of the builds whose files are in the folder, and the file that lists them.
pub struct Builds {
    list: PathBuf,
    /// The current build first.
    hashes: Vec<String>,
}

impl Builds {
    /// Reads the list; it is empty when the file is missing. Pages of the previous build then have to reload.
    pub fn read(list: PathBuf) -> Self {
        let text = fs::read_to_string(&list).unwrap_or_default();
        let hashes = text.lines().map(str::to_owned).collect();
        Self { list, hashes }
    }

    /// The hash of the current build.
    ///
    /// # Errors
    /// When nothing was built.
    pub fn current(&self) -> Result<&str> {
        let hash = self.hashes.first().map(String::as_str);
        hash.with_context(|| format!("{} lists no build", self.list.display()))
    }

    /// Makes `hash` the current build. Building the same again keeps the previous build.
    fn set_current(&mut self, hash: &str) {
        self.hashes.retain(|earlier| earlier != hash);
        self.hashes.insert(0, hash.to_owned());
        self.hashes.truncate(1 + PREVIOUS_BUILDS);
    }

    /// The hashed files of previous builds, by their path in the folder of the static files.
    fn previous_files(&self, assets: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
        let mut files = BTreeMap::new();
        for hash in self.hashes.iter().skip(1) {
            let folder = assets.join("b").join(hash);
            for file in repo::files_in(&folder)? {
                let content = fs::read(folder.join(&file))?;
                files.insert(format!("b/{hash}/{}", file.display()), content);
            }
        }
        Ok(files)
    }

    fn save(&self) -> Result<()> {
        let text = self.hashes.join("\n") + "\n";
        Ok(fs::write(&self.list, text)?)
    }
}

/// How many builds before the current one stay available.
const PREVIOUS_BUILDS: usize = 1;

#[cfg(test)]
mod tests {
    use super::*;

    fn files(names: &[&str]) -> BTreeMap<String, Vec<u8>> {
        let file = |name: &&str| ((*name).to_owned(), name.as_bytes().to_vec());
        names.iter().map(file).collect()
    }

    /// Calls `write` with a new folder and returns the files that are in it then.
    fn files_after(name: &str, write: impl Fn(&Path) -> Result<()>) -> Result<Vec<String>> {
        let name = format!("embark-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder)?;
        let written = write(&folder);
        let files = repo::files_in(&folder)?;
        fs::remove_dir_all(&folder)?;
        written?;
        Ok(files
            .iter()
            .map(|path| path.display().to_string())
            .collect())
    }

    #[test]
    fn folder_written_holds_exactly_the_given_files() -> Result<()> {
        let files = files_after("assets", |folder| {
            assert!(write_exactly(folder, &files(&["a.js", "b/1/w.js"]))?);
            assert!(!write_exactly(folder, &files(&["a.js", "b/1/w.js"]))?);
            assert!(write_exactly(folder, &files(&["a.js", "b/2/w.js"]))?);
            Ok(())
        })?;
        assert_eq!(files, ["a.js", "b/2/w.js"]);
        Ok(())
    }

    /// The static files after builds with these hashes.
    fn assets_after(name: &str, hashes: &[&str]) -> Result<Vec<String>> {
        let names = files_after(name, |folder| {
            for hash in hashes {
                let builds = Builds::read(folder.join("builds"));
                let built = files(&["a.js", &format!("b/{hash}/l/en"), &format!("b/{hash}/w")]);
                write_build(&folder.join("assets"), builds, hash, built)?;
                let builds = Builds::read(folder.join("builds"));
                assert_eq!(builds.current()?, *hash);
            }
            Ok(())
        })?;
        let in_assets = |name: &String| name.strip_prefix("assets/").map(str::to_owned);
        Ok(names.iter().filter_map(in_assets).collect())
    }

    #[test]
    fn hashed_files_of_the_previous_build_are_kept() -> Result<()> {
        let with = |hashed: &[[&'static str; 2]]| [vec!["a.js"], hashed.concat()].concat();
        let (one, two) = (["b/1/l/en", "b/1/w"], ["b/2/l/en", "b/2/w"]);

        assert_eq!(assets_after("one", &["1"])?, with(&[one]));
        assert_eq!(assets_after("two", &["1", "2"])?, with(&[one, two]));
        let three = ["b/3/l/en", "b/3/w"];
        assert_eq!(
            assets_after("three", &["1", "2", "3"])?,
            with(&[two, three])
        );
        Ok(())
    }

    #[test]
    fn build_repeated_keeps_the_previous_build() -> Result<()> {
        let both = ["a.js", "b/1/l/en", "b/1/w", "b/2/l/en", "b/2/w"];
        assert_eq!(assets_after("again", &["1", "2", "2"])?, both);
        assert_eq!(assets_after("back", &["1", "2", "1"])?, both);
        Ok(())
    }
}
