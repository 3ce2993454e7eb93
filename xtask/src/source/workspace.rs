//! The crates of a workspace and their targets, as `cargo metadata` describes them.

use super::imports::Imports;
use super::module_tree::ModuleTree;
use crate::{process, repo};
use anyhow::{Context, Result};
use fs_err as fs;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The library and programs of a crate, or its integration tests.
pub struct CratePart {
    /// `edge`, or `edge/tests` for the integration tests of `edge`.
    pub name: String,
    /// Root files of its targets, relative to the workspace.
    pub roots: Vec<PathBuf>,
    /// All its Rust files, relative to the workspace; also those that only tests compile.
    pub files: Vec<PathBuf>,
}

impl CratePart {
    /// Reads all targets and gives the imports in them. `workspace` is the folder of the workspace.
    ///
    /// # Errors
    /// When a file cannot be read or is not Rust.
    pub fn imports(&self, workspace: &Path) -> Result<Imports> {
        let mut imports = Imports::default();
        for root in &self.roots {
            let read = |file: &Path| fs::read_to_string(workspace.join(file)).ok();
            imports.add(&ModuleTree::read(root, &read)?);
        }
        Ok(imports)
    }
}

/// The parts of all crates of the workspace in this folder.
///
/// # Errors
/// When cargo cannot read its manifests.
pub fn crate_parts(workspace: &Path) -> Result<Vec<CratePart>> {
    let mut command = process::cargo();
    command.args(["metadata", "--no-deps", "--offline", "--format-version=1"]);
    let text = process::output(command.current_dir(workspace))?;
    let metadata: Metadata = serde_json::from_str(&text).context("cargo metadata")?;
    let mut parts = BTreeMap::new();
    let folders: Vec<&Path> = metadata
        .packages
        .iter()
        .filter_map(Package::folder)
        .collect();
    for package in &metadata.packages {
        add_parts(&metadata.workspace_root, package, &folders, &mut parts)?;
    }
    Ok(parts.into_values().collect())
}

fn add_parts(
    workspace: &Path,
    package: &Package,
    all_folders: &[&Path],
    parts: &mut BTreeMap<String, CratePart>,
) -> Result<()> {
    let folder = package.folder().unwrap_or(workspace);
    let name = folder
        .strip_prefix(workspace)?
        .to_string_lossy()
        .into_owned();
    let is_source = |file: &Path| file.starts_with("src");
    for target in &package.targets {
        let inside = target.src_path.strip_prefix(folder)?;
        if target.kind.iter().all(|kind| kind != "custom-build") {
            let root = target.src_path.strip_prefix(workspace)?.to_owned();
            part_of(parts, &name, is_source(inside)).roots.push(root);
        }
    }
    for file in repo::files_in(folder)? {
        let is_rust = file.extension().is_some_and(|end| end == "rs");
        // A package in the folder of another has files of its own.
        let mut inner = all_folders
            .iter()
            .filter(|inner| **inner != folder && inner.starts_with(folder));
        let is_own = !inner.any(|inner| folder.join(&file).starts_with(inner));
        if is_rust && is_own && file != Path::new("build.rs") {
            let path = folder.strip_prefix(workspace)?.join(&file);
            part_of(parts, &name, is_source(&file)).files.push(path);
        }
    }
    Ok(())
}

fn part_of<'a>(
    parts: &'a mut BTreeMap<String, CratePart>,
    name: &str,
    is_source: bool,
) -> &'a mut CratePart {
    let name = if is_source {
        name.to_owned()
    } else {
        format!("{name}/tests")
    };
    parts.entry(name.clone()).or_insert_with(|| CratePart {
        name,
        roots: Vec::new(),
        files: Vec::new(),
    })
}

/// The fields of the output of `cargo metadata` that are used: <https://doc.rust-lang.org/cargo/commands/cargo-metadata.html>.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_root: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    manifest_path: PathBuf,
    targets: Vec<CargoTarget>,
}

impl Package {
    fn folder(&self) -> Option<&Path> {
        self.manifest_path.parent()
    }
}

#[derive(Deserialize)]
struct CargoTarget {
    kind: Vec<String>,
    src_path: PathBuf,
}
