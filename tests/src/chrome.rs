//! Chromium through its driver, with a profile of its own, and with the names of these tests mapped to
//! this machine.

use crate::tools::{Scratch, from_env};
use anyhow::{Context, Result};
use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use serde_json::{Value, json};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// A running browser. It ends with the value: the driver is killed, and the browser dies with its driver.
pub struct Chrome {
    pub client: Client,
    driver: Child,
    profile: Scratch,
}

/// What a browser is started with.
pub struct Setting<'s> {
    /// Whose certificate to trust.
    pub spki_sha256: &'s str,
    /// `(name or pattern, port on 127.0.0.1)`, for https. Names that are not here do not resolve.
    pub names: &'s [(&'s str, u16)],
    pub dark: bool,
}

impl Drop for Chrome {
    /// Waits for the browser's end: until then it writes into its profile, which is removed next.
    fn drop(&mut self) {
        // A link whose target is called `<host>-<process id>`.
        let lock = std::fs::read_link(self.profile.path().join("SingletonLock"));
        let browser = lock.unwrap_or_default();
        let id = browser.to_str().and_then(|name| name.rsplit('-').next());
        let words = format!("/proc/{}/cmdline", id.unwrap_or_default());
        let killed = self.driver.start_kill();
        let started = Instant::now();
        // A process that has ended has no words any more, whether or not somebody took note.
        while killed.is_ok()
            && std::fs::read(&words).is_ok_and(|words| !words.is_empty())
            && started.elapsed() < ENDS_WITHIN
        {
            sleep(Duration::from_millis(20));
        }
    }
}

impl Chrome {
    pub async fn start(setting: &Setting<'_>) -> Result<Self> {
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
        Ok(Self {
            client,
            driver,
            profile,
        })
    }

    /// A command of Chromium's own protocol, to the current page.
    pub async fn devtools(&self, command: &str, params: Value) -> Result<Value, CmdError> {
        let body = json!({"cmd": command, "params": params});
        let rest = "goog/cdp/execute";
        self.client.issue_cmd(Post { rest, body }).await
    }

    /// What pages printed to the console since the last look, as far as the driver can be asked.
    pub async fn console(&self) -> Vec<String> {
        let (rest, body) = ("se/log", json!({"type": "browser"}));
        let lines = self.client.issue_cmd(Post { rest, body }).await;
        let lines = lines.unwrap_or_default();
        let text = |line: &Value| line["message"].as_str().map(str::to_owned);
        lines
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(text)
            .collect()
    }
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

/// A command that the WebDriver standard does not have.
#[derive(Debug)]
struct Post {
    rest: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Post {
    fn endpoint(
        &self,
        base: &Url,
        session: Option<&str>,
    ) -> std::result::Result<Url, <Url as std::str::FromStr>::Err> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/{}", self.rest))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
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
const ENDS_WITHIN: Duration = Duration::from_secs(5);
