//! An environment of `wrangler.toml` (<https://developers.cloudflare.com/workers/wrangler/environments/>): bindings and
//! variables are not inherited, so that each has them again, with names of its own.

use anyhow::Result;
use serde_json::{Value, json};

/// The TOML of an environment of this name, with placeholders where the values are the operator's. `assets` is the folder
/// of its static files, if it has one of its own.
///
/// # Errors
/// When a value has no form in TOML, as null.
pub fn example(config: &Value, name: &str, assets: Option<&str>) -> Result<String> {
    let host = |role: &str| format!("{role}.{name}.partner.example");
    let routes = ["signup", "operator"];
    let routes = routes.map(|role| json!({"pattern": host(role), "custom_domain": true}));
    let vars = json!({
        "EMBARK_ORIGIN": format!("https://{}", host("signup")),
        "EMBARK_OPERATOR_ORIGIN": format!("https://{}", host("operator")),
    });
    // First what is to be filled in.
    let mut settings = vec![("routes", json!(routes)), ("vars", vars)];
    for key in NOT_INHERITED {
        if let Some(value) = config.get(key) {
            settings.push((key, with_own_names(value, name)));
        }
    }
    if let (Some(folder), Some(value)) = (assets, config.get("assets")) {
        let mut value = value.clone();
        value["directory"] = json!(folder);
        settings.push(("assets", value));
    }
    let tables = settings
        .into_iter()
        .map(|(key, value)| toml::to_string(&json!({"env": {name: {key: value}}})));
    Ok(tables.collect::<Result<Vec<_>, _>>()?.join("\n"))
}

/// The value with names of queues and rate limits that no other environment has, and ids to be filled in.
fn with_own_names(value: &Value, environment: &str) -> Value {
    match value {
        Value::Array(items) => items
            .iter()
            .map(|item| with_own_names(item, environment))
            .collect(),
        Value::Object(fields) => {
            let renamed = fields.iter().map(|(key, value)| {
                let value = match (key.as_str(), value.as_str()) {
                    ("queue" | "dead_letter_queue", Some(queue)) => {
                        json!(queue.replacen("embark", &format!("embark-{environment}"), 1))
                    }
                    ("dataset", Some(dataset)) => json!(format!("{dataset}_{environment}")),
                    ("id", Some(_)) => json!("0".repeat(32)),
                    // Another number: all that counts is that it is the account's only one.
                    ("namespace_id", Some(id)) => json!(format!("{id}{}", environment.len())),
                    _ => with_own_names(value, environment),
                };
                (key.clone(), value)
            });
            Value::Object(renamed.collect())
        }
        other => other.clone(),
    }
}

/// The bindings that each environment must name again.
const NOT_INHERITED: &[&str] = &[
    "kv_namespaces",
    "ratelimits",
    "queues",
    "durable_objects",
    "analytics_engine_datasets",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment_has_a_dataset_of_its_own_where_there_is_one() -> Result<()> {
        let bound = json!([{"binding": "ANALYTICS", "dataset": "embark"}]);
        let config = json!({"analytics_engine_datasets": bound});
        let parsed: Value = toml::from_str(&example(&config, "staging", None)?)?;
        let datasets = &parsed["env"]["staging"]["analytics_engine_datasets"];
        let own = json!([{"binding": "ANALYTICS", "dataset": "embark_staging"}]);
        assert_eq!(*datasets, own);
        assert!(!example(&json!({}), "staging", None)?.contains("analytics"));
        Ok(())
    }

    #[test]
    fn environment_has_every_binding_of_the_worker_with_own_names() -> Result<()> {
        let config = crate::build::wrangler_config::read()?;
        let text = example(&config, "staging", Some("assets-staging"))?;
        let parsed: Value = toml::from_str(&text)?;
        let staging = &parsed["env"]["staging"];
        assert_eq!(staging["durable_objects"], config["durable_objects"]);
        assert_eq!(staging["assets"]["directory"], "assets-staging");
        assert_eq!(staging["assets"]["binding"], config["assets"]["binding"]);
        let consumers = &staging["queues"]["consumers"];
        assert_eq!(consumers[0]["queue"], "embark-staging-events");
        assert_eq!(consumers[1]["queue"], "embark-staging-events-dead-letters");
        assert_eq!(consumers[0]["dead_letter_queue"], consumers[1]["queue"]);
        assert_eq!(staging["kv_namespaces"][0]["id"], "0".repeat(32));
        assert_ne!(
            staging["ratelimits"][0]["namespace_id"],
            config["ratelimits"][0]["namespace_id"]
        );
        Ok(())
    }
}
