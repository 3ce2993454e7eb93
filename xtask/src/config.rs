//! `wrangler.toml` is the one description of the Worker: bindings, objects, assets, limits. Local runs
//! use the same description with other paths and addresses, written as `wrangler.json`.

use crate::{build, repo};
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use std::fs;

/// For a built Worker's own folder, `build/<kind>`; read by the test harness.
pub fn beside_build() -> Result<Value> {
    moved(&read()?, "guard.js", "../../dist/assets")
}

/// For `wrangler dev` out of any folder, with the local addresses as variables.
pub fn for_dev(vars: &Map<String, Value>) -> Result<Value> {
    let main = build::Kind::Local.folder().join("guard.js");
    let assets = build::assets_folder();
    let mut config = moved(&read()?, &main.to_string_lossy(), &assets.to_string_lossy())?;
    config["vars"] = json!(vars);
    Ok(config)
}

fn read() -> Result<Value> {
    let path = repo::path("wrangler.toml");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    toml::from_str(&text).with_context(|| path.display().to_string())
}

/// The same Worker seen from another folder. It is built already, so nothing is left to build.
fn moved(config: &Value, main: &str, assets: &str) -> Result<Value> {
    let mut config = config.clone();
    let Some(top) = config.as_object_mut() else {
        bail!("wrangler.toml is not a table")
    };
    top.remove("build");
    top.insert("main".to_owned(), json!(main));
    let directory = top
        .get_mut("assets")
        .and_then(|assets| assets.get_mut("directory"));
    *directory.context("wrangler.toml has no assets.directory")? = json!(assets);
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_move() -> Result<()> {
        let config = json!({"name": "n", "main": "a", "build": {"command": "c"}, "assets": {"directory": "d", "binding": "B"}});
        let expected =
            json!({"name": "n", "main": "m", "assets": {"directory": "x", "binding": "B"}});
        assert_eq!(moved(&config, "m", "x")?, expected);
        assert!(moved(&json!({"name": "n"}), "m", "x").is_err());
        Ok(())
    }

    #[test]
    fn every_object_class_is_bound_and_migrated() -> Result<()> {
        let config = read()?;
        let bound: Vec<&Value> = config["durable_objects"]["bindings"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|b| &b["class_name"])
            .collect();
        let migrated: Vec<&Value> = config["migrations"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(|m| m["new_sqlite_classes"].as_array().into_iter().flatten())
            .collect();
        assert_eq!(bound, migrated);
        assert_eq!(bound.len(), 5);
        Ok(())
    }
}
