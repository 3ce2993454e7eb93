//! A test's Firefox: a session that tests use one after another, emptied before each. A proxy resolves the host names that
//! the test has.

use crate::browser::{Browser, BrowserKind, BrowserOptions, Engine, PostCommand};
use crate::environment::path_from_env;
use crate::firefox_profile;
use crate::pool::Pool;
use crate::process_end::EndOfGroup;
use crate::proxy::Proxy;
use crate::runtime;
use crate::webdriver::{self, SCRIPT_TIMEOUT_MS};
use anyhow::{Context, Result, ensure};
use fantoccini::Client;
use futures_util::future::LocalBoxFuture;
use process_wrap::tokio::{ChildWrapper, CommandWrap, ProcessGroup};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use tokio::process::Command;
use tokio::time::timeout;

/// A running Firefox with its driver. Both are killed with the value, and with this process.
pub struct FirefoxSession {
    client: Client,
    proxy: Proxy,
    _driver: Box<dyn ChildWrapper>,
    _end: EndOfGroup,
}

/// What a test has of it.
pub struct FirefoxLease {
    /// `None` once it is given back.
    session: Option<FirefoxSession>,
    /// Whether other tests may use it: it has no preference for this test alone.
    is_shared: bool,
}

pub async fn start(options: &BrowserOptions<'_>) -> Result<Browser> {
    let is_shared = !options.dark && !options.reduced_motion;
    let mut emptied = None;
    while let Some(session) = is_shared.then(|| IDLE.take()).flatten() {
        // One that cannot be emptied is ended.
        if let Ok(Ok(())) = timeout(EMPTY_TIMEOUT, session.empty()).await {
            emptied = Some(session);
            break;
        }
    }
    let session = match emptied {
        Some(session) => session,
        None => FirefoxSession::start(options).await?,
    };
    session.proxy.set_hosts(options.hosts);
    Ok(Browser {
        kind: BrowserKind::Firefox,
        client: session.client.clone(),
        engine: Box::new(FirefoxLease {
            session: Some(session),
            is_shared,
        }),
    })
}

impl FirefoxSession {
    async fn start(options: &BrowserOptions<'_>) -> Result<Self> {
        let profile = firefox_profile::create(visit).await?;
        let proxy = runtime::run(Proxy::start()).await?;
        let capabilities = capabilities(options, proxy.port, profile.path())?;
        let (driver, client) = start_driver(capabilities).await?;
        let group = driver.id().context("the driver has exited")?;
        Ok(Self {
            client,
            proxy,
            _driver: driver,
            _end: EndOfGroup::new(group, profile)?,
        })
    }

    /// Closes every window but an empty one, and removes cookies, storage, caches, permissions and all other data of sites
    /// (<https://searchfox.org/mozilla-central/source/toolkit/components/cleardata/nsIClearDataService.idl>).
    async fn empty(&self) -> Result<()> {
        self.post("moz/context", json!({"context": "chrome"}))
            .await?;
        let body = json!({"script": EMPTY, "args": []});
        let failed = self.post("execute/async", body).await;
        self.post("moz/context", json!({"context": "content"}))
            .await?;
        ensure!(failed? == json!(0), "data is left");
        let windows = self.client.windows().await?;
        ensure!(windows.len() == 1, "{windows:?}");
        for window in windows {
            self.client.switch_to_window(window).await?;
        }
        Ok(())
    }

    async fn post(&self, endpoint: &'static str, body: Value) -> Result<Value> {
        Ok(self
            .client
            .issue_cmd(PostCommand { endpoint, body })
            .await?)
    }
}

impl Engine for FirefoxLease {
    fn open_tab(&self) -> LocalBoxFuture<'_, Result<()>> {
        Box::pin(async {
            let session = self.session.as_ref().context("the lease has ended")?;
            session.client.new_window(true).await?;
            Ok(())
        })
    }
}

impl Drop for FirefoxLease {
    fn drop(&mut self) {
        if let Some(session) = self.session.take()
            && self.is_shared
        {
            // No page of this test reaches a server of the next one.
            session.proxy.set_hosts(&[]);
            IDLE.put(session);
        }
    }
}

/// Starts Firefox in a profile, opens no page, and ends it.
async fn visit(profile: &Path) -> Result<()> {
    let proxy = runtime::run(Proxy::start()).await?;
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
    // Scripts with the browser's own rights empty a session.
    command.args(["--port=0", "--websocket-port=0", "--allow-system-access"]);
    let mut command = CommandWrap::from(command);
    // Firefox outlives a driver that is killed: both are killed as one process group.
    command.wrap(ProcessGroup::leader());
    runtime::run(webdriver::start(
        command,
        "Listening on 127.0.0.1:",
        capabilities,
    ))
    .await
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

/// Returns 0 if everything was removed.
const EMPTY: &str = r#"
  const done = arguments[arguments.length - 1];
  const windows = [...Services.wm.getEnumerator("navigator:browser")];
  // Not a popup.
  const main = windows.find(({ toolbar }) => toolbar.visible);
  const empty = main.gBrowser.addTrustedTab("about:blank", { skipAnimation: true });
  main.gBrowser.selectedTab = empty;
  for (const tab of [...main.gBrowser.tabs])
    if (tab !== empty) main.gBrowser.removeTab(tab, { animate: false, skipPermitUnload: true });
  for (const one of windows) if (one !== main) one.close();
  Services.obs.notifyObservers(null, "net:cancel-all-connections");
  Services.clearData.deleteData(Ci.nsIClearDataService.CLEAR_ALL, done);
"#;
const EMPTY_TIMEOUT: Duration = Duration::from_secs(30);
static IDLE: Pool<FirefoxSession> = Pool::new();
