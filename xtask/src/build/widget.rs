//! Builds the widget: an ES module and a wasm file, both minified.

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

/// Builds the widget, unless its inputs are those of the last build.
///
/// # Errors
/// When a step fails.
pub fn build(tools: &Tools) -> Result<Widget> {
    let compiled = build_wasm("embark-widget", &[], &[])?;
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
        tools.wasm_bindgen.to_string_lossy().as_bytes(),
    );
    inputs.add("names", include_bytes!("names.rs"));
    inputs.add(
        "flags",
        format!("{BINDGEN_FLAGS:?}{OPT_FLAGS:?}{BUNDLE_FLAGS:?}").as_bytes(),
    );
    fs::create_dir_all(&folder)?;
    let stamp = Stamp::new(folder.join("stamp"), inputs);
    if stamp.is_current() && widget.module.is_file() && widget.wasm.is_file() {
        return Ok(widget);
    }

    bind(tools, &compiled, &folder)?;
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

/// Runs wasm-bindgen, then shortens the names of the imports.
fn bind(tools: &Tools, compiled: &Path, folder: &Path) -> Result<()> {
    let mut command = Command::new(&tools.wasm_bindgen);
    command
        .arg(compiled)
        .args(BINDGEN_FLAGS)
        .arg("--out-dir")
        .arg(folder.join("pkg"));
    process::output(&mut command)?;
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
        Command::new(&tools.wasm_opt)
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

/// `entry.js` gives the URL of the wasm file, so the glue needs no default for it.
const BINDGEN_FLAGS: &[&str] = &[
    "--target",
    "web",
    "--no-typescript",
    "--omit-default-module-path",
];

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
