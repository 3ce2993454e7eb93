//! Clippy, natively and for wasm. Code that runs inside a request or in somebody's page must not panic: those crates
//! have stricter lints, except in their tests.

use crate::tools::WASM_TARGET;
use crate::{process, repo};
use anyhow::Result;

/// # Errors
/// When clippy warns of anything.
pub fn check() -> Result<()> {
    clippy(&["--workspace", "--all-targets"], &[])?;
    // A target that `cargo test` leaves out, so that clippy does too.
    clippy(&["-p", "embark-onboarding", "--test", "sim"], &[])?;
    for args in WITHOUT_PANICS {
        let library: &[&str] = &["--lib", "--target", WASM_TARGET];
        clippy(&[args, library].concat(), PANIC_LINTS)?;
    }
    Ok(())
}

fn clippy(args: &[&str], denied: &[&str]) -> Result<()> {
    let mut command = process::cargo();
    command
        .args(["clippy", "--quiet"])
        .args(args)
        .args(["--", "-D", "warnings"]);
    for lint in denied {
        command.args(["-D", lint]);
    }
    if args.contains(&WASM_TARGET) {
        // Its clippy.toml forbids the clocks that wasm does not have.
        command.env("CLIPPY_CONF_DIR", repo::path("xtask/wasm"));
    }
    process::run(command.current_dir(repo::root()))
}

/// Crates (and features) that run as wasm.
const WITHOUT_PANICS: &[&[&str]] = &[
    &["-p", "embark-protocol"],
    &["-p", "embark-view"],
    &["-p", "embark-onboarding"],
    &["-p", "embark-widget"],
    &["-p", "embark-edge"],
    &["-p", "embark-edge", "--features", "local"],
];

const PANIC_LINTS: &[&str] = &[
    "clippy::unwrap_used",
    "clippy::expect_used",
    "clippy::panic",
    "clippy::indexing_slicing",
    "clippy::disallowed_methods",
];
