//! Builds what is deployed. In order: widget (wasm, glue), static files under a hash of their content,
//! Worker (which is compiled with that hash).
//!
//! | folder | holds |
//! |---|---|
//! | `dist/assets` | the static files, as they are uploaded: this build's, and the hashed ones of the build before |
//! | `build/release`, `build/local` | the Worker, without and with the feature `local`: `guard.js` (entry), `index.js`, `index_bg.wasm`, `wrangler.json` |
//! | `build/widget` | what the widget is put together from |

mod assets;
mod examples;
mod folder;
mod names;
mod stamp;
mod widget;
mod worker;

pub use assets::hashed;
pub use examples::bundle as examples;

use crate::tools::{self, Tools};
use crate::{process, repo};
use anyhow::{Context, Result};
use std::fs::File;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// The Worker with loopback endpoints and faults, for `dev` and the tests
    #[arg(long)]
    local: bool,
    /// Also keep the loader and the frame's files in www/old, under this version, for the tests of later ones
    #[arg(long)]
    keep: bool,
    /// The Worker as it is deployed (this one, unless --local is given)
    #[arg(long)]
    release: bool,
}

/// Which Worker.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What is deployed.
    Release,
    /// With the cargo feature `local`. Never deployed.
    Local,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::Release => "release",
            Kind::Local => "local",
        }
    }

    /// Where the built Worker is.
    pub fn folder(self) -> PathBuf {
        repo::path("build").join(self.name())
    }
}

pub fn run(args: &Args) -> Result<()> {
    let tools = tools::setup()?;
    let mut kinds = Vec::new();
    if args.release || !args.local {
        kinds.push(Kind::Release);
    }
    if args.local {
        kinds.push(Kind::Local);
    }
    make(&tools, &kinds)?;
    if args.keep {
        assets::keep()?;
    }
    Ok(())
}

/// Builds the static files and these Workers, leaving alone what did not change.
pub fn make(tools: &Tools, kinds: &[Kind]) -> Result<()> {
    let _lock = lock()?;
    let widget = widget::build(tools)?;
    let assets = assets::build(tools, &widget)?;
    for kind in kinds {
        worker::build(tools, *kind, &assets)?;
    }
    Ok(())
}

/// Where the static files are.
pub fn assets_folder() -> PathBuf {
    repo::path("dist/assets")
}

/// One build at a time in one clone.
fn lock() -> Result<File> {
    std::fs::create_dir_all(repo::path("build"))?;
    let file = File::create(repo::path("build/.lock")).context("build/.lock")?;
    if file.try_lock().is_err() {
        eprintln!("waiting for another build in this clone");
        file.lock()?;
    }
    Ok(file)
}

/// `cargo build` of a library for wasm; gives the file it made.
fn cargo_wasm(package: &str, features: &[&str], env: &[(&str, &str)]) -> Result<PathBuf> {
    let mut command = process::cargo();
    command.args([
        "build",
        "--package",
        package,
        "--lib",
        "--release",
        "--target",
        WASM,
    ]);
    for feature in features {
        command.args(["--features", feature]);
    }
    let (name, flags) = nameless_paths();
    command.env(name, flags);
    command.envs(env.iter().copied()).current_dir(repo::root());
    process::run(&mut command)?;
    Ok(repo::target()
        .join(WASM)
        .join("release")
        .join(package.replace('-', "_"))
        .with_extension("wasm"))
}

/// What panics say of their place must not tell whose machine this is, and is the same on every one.
fn nameless_paths() -> (&'static str, String) {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(std::env::home_dir()?.join(".cargo")))
        .unwrap_or_default();
    let registries = std::fs::read_dir(home.join("registry/src"));
    let mut paths: Vec<(PathBuf, &str)> = registries
        .into_iter()
        .flatten()
        .flatten()
        .map(|registry| (registry.path(), "crates"))
        .collect();
    paths.push((repo::root().to_owned(), "embark"));
    // The variable is split at spaces.
    paths.retain(|(path, _)| !path.to_string_lossy().contains(' '));
    paths.sort();
    let flag =
        |(path, name): &(PathBuf, &str)| format!("--remap-path-prefix={}={name}", path.display());
    let flags: Vec<String> = paths.iter().map(flag).collect();
    (
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
        flags.join(" "),
    )
}

const WASM: &str = "wasm32-unknown-unknown";
