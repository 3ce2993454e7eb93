//! Firefox through its driver, with the same names as Chromium's, which a proxy knows.

use crate::browser::{Browser, Setting};
use crate::proxy::Proxy;
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
    let proxy = Proxy::start(setting.names).await?;
    let mut driver = Command::new(from_env("EMBARK_GECKODRIVER")?)
        .args(["--port=0", "--websocket-port=0", "--profile-root"])
        .arg(profile.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        // The browser is in its driver's group: both end together.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .context("geckodriver does not start")?;
    let port = timeout(STARTS_WITHIN, port(&mut driver))
        .await
        .context("geckodriver does not say its port")??;
    let Value::Object(capabilities) = capabilities(setting, proxy.port)? else {
        anyhow::bail!("capabilities are an object");
    };
    let client = ClientBuilder::new(HttpConnector::new())
        .capabilities(capabilities)
        .connect(&format!("http://127.0.0.1:{port}"))
        .await
        .context("Firefox does not start")?;
    Ok(Browser {
        client,
        driver,
        profile,
        proxy: Some(proxy),
    })
}

async fn port(driver: &mut Child) -> Result<u16> {
    let stdout = driver.stdout.take().context("no stdout")?;
    let mut lines = BufReader::new(stdout).lines();
    while let Some(line) = lines.next_line().await? {
        if let Some((_, port)) = line.split_once("Listening on 127.0.0.1:") {
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(port.trim().parse()?);
        }
    }
    anyhow::bail!("geckodriver ended")
}

fn capabilities(setting: &Setting<'_>, proxy: u16) -> Result<Value> {
    let proxy = format!("127.0.0.1:{proxy}");
    Ok(json!({
        "browserName": "firefox",
        "acceptInsecureCerts": true,
        "pageLoadStrategy": "eager",
        "proxy": {"proxyType": "manual", "sslProxy": proxy, "httpProxy": proxy},
        "moz:firefoxOptions": {
            "binary": from_env("EMBARK_FIREFOX")?,
            "args": ["-headless"],
            "prefs": {
                "intl.accept_languages": "en-US, en",
                "ui.systemUsesDarkTheme": i32::from(setting.dark),
                "ui.prefersReducedMotion": i32::from(setting.calm),
                // The driver switches the popup blocker off; people have it on.
                "dom.disable_open_during_load": true,
                "network.captive-portal-service.enabled": false,
                "network.connectivity-service.enabled": false,
            },
        },
    }))
}

const STARTS_WITHIN: Duration = Duration::from_secs(30);
