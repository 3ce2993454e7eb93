//! Builds the Worker: cargo, wasm-bindgen, wasm-opt for what is deployed, and esbuild, which bundles `instance.js` with
//! wasm-bindgen's module. `guard.js` is the entry.
//!
//! This is what `worker-build` does. Compiling that program takes minutes, and its own shim replaces instances by proxies
//! around every object; `instance.js` does it for the classes that this Worker has.

use super::assets::Assets;
use super::bindgen;
use super::cargo::build_wasm;
use super::output::Kind;
use super::stamp::{Inputs, Stamp};
use super::wrangler_config;
use crate::tools::Tools;
use crate::{process, repo};
use anyhow::{Result, ensure};
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
    let config = serde_json::to_string_pretty(&wrangler_config::for_build_folder()?)?;

    let mut inputs = Inputs::default();
    inputs.add_file(&compiled)?;
    inputs.add_file(&repo::path(GUARD))?;
    inputs.add_file(&repo::path(INSTANCE))?;
    inputs.add_file(&repo::path("package-lock.json"))?;
    inputs.add("config", config.as_bytes());
    inputs.add(
        "wasm-bindgen",
        repo::locked_version("wasm-bindgen")?.as_bytes(),
    );
    inputs.add("flags", format!("{OPT_FLAGS:?}{BUNDLE_FLAGS:?}").as_bytes());
    let stamp = Stamp::new(
        repo::path("build").join(format!("{}.stamp", kind.name())),
        inputs,
    );
    if stamp.is_current() && folder.join("index_bg.wasm").is_file() {
        return Ok(());
    }

    let parts = repo::path("build/worker").join(kind.name());
    bindgen::bind_for_worker(&compiled, &parts)?;
    fs::create_dir_all(&folder)?;
    let (wasm, to) = (parts.join("rust_bg.wasm"), folder.join("index_bg.wasm"));
    match kind {
        Kind::Release => optimize(tools, &wasm, &to)?,
        // The optimization takes half a minute.
        Kind::Local => _ = fs::copy(&wasm, &to)?,
    }
    bundle(tools, &parts, &folder.join("index.js"))?;
    fs::copy(repo::path(GUARD), folder.join("guard.js"))?;
    fs::write(folder.join("wrangler.json"), config)?;
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

fn optimize(tools: &Tools, from: &Path, to: &Path) -> Result<()> {
    let mut command = tools.node_script("binaryen/bin/wasm-opt");
    command.arg(from).arg("-o").arg(to).args(OPT_FLAGS);
    let log = repo::path("build/wasm-opt.log");
    process::run_logged("worker: wasm-opt", &log, &mut command)
}

/// Bundles `instance.js` with wasm-bindgen's module, which is in `folder`.
fn bundle(tools: &Tools, folder: &Path, to: &Path) -> Result<()> {
    let module = folder.join("rust.js");
    fs::write(&module, import_wasm(&fs::read_to_string(&module)?)?)?;
    fs::copy(repo::path(INSTANCE), folder.join("instance.js"))?;
    let mut command = Command::new(&tools.esbuild);
    command
        .arg("instance.js")
        .args(BUNDLE_FLAGS)
        .arg(format!("--outfile={}", to.display()));
    process::run(command.current_dir(folder))
}

/// wasm-bindgen's module with the import of the wasm file as Workers have it: the default export of the file is the
/// compiled module (<https://developers.cloudflare.com/workers/runtime-apis/webassembly/javascript/>). wasm-bindgen
/// writes an import of the source phase (<https://github.com/tc39/proposal-source-phase-imports>).
fn import_wasm(module: &str) -> Result<String> {
    const OLD: &str = "import source wasmModule from \"./rust_bg.wasm\"";
    const NEW: &str = "import wasmModule from \"./index_bg.wasm\"";
    let times = module.matches(OLD).count();
    ensure!(
        times == 1,
        "wasm-bindgen's module imports the wasm file {times} times"
    );
    Ok(module.replace(OLD, NEW))
}

fn features(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Release => &[],
        Kind::Local => &["local"],
    }
}

/// Makes wasm-bindgen's macros use the futures of js-sys, as `worker-build` does.
const JS_SYS: (&str, &str) = ("WASM_BINDGEN_USE_JS_SYS", "1");

const GUARD: &str = "edge/guard.js";
const INSTANCE: &str = "edge/instance.js";

/// Without inlining: it saves a little of the raw size, and costs a tenth of what is uploaded (gzip). The enabled
/// features are those that rustc uses for wasm32-unknown-unknown, and exceptions, which wasm-bindgen uses.
const OPT_FLAGS: &[&str] = &[
    "-Oz",
    "-aimfs",
    "2",
    "-fimfs",
    "0",
    "-ocimfs",
    "0",
    "--enable-mutable-globals",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-reference-types",
    "--enable-exception-handling",
];

const BUNDLE_FLAGS: &[&str] = &[
    "--bundle",
    "--minify",
    "--format=esm",
    "--external:./index_bg.wasm",
    "--external:cloudflare:*",
    "--log-level=warning",
];
