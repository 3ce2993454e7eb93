//! A web application that has the npm package installed from its tarball: its pages, bundled, for the browser suites, and its
//! TypeScript for the suite `package`.

use crate::tools::Tools;
use crate::{package, process, repo};
use anyhow::{Context, Result};
use fs_err as fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Installs the package into a new application and bundles its pages; returns the application's folder. React and Vue are
/// those of the repository, in whose folder it is: the package has no dependency, and nothing is downloaded.
///
/// # Errors
/// When the package cannot be written or installed, or a page cannot be bundled.
pub fn install(tools: &Tools) -> Result<PathBuf> {
    let tarball = package::write_npm(&repo::path("build/package"))?;
    let folder = repo::path("build/npm-application");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    copy(
        &repo::path("tests/browser/npm_pages"),
        &folder.join("pages"),
    )?;
    copy(&repo::path("tests/types/npm"), &folder.join("types"))?;
    fs::write(folder.join("package.json"), PACKAGE_JSON)?;
    let mut npm = Command::new("npm");
    npm.args(NPM_FLAGS).arg(&tarball).current_dir(&folder);
    process::output(&mut npm).context("npm does not install the package")?;
    for (pages, flags) in PAGES {
        let mut esbuild = Command::new(&tools.esbuild);
        esbuild
            .args(*pages)
            .args(ESBUILD_FLAGS)
            .args(*flags)
            .current_dir(&folder);
        process::run(&mut esbuild)?;
    }
    Ok(folder)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for file in repo::files_in(from)? {
        fs::copy(from.join(&file), to.join(&file))?;
    }
    Ok(())
}

const PACKAGE_JSON: &str = "{ \"private\": true, \"type\": \"module\" }\n";

const NPM_FLAGS: &[&str] = &[
    "install",
    "--offline",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
];

/// Without minification, and with React's checks: StrictMode has no effect without them.
const ESBUILD_FLAGS: &[&str] = &[
    "--bundle",
    "--format=esm",
    "--jsx=automatic",
    "--log-level=warning",
    "--outdir=bundled",
    "--define:process.env.NODE_ENV=\"development\"",
    "--define:__VUE_OPTIONS_API__=false",
    "--define:__VUE_PROD_DEVTOOLS__=false",
    "--define:__VUE_PROD_HYDRATION_MISMATCH_DETAILS__=false",
];

/// Pages, and esbuild's flags for them.
const PAGES: &[(&[&str], &[&str])] = &[
    (
        &[
            "module=pages/module.js",
            "react=pages/react.jsx",
            "vue=pages/vue.js",
        ],
        &[],
    ),
    // The oldest React that the package takes.
    (
        &["react18=pages/react.jsx"],
        &["--alias:react=react-18", "--alias:react-dom=react-dom-18"],
    ),
];
