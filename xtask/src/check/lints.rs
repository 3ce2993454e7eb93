//! Clippy, natively and for wasm. What runs inside somebody's request or page must not panic: those
//! crates are held to stricter lints, outside their tests.

use crate::{process, repo};
use anyhow::Result;

pub fn check() -> Result<()> {
    clippy(&["--workspace", "--all-targets"], &[])?;
    clippy(
        &["-p", "embark-protocol", "--lib", "--target", WASM],
        NO_PANIC,
    )?;
    clippy(
        &["-p", "embark-widget", "--lib", "--target", WASM],
        NO_PANIC,
    )?;
    clippy(&["-p", "embark-edge", "--lib", "--target", WASM], NO_PANIC)?;
    clippy(
        &[
            "-p",
            "embark-edge",
            "--lib",
            "--target",
            WASM,
            "--features",
            "local",
        ],
        NO_PANIC,
    )
}

fn clippy(what: &[&str], denied: &[&str]) -> Result<()> {
    let mut command = process::cargo();
    command
        .args(["clippy", "--quiet"])
        .args(what)
        .args(["--", "-D", "warnings"]);
    for lint in denied {
        command.args(["-D", lint]);
    }
    if what.contains(&WASM) {
        // Its clippy.toml bans the clocks that wasm lacks.
        command.env("CLIPPY_CONF_DIR", repo::path("xtask/wasm"));
    }
    process::run(command.current_dir(repo::root()))
}

const WASM: &str = "wasm32-unknown-unknown";

const NO_PANIC: &[&str] = &[
    "clippy::unwrap_used",
    "clippy::expect_used",
    "clippy::panic",
    "clippy::indexing_slicing",
    "clippy::disallowed_methods",
];
