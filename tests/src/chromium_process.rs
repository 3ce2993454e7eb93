//! A Chromium that tests use one after another. Each test gets a browser context of its own
//! (<https://chromedevtools.github.io/devtools-protocol/tot/Target/#method-createBrowserContext>): like an incognito window it
//! has its own cookies, storage, caches, permissions and connections, and all of it ends with the context.

use crate::browser::BrowserOptions;
use crate::environment::path_from_env;
use crate::process_end::EndOfGroup;
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// A running Chromium. It is killed with the value, and with this process.
pub struct ChromiumProcess {
    /// For [`crate::webdriver`]: the port of the DevTools protocol on 127.0.0.1.
    pub port: u16,
    stdin: ChildStdin,
    /// What it writes to its end of the pipe, one JSON document each.
    messages: Receiver<Value>,
    last_id: u64,
    child: Child,
    end: Option<EndOfGroup>,
}

/// The id of a browser context.
pub struct ContextId(String);

impl ChromiumProcess {
    /// Starts Chromium without a window. Of the options it takes those that hold for all its contexts.
    ///
    /// # Errors
    /// It is missing, or does not start in time.
    pub fn start(options: &BrowserOptions<'_>) -> Result<Self> {
        let profile = tempfile::tempdir()?;
        let mut child = Command::new("sh")
            // The pipe of the DevTools protocol: 3 to read, 4 to write.
            .args([
                "-c",
                r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1"#,
            ])
            .arg(path_from_env("EMBARK_CHROMIUM")?)
            .args(args(options, profile.path()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .context("Chromium does not start")?;
        let stdin = child.stdin.take().context("no stdin")?;
        let stdout = child.stdout.take().context("no stdout")?;
        let port_file = profile.path().join("DevToolsActivePort");
        let end = EndOfGroup::new(child.id(), profile)?;
        let (sender, messages) = channel();
        std::thread::spawn(move || read_messages(stdout, &sender));
        let mut chromium = Self {
            port: 0,
            stdin,
            messages,
            last_id: 0,
            child,
            end: Some(end),
        };
        chromium.call("Browser.getVersion", json!({}))?;
        chromium.port = read_port(&port_file)?;
        Ok(chromium)
    }

    /// Opens a context with one window; its requests go to the proxy on this port of 127.0.0.1.
    ///
    /// # Errors
    /// Chromium does not answer.
    pub fn open_context(&mut self, proxy_port: u16) -> Result<ContextId> {
        let proxy = json!({"proxyServer": format!("http://127.0.0.1:{proxy_port}")});
        let created = self.call("Target.createBrowserContext", proxy)?;
        let id = created["browserContextId"].as_str().context("no id")?;
        let context = ContextId(id.to_owned());
        self.open_page(&context, true)?;
        Ok(context)
    }

    /// Opens an empty page in a context, in a window or in a tab.
    ///
    /// # Errors
    /// Chromium does not answer.
    pub fn open_page(&mut self, context: &ContextId, in_window: bool) -> Result<()> {
        let page =
            json!({"url": "about:blank", "browserContextId": context.0, "newWindow": in_window});
        self.call("Target.createTarget", page)?;
        Ok(())
    }

    /// Ends a context: closes its windows and forgets its data.
    ///
    /// # Errors
    /// Chromium does not answer, or has a page after it: this process is not to be used again.
    pub fn close_context(&mut self, context: &ContextId) -> Result<()> {
        let params = json!({"browserContextId": context.0});
        self.call("Target.disposeBrowserContext", params)?;
        let contexts = self.call("Target.getBrowserContexts", json!({}))?;
        ensure!(contexts["browserContextIds"] == json!([]), "{contexts}");
        let targets = self.call("Target.getTargets", json!({}))?;
        let all = targets["targetInfos"].as_array().context("no targets")?;
        ensure!(all.iter().all(|one| one["type"] != "page"), "{targets}");
        Ok(())
    }

    /// Sends a command to the browser, and waits for its result.
    fn call(&mut self, method: &str, params: Value) -> Result<Value> {
        self.last_id += 1;
        let command = json!({"id": self.last_id, "method": method, "params": params});
        self.stdin.write_all(format!("{command}\0").as_bytes())?;
        let started = Instant::now();
        loop {
            let left = TIMEOUT.saturating_sub(started.elapsed());
            let message = self
                .messages
                .recv_timeout(left)
                .with_context(|| format!("no reply to {method}"))?;
            if message["id"] == self.last_id {
                let error = &message["error"];
                ensure!(error.is_null(), "{method}: {error}");
                return Ok(message["result"].clone());
            }
        }
    }
}

impl Drop for ChromiumProcess {
    fn drop(&mut self) {
        self.end.take();
        // Killed by now.
        let _ = self.child.wait();
    }
}

/// Ends when Chromium has closed the pipe, or nobody waits for messages.
fn read_messages(stdout: ChildStdout, sender: &Sender<Value>) {
    for message in BufReader::new(stdout).split(0) {
        let message = message
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok());
        if message.is_none_or(|message| sender.send(message).is_err()) {
            return;
        }
    }
}

/// Chromium writes its port into its profile.
fn read_port(file: &Path) -> Result<u16> {
    let started = Instant::now();
    while started.elapsed() < TIMEOUT {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        // The second line is written with the first one.
        if let Some((port, _)) = text.split_once('\n') {
            return Ok(port.parse()?);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    bail!("no port in {}", file.display())
}

fn args(options: &BrowserOptions<'_>, profile: &Path) -> Vec<String> {
    let mut args: Vec<String> = ARGS.iter().map(|arg| (*arg).to_owned()).collect();
    args.push(format!(
        "--ignore-certificate-errors-spki-list={}",
        options.spki_sha256
    ));
    let user_agent = options
        .user_agent
        .map(|name| format!("--user-agent={name}"));
    args.extend(user_agent);
    args.push(format!("--user-data-dir={}", profile.display()));
    if options.reduced_motion {
        args.push("--force-prefers-reduced-motion".to_owned());
    }
    let scheme = if options.dark { 0 } else { 1 };
    args.push(format!("--blink-settings=preferredColorScheme={scheme}"));
    args
}

const ARGS: &[&str] = &[
    // For this process. Chromium also exits when our end of the pipe is closed.
    "--remote-debugging-pipe",
    // For the driver.
    "--remote-debugging-port=0",
    "--no-startup-window",
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    // No request of a test leaves this machine: its context has a proxy, and what belongs to no context finds no host.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--disable-dev-shm-usage",
    "--lang=en-US",
    // Nothing of the browser's own runs beside a test. The driver gives most of these to a browser that it starts itself.
    "--no-first-run",
    "--enable-automation",
    "--test-type=webdriver",
    "--allow-pre-commit-input",
    "--disable-background-networking",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-hang-monitor",
    "--disable-prompt-on-repost",
    "--disable-sync",
    "--no-service-autorun",
    "--password-store=basic",
    "--use-mock-keychain",
    // Processes and pages that are started before they are asked for.
    "--disable-features=SpareRendererForSitePerProcess,WebUIOmniboxPopup,OptimizationHints,MediaRouter,Translate",
];
const TIMEOUT: Duration = Duration::from_secs(120);
