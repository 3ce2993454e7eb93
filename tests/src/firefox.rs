//! Firefox through its driver, with the same names as Chromium's, which a proxy knows.

use crate::browser::{Browser, Setting};
use crate::driver;
use crate::proxy::Proxy;
use crate::tools::{Scratch, from_env};
use anyhow::Result;
use serde_json::{Value, json};
use tokio::process::Command;

pub async fn start(setting: &Setting<'_>) -> Result<Browser> {
    let profile = Scratch::new()?;
    let proxy = Proxy::start(setting.names).await?;
    let mut command = Command::new(from_env("EMBARK_GECKODRIVER")?);
    command
        .args(["--port=0", "--websocket-port=0", "--profile-root"])
        .arg(profile.path())
        // The browser is in its driver's group: both end together.
        .process_group(0);
    let capabilities = capabilities(setting, proxy.port)?;
    let (driver, client) =
        driver::start(&mut command, "Listening on 127.0.0.1:", capabilities).await?;
    Ok(Browser {
        client,
        driver,
        profile,
        proxy: Some(proxy),
        _port: None,
    })
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
