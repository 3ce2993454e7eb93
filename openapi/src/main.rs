//! Writes the documents into the folder that the one argument names.

use anyhow::{Context, Result};
use embark_openapi::document::{operator_document, public_document};
use embark_openapi::text::to_json;
use fs_err as fs;
use std::path::PathBuf;

fn main() -> Result<()> {
    let folder = std::env::args_os().nth(1).context("which folder?")?;
    let folder = PathBuf::from(folder);
    fs::write(folder.join("openapi.json"), to_json(&public_document()?)?)?;
    fs::write(
        folder.join("openapi-admin.json"),
        to_json(&operator_document()?)?,
    )?;
    Ok(())
}
