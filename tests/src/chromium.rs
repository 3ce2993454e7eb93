//! Starts Chromium through chromedriver.

use crate::browser::{Browser, BrowserKind, BrowserOptions};
use crate::environment::{claim_ports, path_from_env};
use crate::webdriver::{self, SCRIPT_TIMEOUT_MS};
use anyhow::Result;
use process_wrap::tokio::CommandWrap;
use serde_json::{Value, json};
use std::path::Path;
use tokio::process::Command;

pub async fn start(options: &BrowserOptions<'_>) -> Result<Browser> {
    let profile = tempfile::tempdir()?;
    // With --port=0 it chooses a port that is free on one loopback address, and exits if the port is in use
    // on the other.
    let port = claim_ports(1)?;
    let mut command = Command::new(path_from_env("EMBARK_CHROMEDRIVER")?);
    command.arg(format!("--port={}", port.first));
    let capabilities = capabilities(options, profile.path())?;
    let (driver, client) = webdriver::start(
        CommandWrap::from(command),
        "started successfully on port ",
        capabilities,
    )
    .await?;
    Ok(Browser {
        kind: BrowserKind::Chromium,
        client,
        driver,
        profile,
        _proxy: None,
        _port: Some(port),
    })
}

fn capabilities(options: &BrowserOptions<'_>, profile: &Path) -> Result<Value> {
    let hosts = options.hosts.iter();
    let mut rules: Vec<String> = hosts
        .map(|(host, port)| format!("MAP {host}:443 127.0.0.1:{port}"))
        .collect();
    // No request of a test leaves this machine.
    rules.push("MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost".to_owned());
    let mut args: Vec<String> = ARGS.iter().map(|arg| (*arg).to_owned()).collect();
    args.push(format!("--host-resolver-rules={}", rules.join(", ")));
    args.push(format!(
        "--ignore-certificate-errors-spki-list={}",
        options.spki_sha256
    ));
    args.push(format!("--user-data-dir={}", profile.display()));
    if options.reduced_motion {
        args.push("--force-prefers-reduced-motion".to_owned());
    }
    let scheme = if options.dark { 0 } else { 1 };
    args.push(format!("--blink-settings=preferredColorScheme={scheme}"));
    Ok(json!({
        "browserName": "chrome",
        // Navigation commands return before every resource is loaded: the SDK of a frame may never load.
        "pageLoadStrategy": "eager",
        "timeouts": {"script": SCRIPT_TIMEOUT_MS},
        "goog:loggingPrefs": {"browser": "ALL"},
        "goog:chromeOptions": {
            "binary": path_from_env("EMBARK_CHROMIUM")?,
            "args": args,
            // The driver turns the popup blocker off; for people it is on.
            "excludeSwitches": ["disable-popup-blocking"],
        },
    }))
}

const ARGS: &[&str] = &[
    // The browser exits when the driver's end of the pipe is closed, also when the driver is killed.
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
    "--lang=en-US",
];
