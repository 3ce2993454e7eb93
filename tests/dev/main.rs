//! `cargo xtask dev` as a developer starts it: one command serves everything, needs no account, and stops
//! everything it started.

mod customer;
mod dev_process;
mod example_process;
mod examples;

use anyhow::{Context, Result, ensure};
use customer::Customer;
use dev_process::DevProcess;
use embark_tests::http_client;
use serde_json::Value;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
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
    let customer = Customer::from_frame(&client, &dev, &frame)?;
    let sdk = customer.launch["sdk"]["url"].as_str().context("no SDK")?;
    assert!(sdk.starts_with(&sandbox), "{sdk}");
    assert!(get_text(sdk.to_owned()).await?.contains("FB"), "{sdk}");
    customer.connect().await?;
    operator_reads_the_signup(&dev).await?;
    upload_that_breaks_off_ends_nothing(&dev).await?;

    // What an operator has changed of the demo's settings is kept.
    let printed = dev
        .run_task(&["site", "add", "demo", "--messages", "forward"])
        .await?;
    let url = dev.worker_url();
    // The tag to put on the page.
    for part in [
        format!("src=\"{url}/embark.js\""),
        format!("data-edge=\"{url}\""),
        "data-site=\"demo\"".to_owned(),
    ] {
        ensure!(printed.contains(&part), "{part} is not in {printed}");
    }
    dev.interrupt()?;
    dev.wait_until_stopped().await?;
    let mut dev = dev.start_again()?;
    dev.wait_for_output("Embark is running").await?;
    assert_eq!(demo_settings(&dev).await?["messages"]["mode"], "forward");
    dev.interrupt()?;
    dev.wait_until_stopped().await
}

/// A client leaves in the middle of a body that is larger than any that is read: the Worker, or another one with what it has
/// stored, goes on serving.
async fn upload_that_breaks_off_ends_nothing(dev: &DevProcess) -> Result<()> {
    let authority = dev.worker_url().replace("http://", "");
    let head = format!(
        "POST /v1/sites/demo/sessions HTTP/1.1\r\nhost: {authority}\r\ncontent-length: 20000000\r\n\r\n"
    );
    for size in [1_000, 12_000_000] {
        let mut stream = TcpStream::connect(&authority).await?;
        stream.write_all(head.as_bytes()).await?;
        // The server may have answered and closed by then.
        let _unread = stream.write_all(&vec![b'x'; size]).await;
        drop(stream);
        // Whatever ends because of it has ended by then.
        sleep(Duration::from_secs(2)).await;
        let mut result = operator_reads_the_signup(dev).await;
        for _ in 0..60 {
            if result.is_ok() {
                break;
            }
            sleep(Duration::from_secs(1)).await;
            result = operator_reads_the_signup(dev).await;
        }
        result.with_context(|| dev.output())?;
    }
    Ok(())
}

async fn demo_settings(dev: &DevProcess) -> Result<Value> {
    Ok(serde_json::from_str(
        &dev.run_task(&["site", "show", "demo", "--json"]).await?,
    )?)
}

/// The operator's commands talk to this `dev`, where no Worker is named.
async fn operator_reads_the_signup(dev: &DevProcess) -> Result<()> {
    let connected = ["signups", "demo", "--status", "connected", "--json"];
    let page: Value = serde_json::from_str(&dev.run_task(&connected).await?)?;
    let id = page["signups"][0]["id"].as_str().context("no signup")?;
    let details = dev.run_task(&["signup", "demo", id]).await?;
    assert!(details.contains("signup.connected"), "{details}");
    let checks = dev.run_task(&["doctor", "demo"]).await?;
    assert!(
        checks.contains("Meta accepts app id and app secret."),
        "{checks}"
    );
    let events = dev.run_task(&["events", "demo", "--after", "0"]).await?;
    assert!(events.contains(id), "{events}");
    let csv = dev.run_task(&["export", "demo"]).await?;
    assert!(csv.contains(&format!("\n{id},connected,")), "{csv}");
    Ok(())
}
