//! `cargo xtask generate`: writes what is made of the code in `docs/`: the OpenAPI documents, `openapi.json` and
//! `openapi-admin.json`, from the route table and the types of messages (the crate `openapi`), and the table of types in
//! `events.md` from the catalogue of events.

use crate::{process, repo};
use anyhow::{Context, Result, ensure};
use embark_protocol::site_events::SiteEventType;
use fs_err as fs;
use std::path::Path;

/// # Errors
/// When the crate does not compile, or a file cannot be written.
pub fn run() -> Result<()> {
    write(&repo::path("docs"))?;
    fs::write(repo::path(EVENTS), events_page()?)?;
    let documents = DOCUMENTS.map(|name| format!("docs/{name}"));
    println!("written: {}, {EVENTS}", documents.join(", "));
    Ok(())
}

/// Compares the files to what they should be.
///
/// # Errors
/// When one differs.
pub fn check() -> Result<()> {
    ensure!(
        fs::read_to_string(repo::path(EVENTS))? == events_page()?,
        "{EVENTS} has not the table of the catalogue: cargo xtask generate"
    );
    let folder = repo::path("target/openapi");
    fs::create_dir_all(&folder)?;
    write(&folder)?;
    for name in DOCUMENTS {
        let committed = fs::read(repo::path("docs").join(name)).unwrap_or_default();
        ensure!(
            committed == fs::read(folder.join(name))?,
            "docs/{name} is not that of the route table and the types: cargo xtask generate"
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

/// The page of events, with the table of the catalogue in place of the one that it has.
fn events_page() -> Result<String> {
    let page = fs::read_to_string(repo::path(EVENTS))?;
    let (before, rest) = page.split_once(TABLE_HEAD).context("no table of types")?;
    let after = rest.find("\n\n").map_or("", |end| &rest[end + 1..]);
    let rows = SiteEventType::ALL.iter().map(|kind| {
        let (name, description) = (kind.as_str(), kind.description());
        format!("| `{name}` | {} |\n", description.trim_end_matches('.'))
    });
    Ok([before, TABLE_HEAD, &rows.collect::<String>(), after].concat())
}

const EVENTS: &str = "docs/events.md";
const TABLE_HEAD: &str = "| type | when |\n|---|---|\n";
/// In the folder `docs`.
pub const DOCUMENTS: [&str; 2] = ["openapi.json", "openapi-admin.json"];
