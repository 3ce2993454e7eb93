//! A test's Chromium: a context in a process that tests share, and a chromedriver of its own.

use crate::browser::{Browser, BrowserKind, BrowserOptions, Engine};
use crate::chromium_process::{ChromiumProcess, ContextId};
use crate::environment::{claim_ports, path_from_env};
use crate::pool::Pool;
use crate::proxy::Proxy;
use crate::webdriver::{self, SCRIPT_TIMEOUT_MS};
use anyhow::{Context, Result};
use embark_ports::Block;
use futures_util::future::LocalBoxFuture;
use process_wrap::tokio::{ChildWrapper, CommandWrap};
use serde_json::json;
use std::cell::RefCell;
use tokio::process::Command;

/// A context in a running Chromium. The context ends with the value.
pub struct ChromiumContext {
    /// `None` once it is ended.
    process: RefCell<Option<ChromiumProcess>>,
    context: ContextId,
    /// Whether other tests may use the process: it has no switch for this test alone.
    is_shared: bool,
    driver: Box<dyn ChildWrapper>,
    /// Resolves host names.
    _proxy: Proxy,
    /// The driver's.
    _port: Block,
}

pub async fn start(options: &BrowserOptions<'_>) -> Result<Browser> {
    let is_shared = !options.dark && !options.reduced_motion && options.user_agent.is_none();
    let idle = is_shared.then(|| IDLE.take()).flatten();
    let mut process = match idle {
        Some(process) => process,
        None => ChromiumProcess::start(options)?,
    };
    let proxy = Proxy::start().await?;
    proxy.set_hosts(options.hosts);
    let context = process.open_context(proxy.port)?;
    // With --port=0 it chooses a port that is free on one loopback address, and exits if the port is in use
    // on the other.
    let port = claim_ports(1)?;
    let mut command = Command::new(path_from_env("EMBARK_CHROMEDRIVER")?);
    command.arg(format!("--port={}", port.first));
    let capabilities = json!({
        "browserName": "chrome",
        // Navigation commands return before every resource is loaded: the SDK of a frame may never load.
        "pageLoadStrategy": "eager",
        "timeouts": {"script": SCRIPT_TIMEOUT_MS},
        "goog:loggingPrefs": {"browser": "ALL"},
        "goog:chromeOptions": {"debuggerAddress": format!("127.0.0.1:{}", process.port)},
    });
    let (driver, client) = webdriver::start(
        CommandWrap::from(command),
        "started successfully on port ",
        capabilities,
    )
    .await?;
    let context = ChromiumContext {
        process: RefCell::new(Some(process)),
        context,
        is_shared,
        driver,
        _proxy: proxy,
        _port: port,
    };
    Ok(Browser {
        kind: BrowserKind::Chromium,
        client,
        engine: Box::new(context),
    })
}

impl ChromiumContext {
    fn open_page(&self) -> Result<()> {
        let mut process = self.process.borrow_mut();
        let process = process.as_mut().context("the context has ended")?;
        process.open_page(&self.context, false)
    }
}

impl Engine for ChromiumContext {
    fn open_tab(&self) -> LocalBoxFuture<'_, Result<()>> {
        // The driver would open it outside of the context.
        Box::pin(async { self.open_page() })
    }
}

impl Drop for ChromiumContext {
    fn drop(&mut self) {
        // It may have exited.
        let _ = self.driver.start_kill();
        if let Some(mut process) = self.process.take()
            && self.is_shared
            && process.close_context(&self.context).is_ok()
        {
            IDLE.put(process);
        }
    }
}

static IDLE: Pool<ChromiumProcess> = Pool::new();
