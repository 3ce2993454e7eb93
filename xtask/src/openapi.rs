//! `cargo xtask openapi`: writes the OpenAPI documents, `docs/openapi.json` and `docs/openapi-admin.json`, from the route
//! table and the types of messages (the crate `openapi`).

use crate::{process, repo};
use anyhow::{Result, ensure};
use fs_err as fs;
use std::path::Path;

/// # Errors
/// When the crate does not compile, or a file cannot be written.
pub fn run() -> Result<()> {
    write(&repo::path("docs"))?;
    println!(
        "written: {}",
        DOCUMENTS.map(|name| format!("docs/{name}")).join(", ")
    );
    Ok(())
}

/// Compares the documents to what they should be.
///
/// # Errors
/// When one differs.
pub fn check() -> Result<()> {
    let folder = repo::path("target/openapi");
    fs::create_dir_all(&folder)?;
    write(&folder)?;
    for name in DOCUMENTS {
        let committed = fs::read(repo::path("docs").join(name)).unwrap_or_default();
        ensure!(
            committed == fs::read(folder.join(name))?,
            "docs/{name} is not that of the route table and the types: cargo xtask openapi"
        );
    }
    Ok(())
}

fn write(folder: &Path) -> Result<()> {
    let mut command = process::cargo();
    command
        .args(["run", "--quiet", "-p", "embark-openapi", "--"])
        .arg(folder)
        .current_dir(repo::root());
    process::run(&mut command)
}

/// In the folder `docs`.
pub const DOCUMENTS: [&str; 2] = ["openapi.json", "openapi-admin.json"];
