//! The examples that a bundler has to put together, for the browser tests: they run what stands in
//! `www/examples`, as a developer would build it.

use crate::tools::Tools;
use crate::{process, repo};
use anyhow::Result;
use std::path::PathBuf;
use std::process::Command;

/// Bundles them; gives the folder, in which each is `<name>/app.js`.
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

const EXAMPLES: &[(&str, &[&str])] = &[
    ("react/app.jsx", &["--jsx=automatic"]),
    (
        "vue/app.js",
        &[
            // The build that compiles templates where they run.
            "--alias:vue=vue/dist/vue.esm-bundler.js",
            "--define:__VUE_OPTIONS_API__=true",
            "--define:__VUE_PROD_DEVTOOLS__=false",
            "--define:__VUE_PROD_HYDRATION_MISMATCH_DETAILS__=false",
        ],
    ),
];
