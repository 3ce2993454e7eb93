//! What the widget does over HTTP, without a browser: holds a launch document, posts, follows.

use crate::stage::Stage;
use anyhow::{Context, Result, bail};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

pub struct Page<'s> {
    stage: &'s Stage,
    pub launch: Value,
}

impl<'s> Page<'s> {
    /// Reads the launch document out of the frame page.
    pub fn of(stage: &'s Stage, html: &str) -> Result<Self> {
        let json = html
            .split_once("id=\"embark-launch\">")
            .and_then(|(_, rest)| rest.split_once("</script>"))
            .map(|(json, _)| json)
            .with_context(|| format!("no launch document in {html}"))?;
        Ok(Self {
            stage,
            launch: serde_json::from_str(json)?,
        })
    }

    /// A page that came by a link: it has only the signup and the grant.
    pub fn holding(stage: &'s Stage, signup: &str, grant: &str) -> Self {
        Self {
            stage,
            launch: json!({"signup": signup, "grant": grant}),
        }
    }

    pub fn signup(&self) -> &str {
        self.launch["signup"].as_str().unwrap_or_default()
    }

    /// A request to this signup, with its grant; `rest` like `/outcome`.
    pub fn request(&self, method: &str, rest: &str) -> RequestBuilder {
        let address = format!("{}/v1/signups/{}{rest}", self.stage.origin, self.signup());
        let method = method.parse().unwrap_or_default();
        let request = self.stage.client.request(method, address);
        request.bearer_auth(self.launch["grant"].as_str().unwrap_or_default())
    }

    /// Posts and gives status and body.
    pub async fn post(&self, rest: &str, body: &Value) -> Result<(StatusCode, Value)> {
        let response = self.request("POST", rest).json(body).send().await?;
        Ok((response.status(), response.json().await?))
    }

    /// Posts the code with its ids, as the widget does when both are there.
    pub async fn submit(&self, minted: &Value) -> Result<(StatusCode, Value)> {
        self.post("/outcome", &outcome(minted, true)).await
    }

    pub async fn snapshot(&self) -> Result<Value> {
        Ok(self.request("GET", "").send().await?.json().await?)
    }

    /// Follows as the widget does, until the status is one of `want`.
    pub async fn follow(&self, want: &[&str]) -> Result<Value> {
        let started = Instant::now();
        let mut after = 0;
        let mut last = Value::Null;
        while started.elapsed() < Duration::from_secs(90) {
            let answer = self.request("GET", &format!("?after={after}")).send().await;
            // A Worker that was killed refuses connections for a moment.
            let Ok(answer) = answer else {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            last = answer.json().await?;
            let status = last["status"].as_str().unwrap_or_default();
            if want.contains(&status) {
                return Ok(last);
            }
            after = last["seq"].as_u64().unwrap_or_default();
            let pause = last["poll_after_ms"].as_u64().unwrap_or(1_000).min(500);
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        bail!(
            "waited for {want:?}, got {last}\n{}",
            self.stage.workerd.log()
        )
    }
}

/// The body of `…/outcome` for a minted code.
pub fn outcome(minted: &Value, with_ids: bool) -> Value {
    let mut body = json!({"code": minted["code"], "code_source": "sdk"});
    if with_ids {
        body["event"] = "FINISH".into();
        body["ids"] = json!({
            "waba_id": minted["waba_id"],
            "phone_number_id": minted["phone_number_id"],
            "business_id": minted["business_id"],
        });
    }
    body
}
