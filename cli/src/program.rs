//! What the programs that have these commands decide for themselves.

use anyhow::Result;

/// A program that has these commands.
pub struct Program {
    /// How it is called, as hints name it: `embark` or `cargo xtask`.
    pub name: &'static str,
    /// The Worker that commands talk to where none is named. An error says how to name one.
    pub default_worker: fn() -> Result<Target>,
}

/// A Worker that can be talked to.
pub struct Target {
    /// The operator origin, e.g. `https://operator.partner.example`.
    pub operator_url: String,
    /// The operator's token.
    pub operator_token: String,
}
