//! A browser through its driver, with a profile of its own, and with the names of these tests mapped to this
//! machine: Chromium, or Firefox where `EMBARK_BROWSER=firefox`.

use crate::proxy::Proxy;
use crate::tools::Scratch;
use crate::{chrome, firefox};
use anyhow::Result;
use embark_ports::Block;
use fantoccini::Client;
use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use reqwest::{Method, Url};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tokio::process::Child;

/// A running browser. It ends with the value.
pub struct Browser {
    pub client: Client,
    pub(crate) driver: Child,
    pub(crate) profile: Scratch,
    /// Of Firefox.
    pub(crate) proxy: Option<Proxy>,
    /// The driver's, where it was given one.
    pub(crate) _port: Option<Block>,
}

/// What a browser is started with.
pub struct Setting<'s> {
    /// Whose certificate to trust.
    pub spki_sha256: &'s str,
    /// `(name or pattern, port on 127.0.0.1)`, for https. Names that are not here do not resolve.
    pub names: &'s [(&'s str, u16)],
    pub dark: bool,
    /// Whether the person asked for less motion.
    pub calm: bool,
}

impl Browser {
    pub async fn start(setting: &Setting<'_>) -> Result<Self> {
        if std::env::var("EMBARK_BROWSER").as_deref() == Ok("firefox") {
            firefox::start(setting).await
        } else {
            chrome::start(setting).await
        }
    }

    pub fn is_chromium(&self) -> bool {
        self.proxy.is_none()
    }

    /// Firefox is in its driver's group: both end together.
    fn end_group(&self) {
        let id = self.driver.id().and_then(|id| i32::try_from(id).ok());
        if let Some(group) = id.and_then(Pid::from_raw) {
            // Whoever has ended already needs no end.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    /// Chromium ends when its driver does, and writes into its profile, which is removed next, until then.
    fn end_driver(&mut self) {
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

impl Drop for Browser {
    fn drop(&mut self) {
        if self.is_chromium() {
            self.end_driver();
        } else {
            self.end_group();
        }
    }
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

const ENDS_WITHIN: Duration = Duration::from_secs(5);
