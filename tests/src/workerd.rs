//! The built Worker in workerd, with its storage on disk, through the Node harness.

use crate::tools::{Scratch, from_env};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;
use tokio::time::timeout;

pub struct Workerd {
    pub port: u16,
    pub storage: Scratch,
    pipe: Mutex<Pipe>,
    /// Killed with the value.
    _node: Child,
}

struct Pipe {
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

/// The builds that a test may run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Build {
    /// What a deploy ships.
    Release,
    /// With the feature `local`.
    Local,
}

/// What a Worker is started with.
pub struct Setting {
    pub build: Build,
    pub port: u16,
    pub vars: Value,
    /// `127.0.0.1:port`: where every fetch of the Worker goes.
    pub outbound: String,
    /// The static files, where it is not the build's own that are served.
    pub assets: Option<PathBuf>,
    /// `(key, certificate)` as PEM; plain http without.
    pub https: Option<(String, String)>,
}

impl Workerd {
    pub async fn start(setting: Setting) -> Result<Self> {
        let storage = Scratch::new()?;
        let worker = match setting.build {
            Build::Release => from_env("EMBARK_WORKER_RELEASE")?,
            Build::Local => from_env("EMBARK_WORKER_LOCAL")?,
        };
        let assets = match setting.assets {
            Some(assets) => assets,
            None => from_env("EMBARK_ASSETS")?,
        };
        let mut options = json!({
            "worker": worker,
            "assets": assets,
            "storage": storage.path().join("state"),
            "log": storage.path().join("workerd.log"),
            "port": setting.port,
            "vars": setting.vars,
            "outbound": setting.outbound,
            "rate": {"RATE": {"limit": 100_000, "period": 60}},
        });
        if let Some((key, cert)) = setting.https {
            options["https"] = json!({"key": key, "cert": cert});
        }
        let mut node = Command::new(from_env("EMBARK_NODE")?)
            .arg(from_env("EMBARK_HARNESS")?)
            .arg(options.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("node does not start")?;
        let stdin = node.stdin.take().context("no stdin")?;
        let lines = BufReader::new(node.stdout.take().context("no stdout")?).lines();
        let mut pipe = Pipe { stdin, lines };
        let ready = pipe.answer().await?;
        let port = ready["ready"]["port"]
            .as_u64()
            .with_context(|| format!("not ready: {ready}"))?;
        Ok(Self {
            port: u16::try_from(port)?,
            storage,
            pipe: Mutex::new(pipe),
            _node: node,
        })
    }

    /// SIGKILL: nothing in flight is finished.
    pub async fn kill(&self) -> Result<()> {
        self.command("kill").await
    }

    /// Starts again on the same port and storage.
    pub async fn restart(&self) -> Result<()> {
        self.command("start").await
    }

    /// Fires the cron trigger.
    pub async fn cron(&self) -> Result<()> {
        self.command("scheduled").await
    }

    /// Everything workerd printed so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.storage.path().join("workerd.log")).unwrap_or_default()
    }

    async fn command(&self, command: &str) -> Result<()> {
        let mut pipe = self.pipe.lock().await;
        pipe.stdin
            .write_all(format!("{}\n", json!({"cmd": command})).as_bytes())
            .await?;
        let answer = pipe.answer().await?;
        if let Some(error) = answer["error"].as_str() {
            bail!("{command}: {error}");
        }
        Ok(())
    }
}

impl Pipe {
    async fn answer(&mut self) -> Result<Value> {
        let line = timeout(Duration::from_secs(60), self.lines.next_line())
            .await
            .context("harness is silent")?;
        let line = line?.context("harness ended")?;
        serde_json::from_str(&line).with_context(|| line.clone())
    }
}
