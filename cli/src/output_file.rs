//! A file that a command writes: private, and under its name only when it is complete.

use anyhow::{Context, Result, bail};
use fs_err as fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::{Builder, NamedTempFile};

/// A file that only its owner can read, where the system knows owners. Until it is persisted it has a random name beside its
/// target, and is removed with the value; what stands under the target's name is kept until then.
#[derive(Debug)]
pub struct OutputFile {
    file: NamedTempFile,
    target: PathBuf,
}

impl OutputFile {
    /// Creates the file beside its target. A file that is there already is never opened.
    ///
    /// # Errors
    /// When the folder cannot be written to, or the target is there and no file.
    pub fn create(target: &Path) -> Result<Self> {
        if fs::metadata(target).is_ok_and(|found| !found.is_file()) {
            bail!("{} is there already, and is no file", target.display());
        }
        let folder = match target.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let file = Builder::new()
            .prefix(".embark-")
            .suffix(".part")
            .tempfile_in(folder)
            .with_context(|| format!("{} cannot be written", target.display()))?;
        Ok(Self {
            file,
            target: target.to_owned(),
        })
    }

    /// Gives the file its name, in place of one that had it.
    ///
    /// # Errors
    /// When it cannot be stored or renamed: then it is removed.
    pub fn persist(self) -> Result<()> {
        let failed = || format!("{} cannot be written", self.target.display());
        self.file.as_file().sync_all().with_context(failed)?;
        let name = self.target.display().to_string();
        self.file
            .persist(&self.target)
            .with_context(|| format!("{name} cannot be written"))?;
        Ok(())
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Result<Vec<String>> {
        let entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
        let names = entries.iter().map(|entry| entry.file_name());
        Ok(names
            .map(|name| name.to_string_lossy().into_owned())
            .collect())
    }

    #[test]
    fn file_has_its_name_only_when_it_is_persisted() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let target = folder.path().join("a.csv");
        fs::write(&target, "before")?;
        let mut file = OutputFile::create(&target)?;
        file.write_all(b"after")?;
        assert_eq!(fs::read_to_string(&target)?, "before");
        file.persist()?;
        assert_eq!(fs::read_to_string(&target)?, "after");
        assert_eq!(names(folder.path())?, ["a.csv"]);
        Ok(())
    }

    #[test]
    fn file_that_is_not_persisted_is_removed() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let mut file = OutputFile::create(&folder.path().join("a.csv"))?;
        file.write_all(b"a")?;
        assert_eq!(names(folder.path())?.len(), 1);
        drop(file);
        assert!(names(folder.path())?.is_empty());
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn file_is_private_whatever_was_prepared_beside_it() -> Result<()> {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir()?;
        let victim = folder.path().join("victim");
        fs::write(&victim, "kept")?;
        let target = folder.path().join("a.csv");
        symlink(&victim, folder.path().join("a.csv.part"))?;
        // The target's name itself is replaced, and not followed.
        symlink(&victim, &target)?;
        let mut file = OutputFile::create(&target)?;
        file.write_all(b"private")?;
        file.persist()?;
        assert_eq!(fs::read_to_string(&victim)?, "kept");
        let found = fs::symlink_metadata(&target)?;
        assert!(found.is_file());
        assert_eq!(found.permissions().mode() & 0o777, 0o600);
        Ok(())
    }

    #[test]
    fn target_in_no_folder_or_that_is_a_folder_is_refused_by_name() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let nowhere = folder.path().join("none/a.csv");
        for target in [folder.path(), &nowhere] {
            let error = OutputFile::create(target).map(|_| ()).unwrap_err();
            let error = format!("{error:#}");
            assert!(error.contains(&target.display().to_string()), "{error}");
        }
        Ok(())
    }
}
