//! `cargo build` for WebAssembly.

use crate::tools::WASM_TARGET;
use crate::{process, repo};
use anyhow::Result;
use std::path::PathBuf;

/// Builds the library of a package and returns the path of its wasm file.
///
/// # Errors
/// When it does not compile.
pub fn build_wasm(package: &str, features: &[&str], env: &[(&str, &str)]) -> Result<PathBuf> {
    let mut command = process::cargo();
    command.args([
        "build",
        "--package",
        package,
        "--lib",
        "--release",
        "--target",
        WASM_TARGET,
    ]);
    for feature in features {
        command.args(["--features", feature]);
    }
    let (name, flags) = remap_paths();
    command.env(name, flags);
    command.envs(env.iter().copied()).current_dir(repo::root());
    process::run(&mut command)?;
    Ok(repo::target()
        .join(WASM_TARGET)
        .join("release")
        .join(package.replace('-', "_"))
        .with_extension("wasm"))
}

/// The variable with rustc's flags for wasm, and its value, which removes the folders of this machine from the source
/// locations that panic messages contain. So builds are the same on every machine.
fn remap_paths() -> (&'static str, String) {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(std::env::home_dir()?.join(".cargo")))
        .unwrap_or_default();
    let registries = std::fs::read_dir(home.join("registry/src"));
    let mut paths: Vec<(PathBuf, &str)> = registries
        .into_iter()
        .flatten()
        .flatten()
        .map(|registry| (registry.path(), "crates"))
        .collect();
    paths.push((repo::root().to_owned(), "embark"));
    // Cargo splits the variable at spaces.
    paths.retain(|(path, _)| !path.to_string_lossy().contains(' '));
    paths.sort();
    let flag =
        |(path, name): &(PathBuf, &str)| format!("--remap-path-prefix={}={name}", path.display());
    let flags: Vec<String> = paths.iter().map(flag).collect();
    (
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
        flags.join(" "),
    )
}
