//! What the Worker asked of Meta and the providers: the sandbox's log.

use crate::Deployment;
use anyhow::{Context, Result, ensure};
use serde_json::Value;

impl Deployment {
    /// How many requests to Meta or a provider are in the sandbox's log. `path` is a pattern with `*`; `effect`
    /// counts only those that changed something there (`true`) or that did not (`false`).
    pub async fn count_calls(&self, path: &str, effect: Option<bool>) -> Result<u64> {
        let mut query = vec![("path", path.to_owned())];
        query.extend(effect.map(|effect| ("effect", effect.to_string())));
        let request = self.sandbox_control("GET", "count").query(&query);
        let reply: Value = request.send().await?.json().await?;
        reply["count"].as_u64().context("no count")
    }

    /// Asserts how many requests matched `path`, whatever their effect.
    pub async fn assert_calls(&self, path: &str, expected: u64) -> Result<()> {
        let count = self.count_calls(path, None).await?;
        ensure!(count == expected, "{count} calls of {path}, not {expected}");
        Ok(())
    }

    /// Asserts how many requests that matched `path` changed something at Meta or the provider.
    pub async fn assert_effects(&self, path: &str, expected: u64) -> Result<()> {
        let count = self.count_calls(path, Some(true)).await?;
        ensure!(
            count == expected,
            "{count} effects of {path}, not {expected}"
        );
        Ok(())
    }

    /// The sandbox's log of requests to Meta and providers, oldest first.
    pub async fn call_log(&self) -> Result<Vec<Value>> {
        let request = self.sandbox_control("GET", "log");
        Ok(request.send().await?.json().await?)
    }
}
