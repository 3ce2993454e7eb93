//! Builds the Worker: `worker-build`, which runs cargo, wasm-bindgen, wasm-opt and esbuild; `guard.js` is its entry.

use super::assets::Assets;
use super::cargo::{build_wasm, remap_paths};
use super::output::Kind;
use super::stamp::{Inputs, Stamp};
use super::wrangler_config;
use crate::tools::Tools;
use crate::{process, repo};
use anyhow::Result;
use fs_err as fs;
use std::path::Path;
use std::process::Command;

/// Builds one kind of Worker, unless its sources are those of the last build.
///
/// # Errors
/// When a step fails.
pub fn build(tools: &Tools, kind: Kind, assets: &Assets) -> Result<()> {
    // Both kinds have one output file, so cargo would compile again after the other kind was built.
    let sources = sources(kind, assets)?;
    if sources.is_current() && kind.folder().join("index_bg.wasm").is_file() {
        return Ok(());
    }
    compile_and_bundle(tools, kind, assets)?;
    sources.save()
}

/// Compiles, and fills the Worker's folder unless the output of cargo is the same as before.
fn compile_and_bundle(tools: &Tools, kind: Kind, assets: &Assets) -> Result<()> {
    let env = [("EMBARK_BUILD", assets.build.as_str()), JS_SYS];
    let compiled = build_wasm("embark-edge", features(kind), &env)?;
    let folder = kind.folder();
    let guard = repo::path("edge/guard.js");
    let config = serde_json::to_string_pretty(&wrangler_config::for_build_folder()?)?;

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
    fs::copy(&guard, folder.join("guard.js"))?;
    fs::write(folder.join("wrangler.json"), config)?;
    remove_unused(&folder);
    stamp.save()
}

/// All sources of the Worker. `onboarding` holds its rules, `www` and `docs` texts that it serves.
fn sources(kind: Kind, assets: &Assets) -> Result<Stamp> {
    let mut inputs = Inputs::default();
    for folder in ["edge", "onboarding", "protocol", "www", "docs"] {
        for file in repo::files_in(&repo::path(folder))? {
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
    let mut command = process::without_package_variables(Command::new(&tools.worker_build));
    command.args([
        "--release",
        "--out-dir",
        &format!("../build/{}", kind.name()),
    ]);
    if kind == Kind::Local {
        // wasm-opt takes half a minute.
        command.arg("--no-opt");
    }
    for feature in features(kind) {
        // worker-build passes arguments it does not know to cargo.
        command.args(["--features", feature]);
    }
    let (name, flags) = remap_paths();
    command
        .env(name, flags)
        .current_dir(repo::path("edge"))
        .envs(env.iter().copied())
        // worker-build downloads the programs that are not given to it.
        .env("WASM_BINDGEN_BIN", &tools.wasm_bindgen)
        .env("WASM_OPT_BIN", &tools.wasm_opt)
        .env("ESBUILD_BIN", &tools.esbuild);
    let what = format!("worker ({})", kind.name());
    process::run_logged(
        &what,
        &repo::path("build").join(format!("{}.log", kind.name())),
        &mut command,
    )
}

/// Removes what worker-build writes for npm and for older entry points.
fn remove_unused(folder: &Path) {
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

/// worker-build sets this variable for cargo. With another value, our own call of cargo would build everything twice.
const JS_SYS: (&str, &str) = ("WASM_BINDGEN_USE_JS_SYS", "1");
