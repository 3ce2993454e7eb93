//! The wasm target of Rust, and programs from crates.io. Each version of a program has its own folder in the cache.

use super::cache;
use crate::{file_lock, process, repo};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Installs the target unless it is installed.
///
/// # Errors
/// When rustup cannot install it.
pub fn install_wasm_target() -> Result<()> {
    let sysroot = process::output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let installed = Path::new(&sysroot).join("lib/rustlib").join(WASM_TARGET);
    if installed.is_dir() {
        return Ok(());
    }
    process::run(Command::new("rustup").args(["target", "add", WASM_TARGET]))
        .context("the wasm target could not be added; if this machine is offline, install it where rustup can download")
}

/// The program that runs tests in wasm, of the version that the wasm files are made for. It needs Node.js on the PATH,
/// as npm does.
///
/// # Errors
/// When it does not compile, or there is no wasm target.
pub fn wasm_test_runner() -> Result<PathBuf> {
    install_wasm_target()?;
    let version = repo::locked_version("wasm-bindgen")?;
    install_tool("wasm-bindgen-cli", "wasm-bindgen-test-runner", &version)
}

/// The path of a crate's program, which is compiled if it is not in the cache: without optimizations, as compiling it
/// is what takes time.
///
/// # Errors
/// When it does not compile.
pub fn install_tool(crate_name: &str, program: &str, version: &str) -> Result<PathBuf> {
    let cache = cache::folder()?;
    let name = format!("{crate_name}-{version}");
    let installed = cache.join(&name).join("bin").join(program);
    if installed.is_file() {
        return Ok(installed);
    }
    let _lock = file_lock::acquire(&cache, &name)?;
    if installed.is_file() {
        return Ok(installed);
    }
    eprintln!("{crate_name} {version}: compiling, once per version; this takes minutes");
    let install = |lock: &[&str], log: &str| {
        let mut command = process::cargo();
        command.args([
            "install",
            crate_name,
            "--version",
            &format!("={version}"),
            "--debug",
            "--root",
        ]);
        command.arg(cache.join(&name)).args(lock);
        command
            .env_remove("CARGO_TARGET_DIR")
            .env("CARGO_PROFILE_DEV_DEBUG", "false")
            .current_dir(&cache);
        let log = cache.join(format!("{name}{log}.log"));
        process::run_logged(crate_name, &log, &mut command)
    };
    // A registry mirror may lack one of the locked versions; newer ones may work.
    install(&["--locked"], "-locked")
        .or_else(|_| {
            eprintln!(
                "{crate_name}: does not install with its own lock file (see {name}-locked.log); trying without it"
            );
            install(&[], "")
        })
        .with_context(|| {
            let root = cache.join(&name);
            let by_hand = format!(
                "cargo install {crate_name} --version {version} --root {}",
                root.display()
            );
            format!("{crate_name} {version} could not be installed; by hand: {by_hand}")
        })?;
    Ok(installed)
}

/// The target of Worker and widget.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";
