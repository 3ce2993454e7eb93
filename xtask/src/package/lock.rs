//! The archive's `package-lock.json`: the versions of wrangler and of everything that it needs, as this repository has them.

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The lock file of a package of this name and version whose one dependency is `wrangler`. `own`: the repository's lock file.
///
/// # Errors
/// When `own` is no lock file of version 3, or lacks a package that another one needs.
pub fn derive(own: &str, package: &Value) -> Result<String> {
    let own: Value = serde_json::from_str(own).context("package-lock.json")?;
    let all = own["packages"].as_object().context("no packages")?;
    let mut packages = Map::new();
    packages.insert(String::new(), package.clone());
    for path in needed_by(all, "node_modules/wrangler")? {
        let mut entry = all[&path].clone();
        if let Some(entry) = entry.as_object_mut() {
            // Here it is no tool of development.
            entry.remove("dev");
        }
        packages.insert(path, entry);
    }
    let lock = json!({
        "name": package["name"],
        "version": package["version"],
        "lockfileVersion": 3,
        "requires": true,
        "packages": packages,
    });
    Ok(serde_json::to_string_pretty(&lock)? + "\n")
}

/// The paths of a package and of everything that it needs.
fn needed_by(all: &Map<String, Value>, path: &str) -> Result<BTreeSet<String>> {
    let mut needed = BTreeSet::new();
    let mut open = vec![path.to_owned()];
    while let Some(path) = open.pop() {
        if needed.contains(&path) {
            continue;
        }
        let entry = all.get(&path).with_context(|| path.clone())?;
        for (kind, is_required) in [
            ("dependencies", true),
            ("optionalDependencies", false),
            ("peerDependencies", false),
        ] {
            for name in entry[kind].as_object().into_iter().flat_map(Map::keys) {
                match resolve(all, &path, name) {
                    Some(found) => open.push(found),
                    None if is_required => {
                        anyhow::bail!("{path} needs {name}, which is not locked")
                    }
                    None => {}
                }
            }
        }
        needed.insert(path);
    }
    Ok(needed)
}

/// Where a package finds another one: in its own `node_modules`, or in one above.
fn resolve(all: &Map<String, Value>, from: &str, name: &str) -> Option<String> {
    let mut folder = from;
    loop {
        let separator = if folder.is_empty() { "" } else { "/" };
        let path = format!("{folder}{separator}node_modules/{name}");
        if all.contains_key(&path) {
            return Some(path);
        }
        if folder.is_empty() {
            return None;
        }
        let parent = folder.rfind("node_modules/").unwrap_or(0);
        folder = folder[..parent].trim_end_matches('/');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lock_has_what_wrangler_needs_and_nothing_else() -> Result<()> {
        let own = json!({"packages": {
            "": {"devDependencies": {"wrangler": "4.0.0", "vue": "3.0.0"}},
            "node_modules/vue": {"version": "3.0.0", "dev": true},
            "node_modules/ws": {"version": "8.0.0", "dev": true},
            "node_modules/wrangler": {
                "version": "4.0.0", "dev": true, "dependencies": {"miniflare": "1", "@a/b": "1"},
                "optionalDependencies": {"fsevents": "1"}, "peerDependencies": {"types": "1"},
            },
            "node_modules/@a/b": {"version": "1.0.0", "dependencies": {"ws": "8"}},
            "node_modules/miniflare": {"version": "1.0.0", "dependencies": {"ws": "7"}},
            "node_modules/miniflare/node_modules/ws": {"version": "7.0.0"},
        }});
        let package = json!({"name": "embark", "version": "0.1.0"});
        let lock: Value = serde_json::from_str(&derive(&own.to_string(), &package)?)?;
        let packages = lock["packages"].as_object().context("packages")?;
        let paths: Vec<_> = packages.keys().map(String::as_str).collect();
        assert_eq!(
            paths,
            [
                "",
                "node_modules/@a/b",
                "node_modules/miniflare",
                "node_modules/miniflare/node_modules/ws",
                "node_modules/wrangler",
                "node_modules/ws",
            ]
        );
        assert_eq!(packages["node_modules/ws"], json!({"version": "8.0.0"}));
        assert_eq!(packages[""], package);
        Ok(())
    }

    #[test]
    fn package_that_is_not_locked_is_an_error() {
        let own = json!({"packages": {"node_modules/wrangler": {"dependencies": {"ws": "8"}}}});
        assert!(derive(&own.to_string(), &json!({})).is_err());
    }
}
