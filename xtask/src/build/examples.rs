//! The examples that tests run: bundles those of `www/examples` that import npm packages, and compiles the back end of
//! `examples/rust`.

use crate::tools::Tools;
use crate::{process, repo};
use anyhow::Result;
use std::path::PathBuf;
use std::process::Command;

/// Bundles them and returns their folder, where each is `<name>/app.js`.
///
/// # Errors
/// When esbuild fails.
pub fn bundle(tools: &Tools) -> Result<PathBuf> {
    let folder = repo::path("build/examples");
    for (source, flags) in EXAMPLES {
        let name = source.split('/').next().unwrap_or_default();
        let to = folder.join(name).join("app.js");
        let mut command = Command::new(&tools.esbuild);
        command
            .arg(repo::path("www/examples").join(source))
            .args(["--bundle", "--format=esm", "--log-level=warning"])
            .arg("--define:process.env.NODE_ENV=\"production\"")
            .args(*flags)
            .arg(format!("--outfile={}", to.display()));
        process::run(command.current_dir(repo::root()))?;
    }
    Ok(folder)
}

/// Compiles the back end in Rust and returns the path of its program.
///
/// # Errors
/// When it does not compile.
pub fn rust_backend() -> Result<PathBuf> {
    let mut command = process::cargo();
    command.args(["build", "--package", "embark-example-rust"]);
    process::run(command.current_dir(repo::root()))?;
    Ok(repo::target().join("debug/embark-example-rust"))
}

/// Source and esbuild's flags for it.
const EXAMPLES: &[(&str, &[&str])] = &[
    ("react/app.jsx", &["--jsx=automatic"]),
    (
        "vue/app.js",
        &[
            // Vue's build with the template compiler.
            "--alias:vue=vue/dist/vue.esm-bundler.js",
            "--define:__VUE_OPTIONS_API__=true",
            "--define:__VUE_PROD_DEVTOOLS__=false",
            "--define:__VUE_PROD_HYDRATION_MISMATCH_DETAILS__=false",
        ],
    ),
];
