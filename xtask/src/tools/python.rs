//! Virtual environments of Python with the packages of a file.

use super::cache;
use crate::{file_lock, process, repo};
use anyhow::{Context, Result};
use base16ct::lower;
use fs_err as fs;
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::process::Command;

/// The `python` with the packages of the example back end.
///
/// # Errors
/// When there is no Python 3 with the module `venv`, or pip cannot install the packages.
pub fn python() -> Result<PathBuf> {
    Ok(programs("examples/python/requirements.txt")?.join("python"))
}

/// Schemathesis, which sends requests by an OpenAPI document.
///
/// # Errors
/// As of [`python`].
pub fn schemathesis() -> Result<PathBuf> {
    Ok(programs("tests/openapi/requirements.txt")?.join("schemathesis"))
}

/// The folder of the programs of a virtual environment with the packages of `requirements`. Each version of that file has its
/// own.
fn programs(requirements: &str) -> Result<PathBuf> {
    let requirements = repo::path(requirements);
    let hash = lower::encode_string(&Sha256::digest(fs::read(&requirements)?));
    let cache = cache::folder()?;
    let name = format!("python-{}", hash.get(..16).unwrap_or_default());
    let folder = cache.join(&name);
    let (programs, stamp) = (folder.join("bin"), folder.join(".complete"));
    if stamp.is_file() {
        return Ok(programs);
    }
    let _lock = file_lock::acquire(&cache, &name)?;
    if stamp.is_file() {
        return Ok(programs);
    }
    let log = cache.join(format!("{name}.log"));
    let mut venv = Command::new("python3");
    venv.args(["-m", "venv", "--clear"]).arg(&folder);
    process::run_logged("Python for the tests", &log, &mut venv)
        .context("Python 3 with its module venv is needed; on Debian or Ubuntu: apt-get install python3-venv")?;
    let mut pip = Command::new(programs.join("python"));
    pip.args(["-m", "pip", "install", "--disable-pip-version-check", "-r"])
        .arg(&requirements);
    process::run_logged("Python packages", &log, &mut pip)?;
    fs::write(stamp, "")?;
    Ok(programs)
}
