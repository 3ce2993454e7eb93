//! The back ends of `examples/`: each creates a session, verifies events, fetches the business token and sends the first
//! message.

use crate::customer::Customer;
use crate::dev_process::DevProcess;
use crate::example_process::{EXAMPLES, ExampleProcess, RECIPIENT};
use anyhow::{Context, Result};
use embark_tests::http_client;
use reqwest::Client;
use serde_json::Value;

#[tokio::test]
async fn each_example_verifies_events_and_sends_the_first_message() -> Result<()> {
    let mut dev = DevProcess::start()?;
    dev.wait_for_output("Embark is running").await?;
    let client = http_client::for_localhost()?;
    let create = ["--name", "example", "--scope", "write,token"];
    let token = [&["backend", "token", "demo"], &create[..]].concat();
    let token = dev.run_task(&token).await?;
    let mut secret = String::new();
    for (already_sent, example) in EXAMPLES.into_iter().enumerate() {
        let (_, name, _) = example;
        // The secret is printed with the first address, and stays.
        let unused = "http://localhost:9/events";
        if secret.is_empty() {
            secret = dev
                .run_task(&["backend", "endpoint", "demo", unused])
                .await?;
        }
        let server = ExampleProcess::start(example, &dev, &token, &secret).await?;
        let endpoint = server.url("/events");
        dev.run_task(&["backend", "endpoint", "demo", &endpoint])
            .await?;
        connect(&client, &dev, &server).await.context(name)?;
        let output = server.wait_for_output("is connected; sent wamid.").await;
        let output = output.with_context(|| dev.output())?;
        assert!(
            output.contains("customer-7 is connected"),
            "{name}: {output}"
        );
        let sent = sent_messages(&client, &dev).await?;
        assert_eq!(sent, already_sent + 1, "{name}: {output}");
        let unsigned = client.post(&endpoint).body("{}").send().await?;
        assert_eq!(unsigned.status().as_u16(), 401, "{name}");
    }
    dev.interrupt()?;
    dev.wait_until_stopped().await
}

/// Connects a number on the example's page, as its tag does.
async fn connect(client: &Client, dev: &DevProcess, server: &ExampleProcess) -> Result<()> {
    let page = client.get(server.url("/")).send().await?;
    let page = page.error_for_status()?.text().await?;
    let tag = |name: &str| {
        let (_, value) = page.split_once(&format!("{name}=\""))?;
        Some(value.split_once('"')?.0.to_owned())
    };
    let session = tag("data-session").with_context(|| page.clone())?;
    assert_eq!(tag("data-site").as_deref(), Some("demo"));
    assert_eq!(tag("data-edge"), Some(dev.worker_url()));
    let query = [
        ("site", "demo"),
        ("host", &dev.website_url()),
        ("session", &session),
    ];
    let frame = client.get(format!("{}/frame", dev.worker_url()));
    let frame = frame.query(&query).send().await?.error_for_status()?;
    let frame = frame.text().await?;
    Customer::from_frame(client, dev, &frame)?.connect().await
}

/// How many messages were sent to the recipient.
async fn sent_messages(client: &Client, dev: &DevProcess) -> Result<usize> {
    let log = format!("{}/_sandbox/log", dev.sandbox_url());
    let log = client
        .get(log)
        .query(&[("path", "*/messages"), ("effect", "true")]);
    let sent: Vec<Value> = log.send().await?.json().await?;
    let to_recipient = |request: &&Value| request["body"]["to"] == RECIPIENT;
    Ok(sent.iter().filter(to_recipient).count())
}
