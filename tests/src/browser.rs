//! A browser under WebDriver, with a profile of its own and the host names of a test mapped to this machine:
//! Chromium, or Firefox if `EMBARK_BROWSER=firefox`.

use crate::proxy::Proxy;
use anyhow::Result;
use embark_ports::Block;
use fantoccini::Client;
use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use process_wrap::tokio::ChildWrapper;
use reqwest::{Method, Url};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A running browser. It is killed with the value.
pub struct Browser {
    pub kind: BrowserKind,
    pub client: Client,
    pub(crate) driver: Box<dyn ChildWrapper>,
    pub(crate) profile: TempDir,
    /// Resolves host names for Firefox; `None` for Chromium.
    pub(crate) _proxy: Option<Proxy>,
    /// The driver's port, if the driver does not choose one itself.
    pub(crate) _port: Option<Block>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrowserKind {
    Chromium,
    Firefox,
}

pub struct BrowserOptions<'o> {
    /// Of the certificate to trust, see [`crate::certificate::Certificate::spki_sha256`]. Firefox trusts any.
    pub spki_sha256: &'o str,
    /// `(host name or *.domain, port on 127.0.0.1)` for HTTPS. No other host name resolves.
    pub hosts: &'o [(&'o str, u16)],
    /// `prefers-color-scheme: dark`.
    pub dark: bool,
    /// `prefers-reduced-motion: reduce`.
    pub reduced_motion: bool,
}

impl BrowserKind {
    /// The browser of this run.
    pub fn from_env() -> Self {
        match std::env::var("EMBARK_BROWSER").as_deref() {
            Ok("firefox") => Self::Firefox,
            _ => Self::Chromium,
        }
    }
}

impl Browser {
    pub fn is_chromium(&self) -> bool {
        self.kind == BrowserKind::Chromium
    }

    /// Sends a command of the Chrome DevTools Protocol to the current page. Chromium only.
    pub async fn devtools(&self, command: &str, params: Value) -> Result<Value, CmdError> {
        let body = json!({"cmd": command, "params": params});
        let endpoint = "goog/cdp/execute";
        self.client.issue_cmd(PostCommand { endpoint, body }).await
    }

    /// What pages printed to the console since the last call. Empty where the driver cannot tell (Firefox).
    pub async fn console(&self) -> Vec<String> {
        let (endpoint, body) = ("se/log", json!({"type": "browser"}));
        let lines = self.client.issue_cmd(PostCommand { endpoint, body }).await;
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
    /// Chromium exits when its driver does, and until then writes into its profile, which is removed next:
    /// waits for the exit. Firefox is killed with its driver, as both are in one process group.
    fn drop(&mut self) {
        let command_line = chromium_command_line(self.profile.path());
        if self.driver.start_kill().is_err() {
            return;
        }
        let started = Instant::now();
        // Empty once the process has exited, even if nobody has reaped it.
        while command_line
            .as_ref()
            .is_some_and(|file| std::fs::read(file).is_ok_and(|text| !text.is_empty()))
            && started.elapsed() < EXIT_TIMEOUT
        {
            sleep(Duration::from_millis(20));
        }
    }
}

/// `/proc/{pid}/cmdline` of the Chromium that uses this profile; `None` for another browser.
fn chromium_command_line(profile: &Path) -> Option<PathBuf> {
    // A symbolic link to `<host name>-<pid>`, which does not exist as a file.
    let lock = std::fs::read_link(profile.join("SingletonLock")).ok()?;
    let pid = lock.to_str()?.rsplit('-').next()?;
    Some(Path::new("/proc").join(pid).join("cmdline"))
}

/// A WebDriver command outside of the standard: `POST /session/{id}/{endpoint}`.
#[derive(Debug)]
struct PostCommand {
    endpoint: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for PostCommand {
    fn endpoint(
        &self,
        base: &Url,
        session: Option<&str>,
    ) -> std::result::Result<Url, <Url as std::str::FromStr>::Err> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/{}", self.endpoint))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

const EXIT_TIMEOUT: Duration = Duration::from_secs(30);
