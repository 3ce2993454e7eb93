//! A browser's driver: started, asked for its port, and given what the browser shall be like.

use anyhow::{Context, Result, bail};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::Value;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Starts a driver that prints its port behind the words `before`; gives it with a session of its browser.
pub async fn start(
    command: &mut Command,
    before: &str,
    capabilities: Value,
) -> Result<(Child, Client)> {
    let mut driver = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("the driver does not start")?;
    let port = timeout(STARTS_WITHIN, port(&mut driver, before))
        .await
        .context("the driver does not say its port")??;
    let Value::Object(capabilities) = capabilities else {
        bail!("capabilities are an object");
    };
    let client = ClientBuilder::new(HttpConnector::new())
        .capabilities(capabilities)
        .connect(&format!("http://127.0.0.1:{port}"))
        .await
        .context("the browser does not start")?;
    Ok((driver, client))
}

async fn port(driver: &mut Child, before: &str) -> Result<u16> {
    let stdout = driver.stdout.take().context("no stdout")?;
    let mut lines = BufReader::new(stdout).lines();
    let mut said = String::new();
    while let Some(line) = lines.next_line().await? {
        if let Some((_, port)) = line.split_once(before) {
            // Read on, lest the driver waits for its own words to be heard.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(port.trim().trim_end_matches('.').parse()?);
        }
        said.push_str(&line);
        said.push('\n');
    }
    bail!("the driver ended:\n{said}")
}

const STARTS_WITHIN: Duration = Duration::from_secs(30);
