//! Decides whether a build step can be left out, by a digest of its inputs.

use anyhow::Result;
use base16ct::lower;
use fs_err as fs;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// A file with the digest of the inputs from which something was built last.
pub struct Stamp {
    path: PathBuf,
    digest: String,
}

impl Stamp {
    /// `path` must not be in a folder that is deployed.
    pub fn new(path: PathBuf, inputs: Inputs) -> Self {
        Self {
            path,
            digest: inputs.hex(),
        }
    }

    /// Whether the last build had the same inputs.
    pub fn is_current(&self) -> bool {
        fs::read_to_string(&self.path).is_ok_and(|saved| saved == self.digest)
    }

    /// Records the inputs, after a successful build.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self) -> Result<()> {
        Ok(fs::write(&self.path, &self.digest)?)
    }
}

/// SHA-256 over named contents.
#[derive(Default)]
pub struct Inputs(Sha256);

impl Inputs {
    /// Adds a content. Lengths are hashed as well, so that different lists have different digests.
    pub fn add(&mut self, name: &str, content: &[u8]) {
        for part in [name.as_bytes(), content] {
            self.0.update((part.len() as u64).to_be_bytes());
            self.0.update(part);
        }
    }

    /// Adds a file by its path and content.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn add_file(&mut self, path: &Path) -> Result<()> {
        self.add(&path.to_string_lossy(), &fs::read(path)?);
        Ok(())
    }

    /// The digest in lower-case hexadecimal.
    pub fn hex(self) -> String {
        lower::encode_string(&self.0.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(parts: &[(&str, &str)]) -> String {
        let mut inputs = Inputs::default();
        parts
            .iter()
            .for_each(|(name, content)| inputs.add(name, content.as_bytes()));
        inputs.hex()
    }

    #[test]
    fn digest_changes_when_a_byte_moves_between_name_and_content() {
        assert_eq!(digest(&[("a", "b")]), digest(&[("a", "b")]));
        assert_ne!(digest(&[("ab", "")]), digest(&[("a", "b")]));
        assert_ne!(
            digest(&[("a", "b"), ("c", "")]),
            digest(&[("a", ""), ("b", "c")])
        );
    }
}
