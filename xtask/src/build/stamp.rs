//! Whether something was already made from exactly these inputs.

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// A file that remembers the digest of the inputs something was made from.
pub struct Stamp {
    path: PathBuf,
    digest: String,
}

impl Stamp {
    /// `path` must be outside what is deployed.
    pub fn new(path: PathBuf, inputs: Inputs) -> Self {
        Self {
            path,
            digest: inputs.hex(),
        }
    }

    pub fn is_current(&self) -> bool {
        fs::read_to_string(&self.path).is_ok_and(|kept| kept == self.digest)
    }

    /// To be called when the thing is made.
    pub fn keep(&self) -> Result<()> {
        fs::write(&self.path, &self.digest).with_context(|| self.path.display().to_string())
    }
}

/// A digest over named contents.
#[derive(Default)]
pub struct Inputs(Sha256);

impl Inputs {
    /// Lengths go in as well, so that no two lists of contents look the same.
    pub fn add(&mut self, name: &str, content: &[u8]) {
        for part in [name.as_bytes(), content] {
            self.0.update((part.len() as u64).to_be_bytes());
            self.0.update(part);
        }
    }

    pub fn add_file(&mut self, path: &Path) -> Result<()> {
        let content = fs::read(path).with_context(|| path.display().to_string())?;
        self.add(&path.to_string_lossy(), &content);
        Ok(())
    }

    pub fn hex(self) -> String {
        self.0
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(parts: &[(&str, &str)]) -> String {
        let mut inputs = Inputs::default();
        parts
            .iter()
            .for_each(|(name, content)| inputs.add(name, content.as_bytes()));
        inputs.hex()
    }

    #[test]
    fn moving_a_byte_between_name_and_content_changes_the_digest() {
        assert_eq!(of(&[("a", "b")]), of(&[("a", "b")]));
        assert_ne!(of(&[("ab", "")]), of(&[("a", "b")]));
        assert_ne!(of(&[("a", "b"), ("c", "")]), of(&[("a", ""), ("b", "c")]));
    }
}
