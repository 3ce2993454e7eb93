//! Files that hold secrets.

use anyhow::Result;
use fs_err as fs;
use fs_err::os::unix::fs::OpenOptionsExt;
use std::io::Write;
use std::path::Path;

/// Writes a file that only its owner can read (mode 0600), and creates its folder.
///
/// # Errors
/// When the file cannot be written.
pub fn write(path: &Path, content: &[u8]) -> Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    Ok(file.write_all(content)?)
}
