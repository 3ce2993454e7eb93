//! Builds the widget: an ES module and a wasm file, both minified.

use super::bindgen;
use super::cargo::build_wasm;
use super::names;
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
    inputs.add("names", include_bytes!("names.rs"));
    inputs.add("flags", format!("{OPT_FLAGS:?}{BUNDLE_FLAGS:?}").as_bytes());
    fs::create_dir_all(&folder)?;
    let stamp = Stamp::new(folder.join("stamp"), inputs);
    if stamp.is_current() && widget.module.is_file() && widget.wasm.is_file() {
        return Ok(widget);
    }

    bind(&compiled, &folder)?;
    optimize(
        tools,
        &folder.join("pkg/embark_widget_bg.wasm"),
        &widget.wasm,
    )?;
    fs::copy(&entry, folder.join("entry.js"))?;
    bundle(tools, &folder, &widget.module)?;
    stamp.save()?;
    Ok(widget)
}

fn compiled() -> Result<PathBuf> {
    build_wasm("embark-widget", &[], &[])
}

/// Runs wasm-bindgen, then shortens the names of the imports.
fn bind(compiled: &Path, folder: &Path) -> Result<()> {
    bindgen::bind_for_page(compiled, &folder.join("pkg"))?;
    let (wasm, glue) = (
        folder.join("pkg/embark_widget_bg.wasm"),
        folder.join("pkg/embark_widget.js"),
    );
    let (short_wasm, short_glue) = names::shorten(&fs::read(&wasm)?, &fs::read_to_string(&glue)?)?;
    fs::write(&wasm, short_wasm)?;
    Ok(fs::write(&glue, short_glue)?)
}

fn optimize(tools: &Tools, from: &Path, to: &Path) -> Result<()> {
    eprintln!("widget: wasm-opt");
    process::run(
        tools
            .node_script("binaryen/bin/wasm-opt")
            .arg(from)
            .arg("-o")
            .arg(to)
            .args(OPT_FLAGS),
    )
}

fn bundle(tools: &Tools, folder: &Path, to: &Path) -> Result<()> {
    let mut command = Command::new(&tools.esbuild);
    command
        .arg("entry.js")
        .args(BUNDLE_FLAGS)
        .arg(format!("--outfile={}", to.display()));
    process::run(command.current_dir(folder))
}

/// The enabled features are those that rustc uses for wasm32-unknown-unknown; all browsers have them since 2022.
/// Flattening, and optimizing twice, makes the file 1 % smaller than one `-Oz`.
const OPT_FLAGS: &[&str] = &[
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    "--strip-producers",
    "--strip-target-features",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

const BUNDLE_FLAGS: &[&str] = &[
    "--bundle",
    "--minify",
    "--format=esm",
    "--legal-comments=none",
    "--log-level=warning",
];
