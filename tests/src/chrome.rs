//! Chromium: how it is started.

use crate::browser::{Browser, Setting};
use crate::driver;
use crate::tools::{Scratch, claim_ports, from_env};
use anyhow::Result;
use serde_json::{Value, json};
use tokio::process::Command;

pub async fn start(setting: &Setting<'_>) -> Result<Browser> {
    let profile = Scratch::new()?;
    // Left to itself it draws a port on one loopback address, and ends where that is taken on the other.
    let port = claim_ports(1)?;
    let mut command = Command::new(from_env("EMBARK_CHROMEDRIVER")?);
    command.arg(format!("--port={}", port.first));
    let capabilities = capabilities(setting, &profile)?;
    let before = "started successfully on port ";
    let (driver, client) = driver::start(&mut command, before, capabilities).await?;
    Ok(Browser {
        client,
        driver,
        profile,
        proxy: None,
        _port: Some(port),
    })
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
