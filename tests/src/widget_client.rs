//! The HTTP requests of the widget, without a browser: reads a launch document, posts the outcome of Meta's
//! popup, polls the signup.

use crate::deployment::Deployment;
use anyhow::{Context, Result, bail, ensure};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::time::sleep;

pub struct WidgetClient<'d> {
    deployment: &'d Deployment,
    /// The launch document; only its `signup` and `grant` after [`WidgetClient::with_grant`].
    pub launch: Value,
}

impl Deployment {
    /// Opens the frame page of a site as a browser on the page origin `host` does.
    pub async fn open_widget(&self, site: &str, host: &str) -> Result<WidgetClient<'_>> {
        let frame = self
            .client
            .get(format!("{}/frame", self.origin))
            .query(&[("site", site), ("host", host)]);
        let html = frame.send().await?.error_for_status()?.text().await?;
        WidgetClient::from_html(self, &html)
    }

    /// The page that a link opens: `…#embark=<signup>.<grant>`. As the widget does, it adds a name to the grant that it
    /// took from its address.
    pub fn widget_from_link(&self, link: &str) -> Result<WidgetClient<'_>> {
        let (_, token) = link.split_once("#embark=").context("no #embark= in link")?;
        let (signup, grant) = token.split_once('.').context("no grant in link")?;
        let grant = [grant, "~", &"w".repeat(36)].concat();
        Ok(WidgetClient::with_grant(self, signup, &grant))
    }
}

impl<'d> WidgetClient<'d> {
    /// Reads the launch document out of the frame page or the hosted page.
    pub fn from_html(deployment: &'d Deployment, html: &str) -> Result<Self> {
        let launch = launch_document(html)?;
        Ok(Self { deployment, launch })
    }

    /// A page that was opened by a link: it has a signup and a grant, and no launch document.
    pub fn with_grant(deployment: &'d Deployment, signup: &str, grant: &str) -> Self {
        Self {
            deployment,
            launch: json!({"signup": signup, "grant": grant}),
        }
    }

    pub fn signup_id(&self) -> &str {
        self.launch["signup"].as_str().unwrap_or_default()
    }

    pub fn grant(&self) -> &str {
        self.launch["grant"].as_str().unwrap_or_default()
    }

    /// A request to `/v1/signups/{id}{suffix}` with the grant as bearer token; `suffix` like `/outcome`.
    pub fn request(&self, method: &str, suffix: &str) -> RequestBuilder {
        let origin = &self.deployment.origin;
        let url = format!("{origin}/v1/signups/{}{suffix}", self.signup_id());
        let method = method.parse().unwrap_or_default();
        let request = self.deployment.client.request(method, url);
        request.bearer_auth(self.grant())
    }

    /// Posts JSON; returns status and JSON body of the response.
    pub async fn post(&self, suffix: &str, body: &Value) -> Result<(StatusCode, Value)> {
        let response = self.request("POST", suffix).json(body).send().await?;
        Ok((response.status(), response.json().await?))
    }

    /// Posts a code that the sandbox issues, and polls until the signup is connected.
    ///
    /// # Errors
    /// It ends otherwise.
    pub async fn connect(&self) -> Result<()> {
        let minted = self.deployment.mint_code(json!({})).await?;
        self.post_outcome(&minted).await?;
        let end = self.poll_until_end().await?;
        ensure!(end["status"] == "connected", "{end}");
        Ok(())
    }

    /// Posts the code together with its ids, as the widget does once it has both.
    pub async fn post_outcome(&self, code: &Value) -> Result<(StatusCode, Value)> {
        self.post("/outcome", &outcome_body(code, true)).await
    }

    pub async fn snapshot(&self) -> Result<Value> {
        Ok(self.request("GET", "").send().await?.json().await?)
    }

    /// Polls as the widget does until the status is one of `statuses`; returns that snapshot.
    pub async fn poll_until(&self, statuses: &[&str]) -> Result<Value> {
        let started = Instant::now();
        let mut after = 0;
        let mut last = Value::Null;
        while started.elapsed() < TIMEOUT {
            let response = self.request("GET", &format!("?after={after}")).send().await;
            // A Worker that was killed refuses connections until it has restarted.
            let Ok(response) = response else {
                sleep(Duration::from_millis(100)).await;
                continue;
            };
            last = response.json().await?;
            let status = last["status"].as_str().unwrap_or_default();
            if statuses.contains(&status) {
                return Ok(last);
            }
            after = last["seq"].as_u64().unwrap_or_default();
            let pause = last["poll_after_ms"].as_u64().unwrap_or(1_000).min(500);
            sleep(Duration::from_millis(pause)).await;
        }
        let log = self.deployment.workerd.log();
        bail!("waited for {statuses:?}, got {last}\n{log}")
    }

    /// Polls until the run has ended; returns that snapshot.
    pub async fn poll_until_end(&self) -> Result<Value> {
        self.poll_until(&["connected", "failed", "relaunch"]).await
    }
}

/// The JSON of a page's `<script id="embark-launch">`.
pub fn launch_document(html: &str) -> Result<Value> {
    let json = html
        .split_once("id=\"embark-launch\">")
        .and_then(|(_, rest)| rest.split_once("</script>"));
    let (json, _) = json.with_context(|| format!("no launch document in {html}"))?;
    Ok(serde_json::from_str(json)?)
}

/// The body of `…/outcome` for a code from [`Deployment::mint_code`].
pub fn outcome_body(code: &Value, with_ids: bool) -> Value {
    let mut body = json!({"code": code["code"], "code_source": "sdk"});
    if with_ids {
        body["event"] = "FINISH".into();
        body["ids"] = json!({
            "waba_id": code["waba_id"],
            "phone_number_id": code["phone_number_id"],
            "business_id": code["business_id"],
        });
    }
    body
}

const TIMEOUT: Duration = Duration::from_secs(90);
