//! The Worker: `worker-build` around cargo, wasm-bindgen, wasm-opt and esbuild, then `guard.js` as entry.

use super::assets::Assets;
use super::stamp::{Inputs, Stamp};
use super::{Kind, cargo_wasm};
use crate::tools::Tools;
use crate::{config, process, quiet, repo};
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use std::process::Command;

pub fn build(tools: &Tools, kind: Kind, assets: &Assets) -> Result<()> {
    // Both kinds are one file to cargo, so it compiles anew for the other kind. Not asking it is faster.
    let sources = sources(kind, assets)?;
    if sources.is_current() && kind.folder().join("index_bg.wasm").is_file() {
        return Ok(());
    }
    bundle(tools, kind, assets)?;
    sources.keep()
}

/// From cargo's output to the Worker's folder; nothing to do when the output is the same as before.
fn bundle(tools: &Tools, kind: Kind, assets: &Assets) -> Result<()> {
    let env = [("EMBARK_BUILD", assets.build.as_str()), JS_SYS];
    let compiled = cargo_wasm("embark-edge", features(kind), &env)?;
    let folder = kind.folder();
    let guard = repo::path("edge/guard.js");
    let config = serde_json::to_string_pretty(&config::beside_build()?)?;

    let mut inputs = Inputs::default();
    inputs.add_file(&compiled)?;
    inputs.add_file(&guard)?;
    inputs.add_file(&repo::path("package-lock.json"))?;
    inputs.add("config", config.as_bytes());
    inputs.add(
        "worker-build",
        tools.worker_build.to_string_lossy().as_bytes(),
    );
    inputs.add(
        "wasm-bindgen",
        tools.wasm_bindgen.to_string_lossy().as_bytes(),
    );
    let stamp = Stamp::new(
        repo::path("build").join(format!("{}.stamp", kind.name())),
        inputs,
    );
    if stamp.is_current() && folder.join("index_bg.wasm").is_file() {
        return Ok(());
    }

    worker_build(tools, kind, &env)?;
    fs::copy(&guard, folder.join("guard.js")).context("edge/guard.js")?;
    fs::write(folder.join("wrangler.json"), config)?;
    remove_leftovers(&folder);
    stamp.keep()
}

/// Everything the Worker is made from.
fn sources(kind: Kind, assets: &Assets) -> Result<Stamp> {
    let mut inputs = Inputs::default();
    for folder in ["edge", "protocol", "www", "docs"] {
        for file in repo::files_below(&repo::path(folder))? {
            inputs.add_file(&repo::path(folder).join(file))?;
        }
    }
    for file in [
        "Cargo.toml",
        "Cargo.lock",
        "package-lock.json",
        "wrangler.toml",
    ] {
        inputs.add_file(&repo::path(file))?;
    }
    let rustc = process::output(Command::new("rustc").arg("--version"))?;
    let flags = std::env::var("RUSTFLAGS").unwrap_or_default();
    inputs.add("compiler", format!("{rustc} {flags}").as_bytes());
    inputs.add("build", assets.build.as_bytes());
    Ok(Stamp::new(
        repo::path("build").join(format!("{}.sources", kind.name())),
        inputs,
    ))
}

fn worker_build(tools: &Tools, kind: Kind, env: &[(&str, &str)]) -> Result<()> {
    let mut command = process::without_package(Command::new(&tools.worker_build));
    command.args([
        "--release",
        "--out-dir",
        &format!("../build/{}", kind.name()),
    ]);
    if kind == Kind::Local {
        // Half a minute of optimizing is for what is deployed.
        command.arg("--no-opt");
    }
    for feature in features(kind) {
        // What worker-build does not know it hands to cargo.
        command.args(["--features", feature]);
    }
    let (name, flags) = super::nameless_paths();
    command
        .env(name, flags)
        .current_dir(repo::path("edge"))
        .envs(env.iter().copied())
        // Without these three it would download programs.
        .env("WASM_BINDGEN_BIN", &tools.wasm_bindgen)
        .env("WASM_OPT_BIN", &tools.wasm_opt)
        .env("ESBUILD_BIN", &tools.esbuild);
    let what = format!("worker ({})", kind.name());
    quiet::run(
        &what,
        &repo::path("build").join(format!("{}.log", kind.name())),
        &mut command,
    )
}

/// A package.json and an alias for old entry points: nobody reads them here.
fn remove_leftovers(folder: &Path) {
    for file in ["package.json", ".gitignore", "worker/shim.mjs"] {
        let _ = fs::remove_file(folder.join(file));
    }
    let _ = fs::remove_dir(folder.join("worker"));
}

fn features(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Release => &[],
        Kind::Local => &["local"],
    }
}

/// worker-build sets it for cargo; without it the first build and worker-build's would not be the same.
const JS_SYS: (&str, &str) = ("WASM_BINDGEN_USE_JS_SYS", "1");
