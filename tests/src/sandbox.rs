//! The sandbox of a deployment: what it stores, how it is to behave, and which requests it got.

use crate::deployment::Deployment;
use anyhow::{Context, Result, ensure};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

impl Deployment {
    /// A request to the sandbox's control API.
    pub fn sandbox_control(&self, method: &str, path: &str) -> RequestBuilder {
        let method = method.parse().unwrap_or_default();
        self.client
            .request(method, format!("{}/_sandbox/{path}", self.sandbox.url()))
    }

    /// Everything the sandbox stores, by table and id.
    pub async fn sandbox_world(&self) -> Result<Value> {
        let request = self.sandbox_control("GET", "world");
        Ok(request.send().await?.json().await?)
    }

    /// Changes fields of a row of the sandbox, e.g. of `wabas/5000000000000001`.
    pub async fn patch_sandbox(&self, row: &str, fields: Value) -> Result<()> {
        let request = self.sandbox_control("PATCH", row).json(&fields);
        request.send().await?.error_for_status()?;
        Ok(())
    }

    /// The first number of an account.
    pub async fn number_of(&self, waba: &str) -> Result<String> {
        let world = self.sandbox_world().await?;
        let phones = world["phones"].as_object().context("no phones")?;
        let phone = phones.iter().find(|(_, phone)| phone["waba_id"] == waba);
        Ok(phone.context("no number")?.0.clone())
    }

    /// Deregisters the number of an account, as if another provider had; its two-step verification stays.
    pub async fn deregister_number(&self, waba: &str) -> Result<()> {
        let id = self.number_of(waba).await?;
        let fields = json!({"platform_type": "NOT_APPLICABLE", "status": "PENDING"});
        self.patch_sandbox(&format!("phones/{id}"), fields).await
    }

    /// A code with its ids, as if a person had just finished the popup.
    pub async fn mint_code(&self, options: Value) -> Result<Value> {
        let request = self.sandbox_control("POST", "codes").json(&options);
        Ok(request.send().await?.error_for_status()?.json().await?)
    }

    /// Makes the sandbox answer matching requests with a fault.
    pub async fn add_fault(&self, fault: Value) -> Result<()> {
        let request = self.sandbox_control("POST", "faults").json(&fault);
        request.send().await?.error_for_status()?;
        Ok(())
    }

    /// Changes rules of the sandbox's behaviour.
    pub async fn set_rules(&self, rules: Value) -> Result<()> {
        self.patch_sandbox("rules", rules).await
    }

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
