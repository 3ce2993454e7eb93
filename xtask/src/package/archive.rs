//! A `tar.gz` that is the same, byte for byte, whenever its files are: no time, no owner, and sorted.

use anyhow::Result;
use flate2::{Compression, GzBuilder};
use std::collections::BTreeMap;
use std::io::Write;
use tar::{Builder, EntryType, Header};

/// A file of the archive.
pub struct Entry {
    pub content: Vec<u8>,
    pub mode: Mode,
}

/// Whether a file is executed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    File,
    Program,
}

impl Entry {
    /// A file that is not executed.
    pub fn file(content: Vec<u8>) -> Self {
        Self {
            content,
            mode: Mode::File,
        }
    }
}

/// The archive of these files below one folder.
///
/// # Errors
/// When a path is too long for an archive.
pub fn pack(folder: &str, entries: &BTreeMap<String, Entry>) -> Result<Vec<u8>> {
    // Of gzip's header: no time, and no operating system (255: unknown).
    let gzip = GzBuilder::new().mtime(0).operating_system(255);
    let mut archive = Builder::new(gzip.write(Vec::new(), Compression::best()));
    for (path, entry) in entries {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_size(entry.content.len() as u64);
        header.set_mode(match entry.mode {
            Mode::File => 0o644,
            Mode::Program => 0o755,
        });
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        archive.append_data(&mut header, format!("{folder}/{path}"), &*entry.content)?;
    }
    let mut gzip = archive.into_inner()?;
    gzip.flush()?;
    Ok(gzip.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;
    use flate2::read::GzDecoder;

    fn entries() -> BTreeMap<String, Entry> {
        let program = Entry {
            content: vec![7; 3000],
            mode: Mode::Program,
        };
        let files = [
            ("b/1/w.js".to_owned(), Entry::file(b"w".to_vec())),
            ("a".to_owned(), program),
        ];
        files.into_iter().collect()
    }

    #[test]
    fn archive_of_the_same_files_has_the_same_bytes() -> Result<()> {
        let first = pack("embark-1", &entries())?;
        std::thread::sleep(std::time::Duration::from_millis(1100));
        assert_eq!(first, pack("embark-1", &entries())?);
        Ok(())
    }

    #[test]
    fn archive_has_sorted_files_without_time_and_owner() -> Result<()> {
        let packed = pack("embark-1", &entries())?;
        let mut archive = tar::Archive::new(GzDecoder::new(&*packed));
        let mut found = Vec::new();
        for entry in archive.entries()? {
            let entry = entry?;
            let header = entry.header();
            assert_eq!((header.mtime()?, header.uid()?, header.gid()?), (0, 0, 0));
            let path = entry.path()?.to_str().context("path")?.to_owned();
            found.push((path, header.mode()?));
        }
        let expected = [("embark-1/a", 0o755), ("embark-1/b/1/w.js", 0o644)];
        assert_eq!(found, expected.map(|(path, mode)| (path.to_owned(), mode)));
        Ok(())
    }
}
