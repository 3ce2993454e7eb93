//! A customer who connects a number: the requests of the widget, and a code as from Meta's window.

use crate::dev_process::DevProcess;
use anyhow::{Context, Result, bail};
use embark_tests::widget_client::{launch_document, outcome_body};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::time::sleep;

pub struct Customer<'d> {
    client: &'d Client,
    dev: &'d DevProcess,
    /// The launch document of the customer's page.
    pub launch: Value,
}

impl<'d> Customer<'d> {
    /// The customer whose page has this frame.
    pub fn from_frame(client: &'d Client, dev: &'d DevProcess, frame: &str) -> Result<Self> {
        let launch = launch_document(frame)?;
        Ok(Self {
            client,
            dev,
            launch,
        })
    }

    /// Goes through Meta's window.
    ///
    /// # Errors
    /// The signup does not end in `connected`.
    pub async fn connect(&self) -> Result<()> {
        let codes = format!("{}/_sandbox/codes", self.dev.sandbox_url());
        let codes = self.client.post(codes).json(&json!({}));
        let code: Value = codes.send().await?.error_for_status()?.json().await?;
        let signup = self.launch["signup"].as_str().context("no signup")?;
        let signup = format!("{}/v1/signups/{signup}", self.dev.worker_url());
        let launched = self.client.post(format!("{signup}/launched"));
        let launched = self.with_grant(launched.json(&json!({}))).send().await?;
        launched.error_for_status()?;
        let outcome = self.client.post(format!("{signup}/outcome"));
        let outcome = self.with_grant(outcome.json(&outcome_body(&code, true)));
        let accepted = outcome.send().await?.status();
        assert_eq!(accepted.as_u16(), 202);
        let started = Instant::now();
        loop {
            let snapshot = self.with_grant(self.client.get(&signup)).send().await?;
            let snapshot: Value = snapshot.json().await?;
            match snapshot["status"].as_str() {
                Some("connected") => return Ok(()),
                Some("launched" | "running" | "waiting") if started.elapsed() < TIMEOUT => {
                    sleep(Duration::from_millis(200)).await;
                }
                _ => bail!("{snapshot}\n{}", self.dev.output()),
            }
        }
    }

    fn with_grant(&self, request: RequestBuilder) -> RequestBuilder {
        request.bearer_auth(self.launch["grant"].as_str().unwrap_or_default())
    }
}

const TIMEOUT: Duration = Duration::from_secs(60);
