//! `tests/harness/workerd.mjs`, which runs one Worker after another: Node.js needs longer to load miniflare than workerd to
//! start. A harness is controlled by JSON lines, one command and one reply each.

use crate::environment::path_from_env;
use crate::pool::Pool;
use crate::runtime;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

/// A running harness. It exits with its Worker when its standard input is closed: with the value, and with this process.
pub struct Harness {
    stdin: ChildStdin,
    stdout: Lines<BufReader<ChildStdout>>,
    /// A command was sent whose reply was not read: what comes next is that.
    is_waiting: bool,
    _node: Child,
}

impl Harness {
    /// One that runs no Worker.
    ///
    /// # Errors
    /// Node.js does not start.
    pub async fn idle() -> Result<Self> {
        match IDLE.take() {
            Some(harness) => Ok(harness),
            None => runtime::run(async { Self::start() }).await,
        }
    }

    fn start() -> Result<Self> {
        let mut node = Command::new(path_from_env("EMBARK_NODE")?)
            .arg(path_from_env("EMBARK_HARNESS")?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("node does not start")?;
        let stdin = node.stdin.take().context("no stdin")?;
        let stdout = BufReader::new(node.stdout.take().context("no stdout")?).lines();
        Ok(Self {
            stdin,
            stdout,
            is_waiting: false,
            _node: node,
        })
    }

    /// The reply to a command.
    ///
    /// # Errors
    /// It reports one, does not answer, or has exited.
    pub async fn run(&mut self, command: &Value) -> Result<Value> {
        self.is_waiting = true;
        let line = format!("{command}\n");
        self.stdin.write_all(line.as_bytes()).await?;
        let line = timeout(REPLY_TIMEOUT, self.stdout.next_line())
            .await
            .context("no reply from the harness")?;
        let line = line?.context("the harness exited")?;
        self.is_waiting = false;
        let reply: Value = serde_json::from_str(&line).with_context(|| line.clone())?;
        if let Some(error) = reply["error"].as_str() {
            bail!("{command}: {error}");
        }
        Ok(reply)
    }

    /// Ends the Worker; the harness may run another one then. Returns when it has ended.
    pub fn end_worker(mut self) {
        if self.is_waiting {
            return;
        }
        runtime::block_on(async move {
            self.run(&json!({"cmd": "close"})).await?;
            IDLE.put(self);
            Ok(())
        })
        // It has exited, and is not used again.
        .unwrap_or_default();
    }
}

static IDLE: Pool<Harness> = Pool::new();
const REPLY_TIMEOUT: Duration = Duration::from_secs(120);
