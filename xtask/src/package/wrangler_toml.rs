//! The `wrangler.toml` of the archive: that of the repository, without a build, with paths in the archive, and with what is
//! to be filled in.

use crate::build::environment;
use anyhow::{Context, Result};
use serde_json::Value;
use toml_edit::{DocumentMut, value};

/// Derives it from the text of the repository's, whose comments stay.
///
/// # Errors
/// When the text is not TOML, or lacks what is replaced.
pub fn derive(text: &str) -> Result<String> {
    let config: Value = toml::from_str(text).context("wrangler.toml")?;
    let mut document: DocumentMut = text.parse().context("wrangler.toml")?;
    let build = document.remove("build").context("no [build]")?;
    let above_build = build.as_table().and_then(|table| table.decor().prefix());
    let above_build = above_build.and_then(|prefix| prefix.as_str());
    let above_build = above_build.unwrap_or_default().to_owned();
    // The comment on routes stands there; routes belong above the first table.
    let vars = document["vars"].as_table_mut().context("no [vars]")?;
    let above_vars = vars.decor().prefix().and_then(|prefix| prefix.as_str());
    let above_vars = above_vars.unwrap_or_default();
    let prefix = format!("{}\n{above_vars}", above_build.trim_end());
    vars.decor_mut().set_prefix(prefix);

    document["main"] = value("worker/guard.js");
    document["assets"]["directory"] = value("assets");
    let mut name = document.key_mut("name").context("no name")?;
    name.leaf_decor_mut().set_prefix(HEAD);
    let staging = environment::example(&config, "staging", Some("assets-staging"))?;
    let staging: String = staging.lines().map(commented).collect();
    Ok(format!("{document}{ABOVE_STAGING}{staging}"))
}

fn commented(line: &str) -> String {
    format!("# {line}").trim_end().to_owned() + "\n"
}

const HEAD: &str = "# Your deployment. Fill in the two origins (EMBARK_ORIGIN, EMBARK_OPERATOR_ORIGIN), a route for each, and the
# id of the KV namespace; README.md says how. Then: node set-origin.mjs, npx wrangler deploy.
";

const ABOVE_STAGING: &str = "
# A second deployment to try things on: remove the # below and fill in its values. It has origins, a KV namespace, queues,
# secrets and static files of its own: node set-origin.mjs --env staging, npx wrangler deploy --env staging.
#
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::wrangler_config;
    use crate::repo;

    fn derived() -> Result<String> {
        derive(&std::fs::read_to_string(repo::path("wrangler.toml"))?)
    }

    #[test]
    fn derived_config_has_no_build_and_keeps_all_else() -> Result<()> {
        let mut parsed: Value = toml::from_str(&derived()?)?;
        assert_eq!(parsed["main"], "worker/guard.js");
        assert_eq!(parsed["assets"]["directory"], "assets");
        let mut expected = wrangler_config::read()?;
        let top = expected.as_object_mut().context("no table")?;
        top.remove("build");
        parsed["main"] = expected["main"].clone();
        parsed["assets"]["directory"] = expected["assets"]["directory"].clone();
        assert_eq!(parsed, expected);
        Ok(())
    }

    #[test]
    fn derived_config_keeps_the_comments_for_whoever_fills_it_in() -> Result<()> {
        let text = derived()?;
        assert!(text.starts_with("# Your deployment."), "{text}");
        for comment in [
            "# routes = [",
            "# The two origins that this Worker answers on.",
            "wrangler kv namespace create CONFIG",
        ] {
            assert!(text.contains(comment), "{comment}: {text}");
        }
        assert!(!text.contains("cargo"), "{text}");
        Ok(())
    }

    #[test]
    fn staging_of_the_derived_config_is_valid_without_its_comment_marks() -> Result<()> {
        let text = derived()?;
        let (above, staging) = text.split_once(ABOVE_STAGING).context("no staging")?;
        let staging = staging.lines().map(|line| {
            let line = line.strip_prefix('#').unwrap_or(line);
            format!("{}\n", line.trim_start())
        });
        let config: Value = toml::from_str(&format!("{above}{}", staging.collect::<String>()))?;
        let staging = &config["env"]["staging"];
        assert_eq!(staging["assets"]["directory"], "assets-staging");
        assert_eq!(staging["durable_objects"], config["durable_objects"]);
        Ok(())
    }
}
