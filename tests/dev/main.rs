//! `cargo xtask dev` as a developer starts it: one command serves everything, needs no account, and stops
//! everything it started.

mod dev_process;

use anyhow::{Context, Result, bail};
use dev_process::DevProcess;
use embark_tests::http_client;
use embark_tests::widget_client::{launch_document, outcome_body};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::time::sleep;

#[tokio::test]
async fn dev_command_serves_everything_and_stops_everything() -> Result<()> {
    let mut dev = DevProcess::start()?;
    dev.wait_for_output("Embark is running").await?;
    let (worker, sandbox, website) = (dev.worker_url(), dev.sandbox_url(), dev.website_url());
    dev.wait_for_output(&website).await?;
    let client = http_client::for_localhost()?;
    let get_text = async |url: String| -> Result<String> {
        let response = client.get(&url).send().await?.error_for_status()?;
        response.text().await.with_context(|| url)
    };

    // The customer's website with its tag, the loader, the frame page, and the SDK of the sandbox.
    let page = get_text(website.clone()).await?;
    assert!(page.contains(&format!("{worker}/embark.js")), "{page}");
    assert!(page.contains("data-site=\"demo\""), "{page}");
    let loader = get_text(format!("{worker}/embark.js")).await?;
    assert!(loader.contains("embark-signup"), "{loader}");
    let frame = get_text(format!("{worker}/frame?site=demo&host={website}")).await?;
    let launch = launch_document(&frame)?;
    let sdk = launch["sdk"]["url"].as_str().context("no SDK")?;
    assert!(sdk.starts_with(&sandbox), "{sdk}");
    assert!(get_text(sdk.to_owned()).await?.contains("FB"), "{sdk}");

    // A signup with the requests of the widget, and a code as from Meta's popup.
    let codes = client
        .post(format!("{sandbox}/_sandbox/codes"))
        .json(&json!({}));
    let code: Value = codes.send().await?.error_for_status()?.json().await?;
    let signup = format!(
        "{worker}/v1/signups/{}",
        launch["signup"].as_str().context("no signup")?
    );
    let with_grant = |request: RequestBuilder| -> RequestBuilder {
        request.bearer_auth(launch["grant"].as_str().unwrap_or_default())
    };
    let outcome = outcome_body(&code, true);
    let post = with_grant(client.post(format!("{signup}/outcome"))).json(&outcome);
    assert_eq!(post.send().await?.status().as_u16(), 202);
    let started = Instant::now();
    loop {
        let snapshot: Value = with_grant(client.get(&signup)).send().await?.json().await?;
        match snapshot["status"].as_str() {
            Some("connected") => break,
            Some("launched" | "running" | "waiting") if started.elapsed() < TIMEOUT => {
                sleep(Duration::from_millis(200)).await;
            }
            _ => bail!("{snapshot}\n{}", dev.output()),
        }
    }

    dev.interrupt()?;
    dev.wait_until_stopped().await
}

const TIMEOUT: Duration = Duration::from_secs(60);
