//! The crates of pure rules do not depend on the runtime: their manifests name no crate of the Worker or of JavaScript.

use crate::repo;
use anyhow::{Context, Result, bail};
use fs_err as fs;
use toml::{Table, Value};

/// # Errors
/// When a manifest names a crate of the runtime or cannot be read.
pub fn check() -> Result<()> {
    let mut broken = Vec::new();
    let workspace = fs::read_to_string(repo::path("Cargo.toml"))?;
    for path in PURE_MANIFESTS {
        let manifest = fs::read_to_string(repo::path(path))?;
        for name in runtime_dependencies(&manifest, &workspace).context(*path)? {
            broken.push(format!("{path} depends on {name}; this belongs into edge"));
        }
    }
    if !broken.is_empty() {
        bail!("\n  {}", broken.join("\n  "));
    }
    Ok(())
}

/// The crates of the runtime ([`is_runtime`]) that a manifest depends on, in any of its tables of dependencies, also under another name,
/// which it or the manifest of the workspace gives.
fn runtime_dependencies(manifest: &str, workspace: &str) -> Result<Vec<String>> {
    let manifest: Table = toml::from_str(manifest)?;
    let workspace: Table = toml::from_str(workspace)?;
    let shared = workspace.get("workspace").and_then(Value::as_table);
    let shared = shared.and_then(|table| table.get("dependencies")?.as_table());
    let for_targets = manifest.get("target").and_then(Value::as_table);
    let for_targets = for_targets.into_iter().flat_map(Table::values);
    let tables = for_targets.filter_map(Value::as_table).chain([&manifest]);
    let mut found = Vec::new();
    for table in tables {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let dependencies = table.get(kind).and_then(Value::as_table);
            for (name, dependency) in dependencies.into_iter().flatten() {
                let is_shared = dependency.get("workspace").and_then(Value::as_bool) == Some(true);
                let named = shared
                    .filter(|_| is_shared)
                    .and_then(|shared| shared.get(name));
                let package = named.unwrap_or(dependency).get("package");
                let package = package.and_then(Value::as_str);
                let package = package.unwrap_or(name);
                if is_runtime(package) {
                    found.push(package.to_owned());
                }
            }
        }
    }
    Ok(found)
}

const PURE_MANIFESTS: &[&str] = &[
    "onboarding/Cargo.toml",
    "protocol/Cargo.toml",
    "view/Cargo.toml",
];

/// Whether a crate is, or stands on, the Workers runtime or a browser.
fn is_runtime(package: &str) -> bool {
    let families = [
        "worker-",
        "web-sys",
        "js-sys",
        "wasm-bindgen",
        "serde-wasm-bindgen",
        "gloo",
    ];
    package == "worker" || families.iter().any(|family| package.starts_with(family))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORKSPACE: &str = r#"[workspace.dependencies]
rt = { version = "0.8", package = "worker" }
worker = "0.8"
serde = "1""#;

    #[test]
    fn runtime_dependency_in_any_table_is_found() -> Result<()> {
        for manifest in [
            "[dependencies]\nserde = \"1\"\nworker = \"0.8\"",
            "[dependencies]\nworker.workspace = true",
            "[dependencies]\nrt.workspace = true",
            "[dependencies.worker]\nversion = \"0.8\"",
            "[dependencies]\nother = { version = \"0.8\", package = \"worker\" }",
            "[dev-dependencies]\nworker = \"0.8\"",
            "[build-dependencies]\nworker = \"0.8\"",
            "[target.'cfg(target_arch = \"wasm32\")'.dependencies]\nworker = \"0.8\"",
        ] {
            let found = runtime_dependencies(manifest, WORKSPACE)?;
            assert_eq!(found, ["worker"], "{manifest}");
        }
        for package in [
            "worker-sys",
            "worker-macros",
            "gloo",
            "gloo-net",
            "wasm-bindgen-futures",
        ] {
            let manifest = format!("[dependencies]\n{package} = \"1\"");
            let found = runtime_dependencies(&manifest, WORKSPACE)?;
            assert_eq!(found, [package], "{manifest}");
        }
        Ok(())
    }

    #[test]
    fn manifest_without_runtime_dependency_is_accepted() -> Result<()> {
        let manifest =
            "[package]\nname = \"worker\"\n[dependencies]\nworkerlike = \"1\"\nserde = \"1\"";
        assert!(runtime_dependencies(manifest, WORKSPACE)?.is_empty());
        Ok(())
    }
}
