//! `cargo xtask dev`, as a developer starts it: one command, no account, and nothing left behind.

mod running;

use anyhow::{Context, Result, bail};
use reqwest::{Client, RequestBuilder};
use running::Dev;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::time::sleep;

#[tokio::test]
async fn one_command_runs_everything_and_leaves_nothing_behind() -> Result<()> {
    let mut dev = Dev::start()?;
    dev.until_said("Embark is running").await?;
    let (edge, sandbox, website) = (dev.address(0), dev.address(1), dev.address(2));
    dev.until_said(&website).await?;
    let client = Client::builder().timeout(Duration::from_secs(40)).build()?;
    let text = async |address: String| -> Result<String> {
        let answer = client.get(&address).send().await?.error_for_status()?;
        answer.text().await.with_context(|| address)
    };

    // The customer's website, with the tag in it, and what the tag leads to.
    let page = text(website.clone()).await?;
    assert!(page.contains(&format!("{edge}/embark.js")), "{page}");
    assert!(page.contains("data-site=\"demo\""), "{page}");
    let loader = text(format!("{edge}/embark.js")).await?;
    assert!(loader.contains("embark-signup"), "{loader}");
    let frame = text(format!("{edge}/frame?site=demo&host={website}")).await?;
    let launch = launch(&frame)?;
    let script = launch["sdk"]["url"].as_str().context("no SDK")?;
    assert!(script.starts_with(&sandbox), "{script}");
    assert!(text(script.to_owned()).await?.contains("FB"), "{script}");

    // A signup as the widget does it, with a code as Meta's window gives it.
    let codes = client
        .post(format!("{sandbox}/_sandbox/codes"))
        .json(&json!({}));
    let minted: Value = codes.send().await?.error_for_status()?.json().await?;
    let signup = format!(
        "{edge}/v1/signups/{}",
        launch["signup"].as_str().context("no signup")?
    );
    let granted = |request: RequestBuilder| -> RequestBuilder {
        request.bearer_auth(launch["grant"].as_str().unwrap_or_default())
    };
    let outcome = json!({"code": minted["code"], "code_source": "sdk", "event": "FINISH", "ids": {
        "waba_id": minted["waba_id"],
        "phone_number_id": minted["phone_number_id"],
        "business_id": minted["business_id"],
    }});
    let post = granted(client.post(format!("{signup}/outcome"))).json(&outcome);
    assert_eq!(post.send().await?.status().as_u16(), 202);
    let started = Instant::now();
    loop {
        let snapshot: Value = granted(client.get(&signup)).send().await?.json().await?;
        match snapshot["status"].as_str() {
            Some("connected") => break,
            Some("launched" | "running" | "waiting") if started.elapsed() < PATIENCE => {
                sleep(Duration::from_millis(200)).await;
            }
            _ => bail!("{snapshot}\n{}", dev.said()),
        }
    }

    dev.interrupt()?;
    dev.until_gone().await
}

fn launch(html: &str) -> Result<Value> {
    let json = html
        .split_once("id=\"embark-launch\">")
        .and_then(|(_, rest)| rest.split_once("</script>"));
    let (json, _) = json.with_context(|| format!("no launch document in {html}"))?;
    Ok(serde_json::from_str(json)?)
}

const PATIENCE: Duration = Duration::from_secs(60);
