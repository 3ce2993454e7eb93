//! Python with the packages of the example back end, in a virtual environment of its own.

use super::cache;
use crate::{file_lock, process, repo};
use anyhow::{Context, Result};
use base16ct::lower;
use fs_err as fs;
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::process::Command;

/// The `python` of a virtual environment with the packages of `examples/python/requirements.txt`. Each version of that
/// file has its own.
///
/// # Errors
/// When there is no Python 3 with the module `venv`, or pip cannot install the packages.
pub fn python() -> Result<PathBuf> {
    let requirements = repo::path("examples/python/requirements.txt");
    let hash = lower::encode_string(&Sha256::digest(fs::read(&requirements)?));
    let cache = cache::folder()?;
    let name = format!("python-{}", hash.get(..16).unwrap_or_default());
    let folder = cache.join(&name);
    let (python, stamp) = (folder.join("bin/python"), folder.join(".complete"));
    if stamp.is_file() {
        return Ok(python);
    }
    let _lock = file_lock::acquire(&cache, &name)?;
    if stamp.is_file() {
        return Ok(python);
    }
    let log = cache.join(format!("{name}.log"));
    let mut venv = Command::new("python3");
    venv.args(["-m", "venv", "--clear"]).arg(&folder);
    process::run_logged("Python for the example", &log, &mut venv)
        .context("Python 3 with its module venv is needed; on Debian or Ubuntu: apt-get install python3-venv")?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--disable-pip-version-check", "-r"])
        .arg(&requirements);
    process::run_logged("Python packages", &log, &mut pip)?;
    fs::write(stamp, "")?;
    Ok(python)
}
