//! Chromium: how it is started.

use crate::browser::{Browser, Setting};
use crate::tools::{Scratch, from_env};
use anyhow::{Context, Result};
use fantoccini::ClientBuilder;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

pub async fn start(setting: &Setting<'_>) -> Result<Browser> {
    let profile = Scratch::new()?;
    let mut driver = Command::new(from_env("EMBARK_CHROMEDRIVER")?)
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("chromedriver does not start")?;
    let port = timeout(STARTS_WITHIN, port(&mut driver))
        .await
        .context("chromedriver does not say its port")??;
    let Value::Object(capabilities) = capabilities(setting, &profile)? else {
        anyhow::bail!("capabilities are an object");
    };
    let client = ClientBuilder::new(HttpConnector::new())
        .capabilities(capabilities)
        .connect(&format!("http://127.0.0.1:{port}"))
        .await
        .context("Chromium does not start")?;
    Ok(Browser {
        client,
        driver,
        profile,
        proxy: None,
    })
}

async fn port(driver: &mut Child) -> Result<u16> {
    let stdout = driver.stdout.take().context("no stdout")?;
    let mut lines = BufReader::new(stdout).lines();
    while let Some(line) = lines.next_line().await? {
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            // Read on, lest the driver waits for its own words to be heard.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(port.trim_end_matches('.').parse()?);
        }
    }
    anyhow::bail!("chromedriver ended")
}

fn capabilities(setting: &Setting<'_>, profile: &Scratch) -> Result<Value> {
    let names = setting.names.iter();
    let mut rules: Vec<String> = names
        .map(|(name, port)| format!("MAP {name}:443 127.0.0.1:{port}"))
        .collect();
    // Nothing in these tests leaves this machine.
    rules.push("MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost".to_owned());
    let mut args: Vec<String> = ARGS.iter().map(|arg| (*arg).to_owned()).collect();
    args.push(format!("--host-resolver-rules={}", rules.join(", ")));
    args.push(format!(
        "--ignore-certificate-errors-spki-list={}",
        setting.spki_sha256
    ));
    args.push(format!("--user-data-dir={}", profile.path().display()));
    if setting.calm {
        args.push("--force-prefers-reduced-motion".to_owned());
    }
    let scheme = if setting.dark { 0 } else { 1 };
    args.push(format!("--blink-settings=preferredColorScheme={scheme}"));
    Ok(json!({
        "browserName": "chrome",
        // A frame whose SDK never comes must not hold up the driver.
        "pageLoadStrategy": "eager",
        "goog:loggingPrefs": {"browser": "ALL"},
        "goog:chromeOptions": {
            "binary": from_env("EMBARK_CHROMIUM")?,
            "args": args,
            // The driver switches the popup blocker off; people have it on.
            "excludeSwitches": ["disable-popup-blocking"],
        },
    }))
}

const ARGS: &[&str] = &[
    // The browser ends when the other end of the pipe does, however that comes about.
    "--remote-debugging-pipe",
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--lang=en-US",
];
const STARTS_WITHIN: Duration = Duration::from_secs(30);
