//! The configuration of the Worker. `wrangler.toml` describes bindings, objects, assets and limits; local runs use
//! the same description with other paths and variables, written as `wrangler.json`.

use super::environment;
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

/// The Worker's public origin: the process variable `EMBARK_ORIGIN`, else the one in `wrangler.toml`, of one of its
/// environments if it is named.
///
/// # Errors
/// When `wrangler.toml` cannot be read, or does not name the origin.
pub fn public_origin(environment: Option<&str>) -> Result<String> {
    if let Ok(origin) = std::env::var("EMBARK_ORIGIN") {
        return Ok(origin);
    }
    let config = read()?;
    let origin = of_environment(&config, environment)?["vars"]["EMBARK_ORIGIN"].as_str();
    origin
        .map(str::to_owned)
        .context("wrangler.toml has no vars.EMBARK_ORIGIN")
}

/// What must still be filled in before the Worker, or an environment of it, can be deployed: one sentence each.
///
/// # Errors
/// When `wrangler.toml` cannot be read, or has no such environment.
pub fn placeholders_left(environment: Option<&str>) -> Result<Vec<String>> {
    let config = read()?;
    Ok(placeholders(of_environment(&config, environment)?))
}

/// The values of an environment; those at the top without one.
fn of_environment<'a>(config: &'a Value, environment: Option<&str>) -> Result<&'a Value> {
    let Some(name) = environment else {
        return Ok(config);
    };
    config["env"].get(name).with_context(|| {
        let example = environment::example(config, name, None).unwrap_or_default();
        format!("wrangler.toml has no [env.{name}]; add it with values of your own:\n\n{example}")
    })
}

/// Refuses to deploy with the values that `wrangler.toml` has in the repository. Wrangler names its command to the build
/// that it runs (<https://developers.cloudflare.com/workers/wrangler/custom-builds/>); other builds are not checked.
///
/// # Errors
/// When wrangler deploys, and a value is still the repository's.
pub fn check_before_deploy() -> Result<()> {
    let command = std::env::var("WRANGLER_COMMAND").unwrap_or_default();
    if !matches!(command.as_str(), "deploy" | "versions upload") {
        return Ok(());
    }
    let config = read()?;
    // Which environment is deployed is not known here.
    if config.get("env").is_some() {
        return Ok(());
    }
    let left = placeholders(&config);
    if left.is_empty() {
        return Ok(());
    }
    bail!(
        "wrangler.toml is not yours yet (see docs/deploying.md):\n  {}",
        left.join("\n  ")
    )
}

/// What is still a placeholder, one sentence each.
fn placeholders(config: &Value) -> Vec<String> {
    let mut left = vec![];
    for (name, example) in [
        ("EMBARK_ORIGIN", "signup"),
        ("EMBARK_OPERATOR_ORIGIN", "operator"),
    ] {
        let origin = config["vars"][name].as_str().unwrap_or_default();
        if origin.is_empty() || origin.ends_with(".example") {
            left.push(format!(
                "vars.{name} is \"{origin}\": set one of your own host names, e.g. \"https://{example}.your-domain.com\""
            ));
        }
    }
    let namespaces = config["kv_namespaces"].as_array().into_iter().flatten();
    for namespace in namespaces {
        let id = namespace["id"].as_str().unwrap_or_default();
        if id.bytes().all(|byte| byte == b'0') {
            let binding = namespace["binding"].as_str().unwrap_or_default();
            left.push(format!(
                "the id of the KV namespace {binding} is not set: `npx wrangler kv namespace create {binding}` prints it"
            ));
        }
    }
    left
}

/// `wrangler.toml` as values.
///
/// # Errors
/// When it cannot be read.
pub fn read() -> Result<Value> {
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
    fn deploy_with_the_values_of_the_repository_is_refused_with_each_of_them() {
        let config = json!({
            "vars": {"EMBARK_ORIGIN": "https://signup.partner.example"},
            "kv_namespaces": [{"binding": "CONFIG", "id": "0".repeat(32)}],
        });
        let left = placeholders(&config);
        assert_eq!(left.len(), 3, "{left:?}");
        for name in ["EMBARK_ORIGIN", "EMBARK_OPERATOR_ORIGIN", "CONFIG"] {
            assert!(
                left.iter().any(|line| line.contains(name)),
                "{name}: {left:?}"
            );
        }
        let mine = json!({
            "vars": {"EMBARK_ORIGIN": "https://signup.acme.com", "EMBARK_OPERATOR_ORIGIN": "https://operator.acme.com"},
            "kv_namespaces": [{"binding": "CONFIG", "id": "0f2ac74b498b48028cb68387c421e279"}],
        });
        assert_eq!(placeholders(&mine), Vec::<String>::new());
    }

    #[test]
    fn environment_has_values_of_its_own_and_an_unknown_one_is_shown_as_toml() -> Result<()> {
        let mine = json!({"vars": {"EMBARK_ORIGIN": "https://signup.acme.com"}});
        let config = json!({
            "vars": {"EMBARK_ORIGIN": "https://signup.partner.example"},
            "env": {"staging": mine},
        });
        assert_eq!(of_environment(&config, Some("staging"))?, &mine);
        assert_eq!(of_environment(&config, None)?, &config);
        let unknown = of_environment(&config, Some("production")).unwrap_err();
        let text = unknown.to_string();
        assert!(text.contains("[env.production.vars]"), "{text}");
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
