//! A running `cargo xtask dev`, with ports and a folder of its own.

use anyhow::{Context, Result, bail, ensure};
use embark_tests::environment::{claim_ports, path_from_env};
use process_wrap::tokio::ChildWrapper;
use std::net::TcpStream;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::signal::unix::SignalKind;
use tokio::time::{sleep, timeout};

pub struct DevProcess {
    child: Child,
    first_port: u16,
    output: Output,
    /// `EMBARK_DEV`: the state of the deployment.
    folder: TempDir,
}

/// What a process has printed so far.
pub type Output = Arc<Mutex<String>>;

impl Drop for DevProcess {
    /// Interrupts the process also after a failed test: if it were killed, its children would go on.
    fn drop(&mut self) {
        let started = Instant::now();
        while self.interrupt().is_ok()
            && matches!(self.child.try_wait(), Ok(None))
            && started.elapsed() < STOP_TIMEOUT
        {
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl DevProcess {
    pub fn start() -> Result<Self> {
        Self::start_in(tempfile::tempdir()?)
    }

    /// Starts another one with what this one has stored, which has stopped.
    pub fn start_again(mut self) -> Result<Self> {
        Self::start_in(std::mem::replace(&mut self.folder, tempfile::tempdir()?))
    }

    fn start_in(folder: TempDir) -> Result<Self> {
        let first_port = claim_ports(PORT_COUNT)?.first;
        let mut command = Command::new(path_from_env("EMBARK_XTASK")?);
        // Some build scripts depend on these variables of cargo: the builds of `dev` would compile again.
        for (name, _) in std::env::vars() {
            if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
                command.env_remove(name);
            }
        }
        let mut child = command
            .args(["dev", "--port", &first_port.to_string()])
            .env("EMBARK_DEV", folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let output = Output::default();
        let stdout = child.stdout.take().context("no stdout")?;
        let stderr = child.stderr.take().context("no stderr")?;
        tokio::spawn(collect_lines(stdout, output.clone()));
        tokio::spawn(collect_lines(stderr, output.clone()));
        Ok(Self {
            child,
            first_port,
            output,
            folder,
        })
    }

    /// Runs another task of xtask, which talks to this one, and returns what it prints.
    pub async fn run_task(&self, args: &[&str]) -> Result<String> {
        let mut command = Command::new(path_from_env("EMBARK_XTASK")?);
        command.args(args).env("EMBARK_DEV", self.folder.path());
        // They would name another Worker: a deployment of whoever runs the tests.
        command
            .env_remove("EMBARK_EDGE")
            .env_remove("EMBARK_OPERATOR_TOKEN");
        let output = command.stdin(Stdio::null()).output().await?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{args:?}: {stderr}");
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    pub fn worker_url(&self) -> String {
        format!("http://localhost:{}", self.first_port)
    }

    pub fn sandbox_url(&self) -> String {
        format!("http://localhost:{}", self.first_port + 1)
    }

    pub fn website_url(&self) -> String {
        format!("http://localhost:{}", self.first_port + 2)
    }

    /// Everything printed so far, to standard output and standard error.
    pub fn output(&self) -> String {
        let output = self.output.lock();
        output.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until the output contains `text`.
    pub async fn wait_for_output(&mut self, text: &str) -> Result<()> {
        let started = Instant::now();
        while !self.output().contains(text) {
            if let Some(status) = self.child.try_wait()? {
                bail!("exited ({status}):\n{}", self.output());
            }
            if started.elapsed() > START_TIMEOUT {
                bail!("did not print {text:?}:\n{}", self.output());
            }
            sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    /// Sends SIGINT, as Ctrl-C does.
    ///
    /// # Errors
    /// When the process has exited.
    pub fn interrupt(&self) -> Result<()> {
        self.child.id().context("it has exited")?;
        let signal = SignalKind::interrupt().as_raw_value();
        Ok(ChildWrapper::signal(&self.child, signal)?)
    }

    /// Waits until the process has exited and nothing listens on its ports.
    pub async fn wait_until_stopped(&mut self) -> Result<()> {
        let started = Instant::now();
        timeout(STOP_TIMEOUT, self.child.wait())
            .await
            .with_context(|| format!("does not exit:\n{}", self.output()))??;
        for port in self.first_port..self.first_port + PORT_COUNT {
            while TcpStream::connect(("127.0.0.1", port)).is_ok() {
                if started.elapsed() > STOP_TIMEOUT {
                    bail!("port {port} is still open");
                }
                sleep(Duration::from_millis(100)).await;
            }
        }
        Ok(())
    }
}

/// Adds the lines of a stream to `output`, until it ends.
pub async fn collect_lines(stream: impl AsyncRead + Unpin, output: Output) {
    let mut lines = BufReader::new(stream).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
        output.push_str(&line);
        output.push('\n');
    }
}

/// Worker, sandbox, website, inspector.
const PORT_COUNT: u16 = 4;
/// Includes a build of what has changed.
const START_TIMEOUT: Duration = Duration::from_secs(600);
const STOP_TIMEOUT: Duration = Duration::from_secs(15);
