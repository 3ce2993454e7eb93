//! Installs the tools that the other tasks need, where they are missing.
//!
//! They are in the clone (`node_modules`) or in the cache folder. Only the browsers for the tests, and
//! Rust's wasm target, are installed on the machine itself.

mod browsers;
mod cache;
mod node;
mod python;
mod requirements;
mod rust;

pub use browsers::{chromium, firefox};
pub use cache::folder as cache_folder;
pub use node::Tools;
pub use python::{python, schemathesis};
pub use rust::{WASM_TARGET, wasm_test_runner};

use crate::process;
use anyhow::{Result, anyhow};
use std::process::Command;
use std::thread;

#[derive(clap::Args)]
pub struct Args {
    /// Also Chromium and Firefox with their drivers
    #[arg(long)]
    browser: bool,
}

/// Installs the tools and prints their paths.
///
/// # Errors
/// When something is missing and cannot be installed.
pub fn run(args: &Args) -> Result<()> {
    let tools = setup()?;
    println!(
        "node          {}",
        process::output(Command::new(&tools.node).arg("--version"))?
    );
    println!("esbuild       {}", tools.esbuild.display());
    if args.browser {
        let chromium = chromium()?;
        println!("chromium      {}", chromium.chromium.display());
        println!("chromedriver  {}", chromium.chromedriver.display());
        let firefox = firefox()?;
        println!("firefox       {}", firefox.firefox.display());
        println!("geckodriver   {}", firefox.geckodriver.display());
    }
    Ok(())
}

/// Checks the requirements, then installs what is missing.
///
/// # Errors
/// When a requirement is missing, or something cannot be installed.
pub fn setup() -> Result<Tools> {
    setup_while(|| Ok(()))
}

/// As [`setup`]. While npm installs its packages, `compile` runs, which can compile for wasm.
///
/// # Errors
/// As [`setup`], or when `compile` fails.
pub fn setup_while(compile: impl FnOnce() -> Result<()>) -> Result<Tools> {
    requirements::check()?;
    let npm = thread::spawn(node::install);
    rust::install_wasm_target()?;
    compile()?;
    npm.join()
        .map_err(|_| anyhow!("a panic while installing the npm packages"))?
}
