//! The widget: Rust to wasm, its glue, both made small. The result is an ES module and a wasm file.

use super::cargo_wasm;
use super::names;
use super::stamp::{Inputs, Stamp};
use crate::tools::Tools;
use crate::{process, repo};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The two files of the widget.
pub struct Widget {
    pub module: PathBuf,
    pub wasm: PathBuf,
}

pub fn build(tools: &Tools) -> Result<Widget> {
    let compiled = cargo_wasm("embark-widget", &[], &[])?;
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
    inputs.add("flags", format!("{BINDGEN:?}{OPT:?}{BUNDLE:?}").as_bytes());
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
    fs::copy(&entry, folder.join("entry.js")).context("widget/entry.js")?;
    bundle(tools, &folder, &widget.module)?;
    stamp.keep()?;
    Ok(widget)
}

fn bind(tools: &Tools, compiled: &Path, folder: &Path) -> Result<()> {
    let mut command = Command::new(&tools.wasm_bindgen);
    command
        .arg(compiled)
        .args(BINDGEN)
        .arg("--out-dir")
        .arg(folder.join("pkg"));
    process::output(&mut command)?;
    let (wasm, glue) = (
        folder.join("pkg/embark_widget_bg.wasm"),
        folder.join("pkg/embark_widget.js"),
    );
    let (short, known) = names::shorten(&fs::read(&wasm)?, &fs::read_to_string(&glue)?)?;
    fs::write(&wasm, short)?;
    Ok(fs::write(&glue, known)?)
}

fn optimize(tools: &Tools, from: &Path, to: &Path) -> Result<()> {
    eprintln!("widget: wasm-opt");
    process::run(
        Command::new(&tools.wasm_opt)
            .arg(from)
            .arg("-o")
            .arg(to)
            .args(OPT),
    )
}

fn bundle(tools: &Tools, folder: &Path, to: &Path) -> Result<()> {
    let mut command = Command::new(&tools.esbuild);
    command
        .arg("entry.js")
        .args(BUNDLE)
        .arg(format!("--outfile={}", to.display()));
    process::run(command.current_dir(folder))
}

/// The wasm is found by `entry.js` under its own name, not by the glue's default.
const BINDGEN: &[&str] = &[
    "--target",
    "web",
    "--no-typescript",
    "--omit-default-module-path",
];

/// The features are what rustc's wasm32-unknown-unknown emits; browsers have had them since 2022.
/// Flattened first, twice over: a hundredth smaller than `-Oz` alone.
const OPT: &[&str] = &[
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

const BUNDLE: &[&str] = &[
    "--bundle",
    "--minify",
    "--format=esm",
    "--legal-comments=none",
    "--log-level=warning",
];
