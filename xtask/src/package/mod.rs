//! `cargo xtask package`: one archive from which the Worker is deployed on a machine that has only Node.js. It has the built
//! Worker, the static files, a `wrangler.toml` to fill in, and `embark`, the operator's command line. Beside it the package for
//! npm, for websites that are built from packages.

mod archive;
mod lock;
mod npm;
mod wrangler_toml;

pub use npm::write as write_npm;

use crate::build::{self, Kind, Profile};
use crate::repo;
use anyhow::{Context, Result};
use archive::{Entry, Mode};
use fs_err as fs;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    /// The folder to write the archive and the npm package to
    #[arg(long, value_name = "DIR", default_value = "dist")]
    out: PathBuf,
}

/// Builds everything and writes the archive and the npm package.
///
/// # Errors
/// When a step fails.
pub fn run(args: &Args) -> Result<()> {
    let folder = repo::root().join(&args.out);
    let archive = make(&folder, Profile::Release)?;
    println!("{}", archive.display());
    println!("{}", write_npm(&folder)?.display());
    Ok(())
}

/// Builds everything and writes the archive to a folder; returns its path.
///
/// # Errors
/// When a step fails.
pub fn make(folder: &Path, profile: Profile) -> Result<PathBuf> {
    let tools = build::make(&[Kind::Release])?;
    let assets = build::static_files_without_origin(&tools)?;
    let program = build::build_program("embark-cli", "embark", profile)?;
    let bytes = archive::pack(&root_folder(), &entries(assets, &program)?)?;
    fs::create_dir_all(folder)?;
    let file = folder.join(format!("{}.tar.gz", root_folder()));
    fs::write(&file, bytes)?;
    Ok(file)
}

/// The archive's one folder.
fn root_folder() -> String {
    format!("embark-{VERSION}")
}

/// The files of the archive, by path.
fn entries(assets: BTreeMap<String, Vec<u8>>, program: &Path) -> Result<BTreeMap<String, Entry>> {
    let mut entries = BTreeMap::new();
    let mut add = |path: String, content: Vec<u8>| entries.insert(path, Entry::file(content));
    for (path, content) in assets {
        add(format!("files/{path}"), content);
    }
    for file in WORKER_FILES {
        let content = fs::read(Kind::Release.folder().join(file))?;
        add(format!("worker/{file}"), content);
    }
    for file in ["LICENSE-APACHE", "LICENSE-MIT"] {
        add(file.to_owned(), fs::read(repo::path(file))?);
    }
    let config = fs::read_to_string(repo::path("wrangler.toml"))?;
    add(
        "wrangler.toml".to_owned(),
        wrangler_toml::derive(&config)?.into_bytes(),
    );
    let package = package_json()?;
    let own_lock = fs::read_to_string(repo::path("package-lock.json"))?;
    let lock = lock::derive(&own_lock, &package)?;
    add("package-lock.json".to_owned(), lock.into_bytes());
    let package = serde_json::to_string_pretty(&package)? + "\n";
    add("package.json".to_owned(), package.into_bytes());
    let script = fs::read_to_string(repo::path("xtask/package/set-origin.mjs"))?;
    let script = script.replace("{placeholder}", build::ORIGIN_PLACEHOLDER);
    add("set-origin.mjs".to_owned(), script.into_bytes());
    let guide = fs::read_to_string(repo::path("xtask/package/README.md"))?;
    let guide = guide.replace("{version}", VERSION);
    let guide = guide.replace("{target}", &build::host_target()?);
    add("README.md".to_owned(), guide.into_bytes());
    let program = Entry {
        content: fs::read(program)?,
        mode: Mode::Program,
    };
    entries.insert("embark".to_owned(), program);
    Ok(entries)
}

/// The archive's `package.json`: the wrangler that this release was tested with.
fn package_json() -> Result<Value> {
    let own = fs::read_to_string(repo::path("package.json"))?;
    let own: Value = serde_json::from_str(&own).context("package.json")?;
    let wrangler = own["devDependencies"]["wrangler"].as_str();
    let wrangler = wrangler.context("package.json does not pin wrangler")?;
    Ok(json!({
        "name": "embark",
        "version": VERSION,
        "private": true,
        "license": own["license"],
        "engines": { "node": ">=22" },
        "dependencies": { "wrangler": wrangler },
    }))
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The built Worker; `guard.js` is its entry.
const WORKER_FILES: [&str; 3] = ["guard.js", "index.js", "index_bg.wasm"];
