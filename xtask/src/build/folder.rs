//! What lies in `dist/assets`: a build's files and no others, but for the hashed ones of the build before. A
//! page that was opened before a deploy still asks for those. `dist/builds` names both, this one first.

use crate::repo;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Puts a build into the folder, and leaves there what the one before it had under its own hash.
pub fn lay_out(
    folder: &Path,
    mut builds: Builds,
    hash: &str,
    mut files: BTreeMap<String, Vec<u8>>,
) -> Result<()> {
    builds.begin(hash);
    files.extend(builds.carried(folder)?);
    write_exactly(folder, &files)?;
    builds.keep()
}

/// Makes the folder hold these files and no others; says whether anything had to be changed.
fn write_exactly(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<bool> {
    let mut changed = false;
    for stale in repo::files_below(folder)? {
        if !files.contains_key(&*stale.to_string_lossy()) {
            fs::remove_file(folder.join(&stale))?;
            changed = true;
            if let Some(parent) = folder.join(&stale).parent() {
                // Only goes if it is empty now.
                let _ = fs::remove_dir(parent);
            }
        }
    }
    for (name, content) in files {
        let path = folder.join(name);
        if fs::read(&path).is_ok_and(|have| have == *content) {
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, content).with_context(|| path.display().to_string())?;
        changed = true;
    }
    Ok(changed)
}

/// What a build leaves to the next one.
pub struct Builds {
    list: PathBuf,
    hashes: Vec<String>,
}

impl Builds {
    pub fn read(list: PathBuf) -> Self {
        // Without a list there is nothing to carry along: a page then loads itself once more.
        let text = fs::read_to_string(&list).unwrap_or_default();
        let hashes = text.lines().map(str::to_owned).collect();
        Self { list, hashes }
    }

    /// The build that was made last.
    pub fn current(&self) -> Result<&str> {
        let hash = self.hashes.first().map(String::as_str);
        hash.with_context(|| format!("{} names no build", self.list.display()))
    }

    /// Makes `hash` the current build. The same one again pushes nobody out.
    pub fn begin(&mut self, hash: &str) {
        self.hashes.retain(|earlier| earlier != hash);
        self.hashes.insert(0, hash.to_owned());
        self.hashes.truncate(1 + CARRIED);
    }

    /// The files of the earlier ones, by their path below the folder of the static files.
    pub fn carried(&self, assets: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
        let mut files = BTreeMap::new();
        for hash in self.hashes.iter().skip(1) {
            let folder = assets.join("b").join(hash);
            for file in repo::files_below(&folder)? {
                let content = fs::read(folder.join(&file))?;
                files.insert(format!("b/{hash}/{}", file.display()), content);
            }
        }
        Ok(files)
    }

    pub fn keep(&self) -> Result<()> {
        let text = self.hashes.join("\n") + "\n";
        fs::write(&self.list, text).with_context(|| self.list.display().to_string())
    }
}

const CARRIED: usize = 1;

#[cfg(test)]
mod tests {
    use super::*;

    fn files(names: &[&str]) -> BTreeMap<String, Vec<u8>> {
        let file = |name: &&str| ((*name).to_owned(), name.as_bytes().to_vec());
        names.iter().map(file).collect()
    }

    /// What lies in a folder that this made, which is gone afterwards.
    fn left(name: &str, make: impl Fn(&Path) -> Result<()>) -> Result<Vec<String>> {
        let name = format!("embark-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder)?;
        let made = make(&folder);
        let left = repo::files_below(&folder)?;
        fs::remove_dir_all(&folder)?;
        made?;
        Ok(left.iter().map(|path| path.display().to_string()).collect())
    }

    #[test]
    fn the_folder_ends_up_with_exactly_the_files() -> Result<()> {
        let left = left("assets", |folder| {
            assert!(write_exactly(folder, &files(&["a.js", "b/1/w.js"]))?);
            assert!(!write_exactly(folder, &files(&["a.js", "b/1/w.js"]))?);
            assert!(write_exactly(folder, &files(&["a.js", "b/2/w.js"]))?);
            Ok(())
        })?;
        assert_eq!(left, ["a.js", "b/2/w.js"]);
        Ok(())
    }

    /// What the folder holds after these builds, one after the other.
    fn after(name: &str, hashes: &[&str]) -> Result<Vec<String>> {
        let names = left(name, |folder| {
            for hash in hashes {
                let builds = Builds::read(folder.join("builds"));
                let made = files(&["a.js", &format!("b/{hash}/l/en"), &format!("b/{hash}/w")]);
                lay_out(&folder.join("assets"), builds, hash, made)?;
                let builds = Builds::read(folder.join("builds"));
                assert_eq!(builds.current()?, *hash);
            }
            Ok(())
        })?;
        let below = |name: &String| name.strip_prefix("assets/").map(str::to_owned);
        Ok(names.iter().filter_map(below).collect())
    }

    #[test]
    fn the_files_of_the_build_before_are_still_there() -> Result<()> {
        let with = |hashed: &[[&'static str; 2]]| [vec!["a.js"], hashed.concat()].concat();
        let (one, two) = (["b/1/l/en", "b/1/w"], ["b/2/l/en", "b/2/w"]);

        assert_eq!(after("one", &["1"])?, with(&[one]));
        assert_eq!(after("two", &["1", "2"])?, with(&[one, two]));
        // Once more from the same sources is no other build, and going back is one.
        assert_eq!(after("again", &["1", "2", "2"])?, with(&[one, two]));
        assert_eq!(after("back", &["1", "2", "1"])?, with(&[one, two]));
        let three = ["b/3/l/en", "b/3/w"];
        assert_eq!(after("three", &["1", "2", "3"])?, with(&[two, three]));
        Ok(())
    }
}
