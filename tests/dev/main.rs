//! `cargo xtask dev` as a developer starts it: one command serves everything, needs no account, and stops
//! everything it started.

mod customer;
mod dev_process;
mod example_process;
mod examples;

use anyhow::{Context, Result};
use customer::Customer;
use dev_process::DevProcess;
use embark_tests::http_client;
use serde_json::Value;

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
    let customer = Customer::from_frame(&client, &dev, &frame)?;
    let sdk = customer.launch["sdk"]["url"].as_str().context("no SDK")?;
    assert!(sdk.starts_with(&sandbox), "{sdk}");
    assert!(get_text(sdk.to_owned()).await?.contains("FB"), "{sdk}");
    customer.connect().await?;
    operator_reads_the_signup(&dev).await?;

    dev.interrupt()?;
    dev.wait_until_stopped().await
}

/// The operator's commands talk to this `dev`, where no Worker is named.
async fn operator_reads_the_signup(dev: &DevProcess) -> Result<()> {
    let connected = ["signups", "demo", "--status", "connected", "--json"];
    let page: Value = serde_json::from_str(&dev.run_task(&connected).await?)?;
    let id = page["signups"][0]["id"].as_str().context("no signup")?;
    let details = dev.run_task(&["signup", "demo", id]).await?;
    assert!(details.contains("signup.connected"), "{details}");
    let events = dev.run_task(&["events", "demo", "--after", "0"]).await?;
    assert!(events.contains(id), "{events}");
    let csv = dev.run_task(&["export", "demo"]).await?;
    assert!(csv.contains(&format!("\n{id},connected,")), "{csv}");
    Ok(())
}
