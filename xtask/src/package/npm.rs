//! The package for npm: the loader as a module, components for React and Vue, and their types. Its files are those of
//! `widget/` as they are, so that what is installed is what the tag runs, and can be read.

use super::archive::{self, Entry};
use crate::repo;
use anyhow::Result;
use fs_err as fs;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Writes the tarball to a folder, under the name that `npm pack` gives it; returns its path.
///
/// # Errors
/// When a file cannot be read or written.
pub fn write(folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let file = folder.join(format!("{NAME}-{VERSION}.tgz"));
    fs::write(&file, pack()?)?;
    Ok(file)
}

fn pack() -> Result<Vec<u8>> {
    archive::pack(ROOT_FOLDER, &entries()?)
}

/// The files of the package, by path. Those of `widget/` keep their places beside each other.
fn entries() -> Result<BTreeMap<String, Entry>> {
    let mut entries = BTreeMap::new();
    let mut add =
        |path: &str, content: Vec<u8>| entries.insert(path.to_owned(), Entry::file(content));
    for file in ["LICENSE-APACHE", "LICENSE-MIT"] {
        add(file, fs::read(repo::path(file))?);
    }
    let widget = repo::path("widget");
    for file in ["loader.js", "embark.d.ts"] {
        add(file, fs::read(widget.join(file))?);
    }
    for file in repo::files_in(&widget.join("npm"))? {
        let content = fs::read(widget.join("npm").join(&file))?;
        match &*file.to_string_lossy() {
            name @ ("README.md" | "package.json") => {
                let text = String::from_utf8(content)?.replace("{version}", VERSION);
                add(name, text.into_bytes())
            }
            other => add(&format!("npm/{other}"), content),
        };
    }
    Ok(entries)
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The package's name in its `package.json`.
const NAME: &str = "embark-signup";

/// npm expects all files of a tarball below one folder.
const ROOT_FOLDER: &str = "package";

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;
    use serde_json::Value;

    fn package_json(entries: &BTreeMap<String, Entry>) -> Result<Value> {
        let file = entries.get("package.json").context("no package.json")?;
        Ok(serde_json::from_slice(&file.content)?)
    }

    #[test]
    fn npm_package_made_twice_has_the_same_bytes() -> Result<()> {
        assert_eq!(pack()?, pack()?);
        Ok(())
    }

    #[test]
    fn npm_package_has_every_file_that_it_exports() -> Result<()> {
        let entries = entries()?;
        let package = package_json(&entries)?;
        let exports = package["exports"].as_object().context("no exports")?;
        assert_eq!(exports.len(), 4);
        for export in exports.values() {
            let conditions = export.as_object().map(|files| files.values().collect());
            for file in conditions.unwrap_or_else(|| vec![export]) {
                let path = file.as_str().context("no path")?;
                let path = path.strip_prefix("./").context("not relative")?;
                assert!(entries.contains_key(path), "{path}");
            }
        }
        Ok(())
    }

    #[test]
    fn npm_package_has_the_version_and_licence_of_the_workspace_and_no_dependency() -> Result<()> {
        let package = package_json(&entries()?)?;
        assert_eq!(package["name"], NAME);
        assert_eq!(package["version"], VERSION);
        assert_eq!(package["license"], env!("CARGO_PKG_LICENSE"));
        assert_eq!(package["dependencies"], Value::Null);
        Ok(())
    }
}
