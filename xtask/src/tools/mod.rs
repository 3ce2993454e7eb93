//! The tools this repository builds with, installed where they are missing.
//!
//! Everything lands below the clone (`node_modules`, `build/tools`) or in the cache folder, nothing
//! in the machine itself but Debian's browser for the browser tests.

mod cache;
mod debian;
mod machine;
mod node;
mod rust;

pub use cache::folder as cache_folder;
pub use debian::{Browser, Firefox};

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

/// Paths of the tools, all of them there.
pub struct Tools {
    pub node: PathBuf,
    pub esbuild: PathBuf,
    pub wasm_opt: PathBuf,
    pub wasm_bindgen: PathBuf,
    pub worker_build: PathBuf,
}

impl Tools {
    /// `node script args…` of an npm package.
    pub fn node_script(&self, script: &str) -> Command {
        let mut command = Command::new(&self.node);
        command.arg(repo::path("node_modules").join(script));
        command
    }
}

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
        let browser = browser()?;
        println!("chromium      {}", browser.chromium.display());
        println!("chromedriver  {}", browser.chromedriver.display());
        let firefox = firefox()?;
        println!("firefox       {}", firefox.firefox.display());
        println!("geckodriver   {}", firefox.geckodriver.display());
    }
    Ok(())
}

/// Checks the machine, then installs what is missing: Rust's tools and npm's beside each other.
pub fn setup() -> Result<Tools> {
    machine::check()?;
    thread::scope(|scope| {
        let npm = scope.spawn(node::install);
        let rust = rust::install();
        let npm = npm
            .join()
            .map_err(|_| anyhow!("installing the npm packages panicked"))?;
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

/// Firefox and its driver, for its tests only. Debian has no package of the driver: cargo compiles it.
pub fn firefox() -> Result<Firefox> {
    Ok(Firefox {
        firefox: debian::firefox()?,
        geckodriver: rust::geckodriver()?,
    })
}

/// Chromium and its driver, for the browser tests only.
pub fn browser() -> Result<Browser> {
    debian::browser()
}
