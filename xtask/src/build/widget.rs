//! Builds the widget: an ES module and a wasm file, both minified.

use super::bindgen;
use super::cargo::build_wasm;
use super::short_names::{self, Names};
use super::stamp::{Inputs, Stamp};
use crate::tools::Tools;
use crate::{process, repo};
use anyhow::Result;
use fs_err as fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The two files of the widget.
pub struct Widget {
    /// `entry.js` and wasm-bindgen's glue, bundled.
    pub module: PathBuf,
    pub wasm: PathBuf,
}

/// Compiles the widget, which needs no tools; [`build`] does the rest.
///
/// # Errors
/// When it does not compile.
pub fn compile() -> Result<()> {
    compiled().map(|_| ())
}

/// Builds the widget, unless its inputs are those of the last build.
///
/// # Errors
/// When a step fails.
pub fn build(tools: &Tools) -> Result<Widget> {
    let compiled = compiled()?;
    let entry = repo::path("widget/entry.js");
    let folder = repo::path("build/widget");
    let widget = Widget {
        module: folder.join("widget.js"),
        wasm: folder.join("widget.wasm"),
    };

    let mut inputs = Inputs::default();
    inputs.add_file(&compiled)?;
    inputs.add_file(&entry)?;
    inputs.add_file(&repo::path("package-lock.json"))?;
    inputs.add(
        "wasm-bindgen",
        repo::locked_version("wasm-bindgen")?.as_bytes(),
    );
    inputs.add("flags", format!("{OPT_FLAGS:?}{BUNDLE_FLAGS:?}").as_bytes());
    fs::create_dir_all(&folder)?;
    let stamp = Stamp::new(folder.join("stamp"), inputs);
    if stamp.is_current() && widget.module.is_file() && widget.wasm.is_file() {
        return Ok(widget);
    }

    bindgen::bind_for_page(&compiled, &folder.join("pkg"))?;
    let names = optimize(
        tools,
        &folder.join("pkg/embark_widget_bg.wasm"),
        &widget.wasm,
    )?;
    fs::copy(&entry, folder.join("entry.js"))?;
    bundle(tools, &folder, &names, &widget.module)?;
    stamp.save()?;
    Ok(widget)
}

fn compiled() -> Result<PathBuf> {
    build_wasm("embark-widget", &[], &[])
}

/// Returns the names that the wasm file has now.
fn optimize(tools: &Tools, from: &Path, to: &Path) -> Result<Names> {
    eprintln!("widget: wasm-opt");
    let mut command = tools.node_script("binaryen/bin/wasm-opt");
    command.arg(from).arg("-o").arg(to).args(OPT_FLAGS);
    Names::read(&process::output(&mut command)?)
}

fn bundle(tools: &Tools, folder: &Path, names: &Names, to: &Path) -> Result<()> {
    let mut command = Command::new(&tools.esbuild);
    command
        .arg("entry.js")
        .args(BUNDLE_FLAGS)
        .args(names.esbuild_flags(&folder.join("names.json"))?)
        .arg(format!("--outfile={}", to.display()));
    process::run(command.current_dir(folder))
}

/// The enabled features are those that rustc uses for wasm32-unknown-unknown; all browsers have them since 2022.
/// Functions with one caller stay functions, which makes the compressed file 4 % smaller.
const OPT_FLAGS: &[&str] = &[
    "-Oz",
    "--one-caller-inline-max-function-size=0",
    "--strip-producers",
    "--strip-target-features",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
    // Once more, with what is known of all values by then.
    "--gufa",
    "-Oz",
    short_names::PASS,
];

const BUNDLE_FLAGS: &[&str] = &[
    "--bundle",
    "--minify",
    "--format=esm",
    "--legal-comments=none",
    "--log-level=warning",
];
