//! Where `cargo xtask test` put the tools and the builds.

use anyhow::{Context, Result};
use embark_ports::Block;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// A path that the test command hands over.
pub fn from_env(name: &str) -> Result<PathBuf> {
    let value = std::env::var_os(name);
    value
        .map(PathBuf::from)
        .with_context(|| format!("{name} is not set: run `cargo xtask test`"))
}

/// So many neighbouring ports, nobody else's while the block lives: also while the one who listens there is
/// killed and started again. They are below those that a system gives to outgoing connections.
pub fn claim_ports(count: u16) -> Result<Block> {
    embark_ports::claim(&from_env("EMBARK_PORTS")?, None, FIRST_PORT, count)
}

const FIRST_PORT: u16 = 20_000;

/// A folder of this test's own, removed with it.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("embark-test-{}-{n}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    pub fn path(&self) -> &std::path::Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Left-overs of a test in the temporary folder harm nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
