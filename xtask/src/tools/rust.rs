//! The wasm target, and the two tools that `cargo install` brings. Both are kept per version, so an
//! upgrade in `Cargo.lock` installs beside the old one. Building both takes minutes, once.

use super::{cache, debian};
use crate::{process, quiet, repo};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

pub struct RustTools {
    pub wasm_bindgen: PathBuf,
    pub worker_build: PathBuf,
}

pub fn install() -> Result<RustTools> {
    wasm_target()?;
    Ok(RustTools {
        // The CLI reads what the library wrote: the versions must be the same.
        wasm_bindgen: tool(
            "wasm-bindgen-cli",
            "wasm-bindgen",
            &repo::locked_version("wasm-bindgen")?,
        )?,
        worker_build: tool(
            "worker-build",
            "worker-build",
            &repo::locked_version("worker")?,
        )?,
    })
}

/// Firefox's driver: the one on the machine, else compiled once.
pub fn geckodriver() -> Result<PathBuf> {
    if let Some(present) = debian::program("EMBARK_GECKODRIVER", "geckodriver") {
        return Ok(present);
    }
    tool("geckodriver", "geckodriver", GECKODRIVER)
}

fn wasm_target() -> Result<()> {
    let sysroot = process::output(Command::new("rustc").args(["--print", "sysroot"]))?;
    if Path::new(&sysroot).join("lib/rustlib").join(WASM).is_dir() {
        return Ok(());
    }
    process::run(Command::new("rustup").args(["target", "add", WASM]))
        .context("the wasm target could not be added; if this machine is offline, install it where rustup can download")
}

/// The program of a crate, installed into the cache if it is not there.
fn tool(krate: &str, program: &str, version: &str) -> Result<PathBuf> {
    let cache = cache::folder()?;
    let name = format!("{krate}-{version}");
    let installed = cache.join(&name).join("bin").join(program);
    if installed.is_file() {
        return Ok(installed);
    }
    let _lock = cache::lock(&cache, &name)?;
    if installed.is_file() {
        return Ok(installed);
    }
    eprintln!("{krate} {version}: compiling, once per version; this takes minutes");
    let install = |lock: &[&str], log: &str| {
        let mut command = process::cargo();
        command.args([
            "install",
            krate,
            "--version",
            &format!("={version}"),
            "--root",
        ]);
        command.arg(cache.join(&name)).args(lock);
        command.env_remove("CARGO_TARGET_DIR").current_dir(&cache);
        quiet::run(krate, &cache.join(format!("{name}{log}.log")), &mut command)
    };
    // A registry mirror may lack one of the locked versions: then newer ones have to do.
    install(&["--locked"], "-locked")
        .or_else(|_| {
            eprintln!("{krate}: not with its own lock file (see {name}-locked.log); without it");
            install(&[], "")
        })
        .with_context(|| {
            let root = cache.join(&name);
            let by_hand = format!(
                "cargo install {krate} --version {version} --root {}",
                root.display()
            );
            format!("{krate} {version} could not be installed; by hand: {by_hand}")
        })?;
    Ok(installed)
}

const GECKODRIVER: &str = "0.37.1";
const WASM: &str = "wasm32-unknown-unknown";
