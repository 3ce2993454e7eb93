//! Starts a WebDriver server (chromedriver, geckodriver) and opens a session of its browser.

use anyhow::{Context, Result, bail};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use process_wrap::tokio::{ChildWrapper, CommandWrap, KillOnDrop};
use serde_json::Value;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::ChildStdout;
use tokio::time::timeout;

/// Starts a driver that prints its port after the text `port_prefix`; returns it with a session. The driver is
/// killed when the returned child is dropped.
pub async fn start(
    mut command: CommandWrap,
    port_prefix: &str,
    capabilities: Value,
) -> Result<(Box<dyn ChildWrapper>, Client)> {
    command
        .command_mut()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut driver = command
        .wrap(KillOnDrop)
        .spawn()
        .context("the driver does not start")?;
    let stdout = driver.stdout().take().context("no stdout")?;
    let port = timeout(START_TIMEOUT, read_port(stdout, port_prefix))
        .await
        .context("the driver does not print its port")??;
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

async fn read_port(stdout: ChildStdout, port_prefix: &str) -> Result<u16> {
    let mut lines = BufReader::new(stdout).lines();
    let mut printed = String::new();
    while let Some(line) = lines.next_line().await? {
        if let Some((_, port)) = line.split_once(port_prefix) {
            // Keeps reading: the driver blocks when the pipe is full.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(port.trim().trim_end_matches('.').parse()?);
        }
        printed.push_str(&line);
        printed.push('\n');
    }
    bail!("the driver exited:\n{printed}")
}

/// The longest run of an asynchronous script, also on a busy machine.
pub const SCRIPT_TIMEOUT_MS: u32 = 120_000;
const START_TIMEOUT: Duration = Duration::from_secs(120);
