//! `cargo build`: for WebAssembly, and of the program that operators run.

use crate::tools::WASM_TARGET;
use crate::{process, repo};
use anyhow::{Context, Result};
use std::path::PathBuf;
use std::process::Command;

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
    let (name, flags) = remap_paths(WASM_TARGET);
    command.env(name, flags);
    command.envs(env.iter().copied()).current_dir(repo::root());
    process::run(&mut command)?;
    Ok(repo::target()
        .join(WASM_TARGET)
        .join("release")
        .join(package.replace('-', "_"))
        .with_extension("wasm"))
}

/// How a program for this machine is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// As it is given to others.
    Release,
    /// Quickly, for tests.
    Dev,
}

/// Builds a program for this machine, without symbols, and returns its path.
///
/// # Errors
/// When it does not compile.
pub fn build_program(package: &str, program: &str, profile: Profile) -> Result<PathBuf> {
    let mut command = process::cargo();
    command.args(["rustc", "--package", package, "--bin", program]);
    let folder = match profile {
        Profile::Release => {
            let target = host_target()?;
            let (name, flags) = remap_paths(&target);
            command.args(["--release", "--target", &target]);
            command.env(name, flags);
            repo::target().join(target).join("release")
        }
        Profile::Dev => repo::target().join("debug"),
    };
    command.args(["--", "-C", "strip=symbols"]);
    process::run(command.current_dir(repo::root()))?;
    Ok(folder.join(program))
}

/// The target of this machine, e.g. `x86_64-unknown-linux-gnu`.
///
/// # Errors
/// When rustc does not say it.
pub fn host_target() -> Result<String> {
    let version = process::output(Command::new("rustc").arg("-vV"))?;
    let mut lines = version.lines();
    let target = lines.find_map(|line| line.strip_prefix("host: "));
    target.map(str::to_owned).context("rustc names no host")
}

/// The variable with rustc's flags for a target, and its value, which removes the folders of this machine from the source
/// locations that panic messages contain. So builds are the same on every machine.
fn remap_paths(target: &str) -> (String, String) {
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
    let target = target.to_uppercase().replace('-', "_");
    (format!("CARGO_TARGET_{target}_RUSTFLAGS"), flags.join(" "))
}
