//! Installs the tools that the other tasks need, where they are missing.
//!
//! They are in the clone (`node_modules`, `build/tools`) or in the cache folder. Only the browsers for the tests, and
//! Rust's wasm target, are installed on the machine itself.

mod browsers;
mod cache;
mod node;
mod requirements;
mod rust;

pub use browsers::{chromium, firefox};
pub use cache::folder as cache_folder;
pub use rust::WASM_TARGET;

use crate::{process, repo};
use anyhow::{Result, anyhow};
use std::path::PathBuf;
use std::process::Command;
use std::thread;

#[derive(clap::Args)]
pub struct Args {
    /// Also Chromium and Firefox with their drivers
    #[arg(long)]
    browser: bool,
}

/// Paths of the installed tools.
pub struct Tools {
    pub node: PathBuf,
    pub esbuild: PathBuf,
    pub wasm_opt: PathBuf,
    pub wasm_bindgen: PathBuf,
    pub worker_build: PathBuf,
}

impl Tools {
    /// `node <script>`, for a script in `node_modules`.
    pub fn node_script(&self, script: &str) -> Command {
        let mut command = Command::new(&self.node);
        command.arg(repo::path("node_modules").join(script));
        command
    }
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
    println!("wasm-bindgen  {}", tools.wasm_bindgen.display());
    println!("worker-build  {}", tools.worker_build.display());
    println!("esbuild       {}", tools.esbuild.display());
    println!("wasm-opt      {}", tools.wasm_opt.display());
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

/// Checks the requirements, then installs what is missing: Rust's tools and npm's at the same time.
///
/// # Errors
/// When a requirement is missing, or something cannot be installed.
pub fn setup() -> Result<Tools> {
    requirements::check()?;
    thread::scope(|scope| {
        let npm = scope.spawn(node::install);
        let rust = rust::install();
        let npm = npm
            .join()
            .map_err(|_| anyhow!("a panic while installing the npm packages"))?;
        let (rust, npm) = (rust?, npm?);
        Ok(Tools {
            node: npm.node,
            esbuild: npm.esbuild,
            wasm_opt: npm.wasm_opt,
            wasm_bindgen: rust.wasm_bindgen,
            worker_build: rust.worker_build,
        })
    })
}
