//! Starts Firefox through geckodriver. A proxy resolves the host names that Chromium maps by a switch.

use crate::browser::{Browser, BrowserKind, BrowserOptions};
use crate::environment::path_from_env;
use crate::firefox_profile;
use crate::proxy::Proxy;
use crate::webdriver::{self, SCRIPT_TIMEOUT_MS};
use anyhow::Result;
use fantoccini::Client;
use process_wrap::tokio::{ChildWrapper, CommandWrap, ProcessGroup};
use serde_json::{Value, json};
use std::path::Path;
use tokio::process::Command;

pub async fn start(options: &BrowserOptions<'_>) -> Result<Browser> {
    let profile = firefox_profile::create(visit).await?;
    let proxy = Proxy::start(options.hosts).await?;
    let capabilities = capabilities(options, proxy.port, profile.path())?;
    let (driver, client) = start_driver(capabilities).await?;
    Ok(Browser {
        kind: BrowserKind::Firefox,
        client,
        driver,
        profile,
        _proxy: Some(proxy),
        _port: None,
    })
}

/// Starts Firefox in a profile, opens no page, and ends it.
async fn visit(profile: &Path) -> Result<()> {
    let proxy = Proxy::start(&[]).await?;
    let options = BrowserOptions {
        spki_sha256: "",
        hosts: &[],
        dark: false,
        reduced_motion: false,
        user_agent: None,
    };
    let capabilities = capabilities(&options, proxy.port, profile)?;
    let (mut driver, client) = start_driver(capabilities).await?;
    firefox_profile::until_written().await;
    // Firefox writes the rest when it ends, before the driver answers.
    client.close().await?;
    driver.start_kill()?;
    Ok(())
}

async fn start_driver(capabilities: Value) -> Result<(Box<dyn ChildWrapper>, Client)> {
    let mut command = Command::new(path_from_env("EMBARK_GECKODRIVER")?);
    command.args(["--port=0", "--websocket-port=0"]);
    let mut command = CommandWrap::from(command);
    // Firefox outlives a driver that is killed: both are killed as one process group.
    command.wrap(ProcessGroup::leader());
    webdriver::start(command, "Listening on 127.0.0.1:", capabilities).await
}

fn capabilities(options: &BrowserOptions<'_>, proxy_port: u16, profile: &Path) -> Result<Value> {
    let proxy = format!("127.0.0.1:{proxy_port}");
    Ok(json!({
        "browserName": "firefox",
        "acceptInsecureCerts": true,
        "pageLoadStrategy": "eager",
        "timeouts": {"script": SCRIPT_TIMEOUT_MS},
        "proxy": {"proxyType": "manual", "sslProxy": proxy, "httpProxy": proxy},
        "moz:firefoxOptions": {
            "binary": path_from_env("EMBARK_FIREFOX")?,
            "args": ["-headless", "-profile", profile],
            "prefs": {
                "intl.accept_languages": "en-US, en",
                "ui.systemUsesDarkTheme": i32::from(options.dark),
                "ui.prefersReducedMotion": i32::from(options.reduced_motion),
                // The driver turns the popup blocker off; for people it is on.
                "dom.disable_open_during_load": true,
                "network.captive-portal-service.enabled": false,
                "network.connectivity-service.enabled": false,
            },
        },
    }))
}
