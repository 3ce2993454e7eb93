//! The configuration of the Worker. `wrangler.toml` describes bindings, objects, assets and limits; local runs use
//! the same description with other paths and variables, written as `wrangler.json`.

use super::output::{Kind, assets_folder};
use crate::repo;
use anyhow::{Context, Result, bail};
use fs_err as fs;
use serde_json::{Map, Value, json};

/// The configuration in a built Worker's folder, `build/<kind>`, which the test harness reads.
///
/// # Errors
/// When `wrangler.toml` cannot be read or lacks its assets.
pub fn for_build_folder() -> Result<Value> {
    with_paths(&read()?, "guard.js", "../../dist/assets")
}

/// The configuration for `wrangler dev`, with absolute paths and these variables.
///
/// # Errors
/// When `wrangler.toml` cannot be read or lacks its assets.
pub fn for_dev(vars: &Map<String, Value>) -> Result<Value> {
    let main = Kind::Local.folder().join("guard.js");
    let assets = assets_folder();
    let mut config = with_paths(&read()?, &main.to_string_lossy(), &assets.to_string_lossy())?;
    config["vars"] = json!(vars);
    Ok(config)
}

/// The Worker's public origin: `EMBARK_ORIGIN` of the environment, else of `wrangler.toml`.
///
/// # Errors
/// When `wrangler.toml` cannot be read or does not name it.
pub fn public_origin() -> Result<String> {
    if let Ok(origin) = std::env::var("EMBARK_ORIGIN") {
        return Ok(origin);
    }
    let config = read()?;
    let origin = config["vars"]["EMBARK_ORIGIN"].as_str();
    origin
        .map(str::to_owned)
        .context("wrangler.toml has no vars.EMBARK_ORIGIN")
}

fn read() -> Result<Value> {
    let path = repo::path("wrangler.toml");
    let text = fs::read_to_string(&path)?;
    toml::from_str(&text).with_context(|| path.display().to_string())
}

/// The configuration with other paths of the entry and the assets, and without the build command.
fn with_paths(config: &Value, main: &str, assets: &str) -> Result<Value> {
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
    fn config_with_paths_keeps_all_else() -> Result<()> {
        let config = json!({"name": "n", "main": "a", "build": {"command": "c"}, "assets": {"directory": "d", "binding": "B"}});
        let expected =
            json!({"name": "n", "main": "m", "assets": {"directory": "x", "binding": "B"}});
        assert_eq!(with_paths(&config, "m", "x")?, expected);
        assert!(with_paths(&json!({"name": "n"}), "m", "x").is_err());
        Ok(())
    }

    #[test]
    fn durable_object_classes_are_bound_and_migrated() -> Result<()> {
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
