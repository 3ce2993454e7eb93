//! What a partner's back end does: it has a token of its site, and an endpoint for the site's events.

use crate::Deployment;
use crate::deployment::SHOP_ORIGIN;
use anyhow::{Context, Result, ensure};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Where the sandbox takes events.
pub const ENDPOINT: &str = "https://partner.example/receiver/events";

/// A back end of one site.
pub struct Backend<'d> {
    deployment: &'d Deployment,
    /// The bearer token.
    pub token: String,
    /// The id of the token.
    pub token_id: String,
}

impl Deployment {
    /// A back end of this site with a fresh token.
    pub async fn backend(&self, site: &str, scopes: &[&str]) -> Result<Backend<'_>> {
        let request = json!({"name": "a test", "scopes": scopes});
        let created: Value = self
            .admin_post(&format!("sites/{site}/tokens"), &request)
            .await?
            .error_for_status()?
            .json()
            .await?;
        Ok(Backend {
            deployment: self,
            token: created["token"].as_str().context("no token")?.to_owned(),
            token_id: created["id"].as_str().context("no id")?.to_owned(),
        })
    }

    /// Sets the endpoint of this site to the sandbox's receiver, which knows the signing secret. Returns the secret.
    pub async fn put_endpoint(&self, site: &str) -> Result<String> {
        let put = self
            .admin_put(&format!("sites/{site}/endpoint"), &json!({"url": ENDPOINT}))
            .await?
            .error_for_status()?;
        let details: Value = put.json().await?;
        let secret = details["secret"].as_str().context("no secret")?.to_owned();
        self.set_receiver(json!({"secrets": [secret]})).await?;
        Ok(secret)
    }

    /// How the receiver verifies and responds.
    pub async fn set_receiver(&self, settings: Value) -> Result<()> {
        let request = self.sandbox_control("PUT", "receiver").json(&settings);
        request.send().await?.error_for_status()?;
        Ok(())
    }

    /// The deliveries that the receiver got.
    pub async fn received(&self) -> Result<Vec<Value>> {
        let request = self.sandbox_control("GET", "receiver");
        let receiver: Value = request.send().await?.json().await?;
        Ok(receiver["received"].as_array().cloned().unwrap_or_default())
    }

    /// How many deliveries of a site are pending, and how many were given up.
    pub async fn delivery_counts(&self, site: &str) -> Result<(u64, u64)> {
        let response = self.admin_get(&format!("sites/{site}/endpoint")).await?;
        let endpoint: Value = response.error_for_status()?.json().await?;
        let count = |name: &str| endpoint[name].as_u64().context("no count");
        Ok((count("pending")?, count("dead")?))
    }

    /// Waits until deliveries of these types have come, each once or more.
    pub async fn wait_for_events(&self, types: &[&str]) -> Result<Vec<Value>> {
        let started = Instant::now();
        loop {
            let received = self.received().await?;
            let came = |kind: &&str| received.iter().any(|event| event["body"]["type"] == **kind);
            if types.iter().all(came) {
                return Ok(received);
            }
            ensure!(
                started.elapsed() < EVENTS_WITHIN,
                "{types:?} in {received:#?}"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The first event of this type in the operator's list, once its delivery is in this state.
    pub async fn event_in_state(&self, kind: &str, state: &str) -> Result<Value> {
        let mut last = Value::Null;
        for _ in 0..1_800 {
            let list: Value = self.admin_get("sites/acme/events").await?.json().await?;
            let events = list["events"].as_array().context("no list")?;
            let found = events.iter().find(|event| event["type"] == kind);
            if let Some(event) = found.filter(|event| event["delivery"]["state"] == state) {
                return Ok(event.clone());
            }
            last = list;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::bail!("no {state} {kind}: {last:#}")
    }

    /// The first event of this type in the operator's list, once it is there.
    pub async fn wait_for_listed_event(&self, site: &str, kind: &str) -> Result<Value> {
        let mut last = Value::Null;
        for _ in 0..1_800 {
            let path = format!("sites/{site}/events");
            last = self.admin_get(&path).await?.json().await?;
            let events = last["events"].as_array().context("no list")?;
            if let Some(event) = events.iter().find(|event| event["type"] == kind) {
                return Ok(event.clone());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::bail!("no {kind}: {last:#}")
    }

    /// Posts a fresh code through this site, and waits until the signup has ended or asks something.
    pub async fn sign_up(&self, site: &str, code: Value) -> Result<Value> {
        let widget = self.open_widget(site, SHOP_ORIGIN).await?;
        let minted = self.mint_code(code).await?;
        widget.post_outcome(&minted).await?;
        widget
            .poll_until(&["connected", "needs_input", "failed"])
            .await
    }

    /// Connects the account of a fresh code through this site. Returns the last snapshot.
    pub async fn connect(&self, site: &str, code: Value) -> Result<Value> {
        let widget = self.open_widget(site, SHOP_ORIGIN).await?;
        widget.post("/launched", &json!({})).await?;
        let minted = self.mint_code(code).await?;
        widget.post_outcome(&minted).await?;
        let end = widget.poll_until_end().await?;
        ensure!(end["status"] == "connected", "{end}");
        Ok(end)
    }
}

impl Backend<'_> {
    /// A request of the back end to a path below `/v1/backend`.
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Response> {
        let url = format!("{}/v1/backend{path}", self.deployment.origin);
        let mut request = self.deployment.client.request(method, url);
        request = request.bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(body);
        }
        Ok(request.send().await?)
    }

    /// A session of this order.
    pub async fn create_session(&self, site: &str, order: &Value) -> Result<Response> {
        let request = self.post_request(&format!("/v1/sites/{site}/sessions"));
        Ok(request.json(order).send().await?)
    }

    /// A `POST` to a path of the public host.
    pub fn post_request(&self, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.deployment.origin);
        let request = self.deployment.client.post(url);
        request.bearer_auth(&self.token)
    }

    /// `GET`, which must succeed.
    pub async fn get(&self, path: &str) -> Result<Value> {
        let response = self.send(Method::GET, path, None).await?;
        let (status, text) = (response.status(), response.text().await?);
        ensure!(status.is_success(), "{path}: {status} {text}");
        Ok(serde_json::from_str(&text)?)
    }

    /// The status and the problem code of a request that is refused.
    pub async fn refusal(&self, method: Method, path: &str) -> Result<(u16, String)> {
        let body = (method == Method::POST).then(|| json!({}));
        let response = self.send(method, path, body.as_ref()).await?;
        let status = response.status().as_u16();
        let problem: Value = response.json().await?;
        Ok((
            status,
            problem["code"].as_str().unwrap_or_default().to_owned(),
        ))
    }
}

/// On a busy machine.
const EVENTS_WITHIN: Duration = Duration::from_secs(30);
