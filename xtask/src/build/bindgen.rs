//! wasm-bindgen, which writes the JavaScript side of a wasm file. It is linked into this program: its own program
//! would have to be compiled on every machine, and in the version that the library has.

use anyhow::{Context, Result};
use std::path::Path;
use wasm_bindgen_cli_support::Bindgen;

/// Writes `<crate>.js` and `<crate>_bg.wasm` for a page, which gives the URL of the wasm file to the function that the
/// module exports.
///
/// # Errors
/// When the wasm file was not compiled with this version of wasm-bindgen, or a file cannot be written.
pub fn bind_for_page(compiled: &Path, folder: &Path) -> Result<()> {
    generate(Bindgen::new().web(true)?, compiled, folder)
}

/// Writes `rust.js` and `rust_bg.wasm` for a Worker: the module imports the wasm file and creates an instance of
/// it. `__wbg_reset_state`, which it exports, replaces the instance; and the crate `worker` is told of each trap, though
/// nothing unwinds.
///
/// # Errors
/// As [`bind_for_page`].
pub fn bind_for_worker(compiled: &Path, folder: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen
        .module(true)?
        .reset_state_function(true)
        .force_enable_abort_handler(true)
        // Every import in the wasm file repeats the name.
        .out_name("rust");
    generate(&mut bindgen, compiled, folder)
}

fn generate(bindgen: &mut Bindgen, compiled: &Path, folder: &Path) -> Result<()> {
    bindgen
        .input_path(compiled)
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .generate(folder)
        .with_context(|| format!("wasm-bindgen: {}", compiled.display()))
}
