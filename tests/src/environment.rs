//! Paths and ports that `cargo xtask test` hands to the tests as `EMBARK_*` environment variables.

use anyhow::{Context, Result};
use embark_ports::Block;
use std::path::PathBuf;

/// The path in this environment variable.
///
/// # Errors
/// When it is not set, which means that the test was not started by `cargo xtask test`.
pub fn path_from_env(name: &str) -> Result<PathBuf> {
    let value = std::env::var_os(name);
    value
        .map(PathBuf::from)
        .with_context(|| format!("{name} is not set: run `cargo xtask test`"))
}

/// Claims `count` consecutive ports until the block is dropped, so that a server can be killed and started
/// again on its port. They are below the ephemeral range from which a system assigns outgoing connections.
pub fn claim_ports(count: u16) -> Result<Block> {
    embark_ports::claim(&path_from_env("EMBARK_PORTS")?, None, FIRST_PORT, count)
}

const FIRST_PORT: u16 = 20_000;
