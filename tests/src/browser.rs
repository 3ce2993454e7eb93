//! A browser under WebDriver, with data of its own and the host names of a test mapped to this machine:
//! Chromium, or Firefox if `EMBARK_BROWSER=firefox`.

use anyhow::Result;
use fantoccini::Client;
use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use futures_util::future::LocalBoxFuture;
use reqwest::{Method, Url};
use serde_json::{Value, json};

/// A browser for one test. Nothing of an earlier test is in it: no window, data of a site, cache or connection. What the test
/// leaves in it ends with the value.
pub struct Browser {
    pub kind: BrowserKind,
    pub client: Client,
    pub(crate) engine: Box<dyn Engine>,
}

/// What a kind of browser does in its own way. It gives the browser back, or ends it, with the value.
pub(crate) trait Engine {
    /// As [`Browser::open_tab`].
    fn open_tab(&self) -> LocalBoxFuture<'_, Result<()>>;
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
    /// `None`: the browser's own. Only Chromium takes another.
    pub user_agent: Option<&'o str>,
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

    /// Opens an empty page in a new tab. The current window stays the same.
    ///
    /// # Errors
    /// The browser does not answer.
    pub async fn open_tab(&self) -> Result<()> {
        self.engine.open_tab().await
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

/// A WebDriver command outside of the standard: `POST /session/{id}/{endpoint}`.
#[derive(Debug)]
pub(crate) struct PostCommand {
    pub endpoint: &'static str,
    pub body: Value,
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
