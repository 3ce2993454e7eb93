//! A running `cargo xtask dev`, on ports and with a folder of its own.

use anyhow::{Context, Result, bail};
use embark_tests::tools::{Scratch, claim_ports, from_env};
use rustix::process::{Pid, Signal, kill_process};
use std::net::TcpStream;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

pub struct Dev {
    child: Child,
    first_port: u16,
    said: Said,
    _folder: Scratch,
}

type Said = Arc<Mutex<String>>;

impl Drop for Dev {
    /// A test that failed asks it to end too: killed, it could not end what it started.
    fn drop(&mut self) {
        let started = Instant::now();
        while self.interrupt().is_ok()
            && matches!(self.child.try_wait(), Ok(None))
            && started.elapsed() < ENDS_WITHIN
        {
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Dev {
    pub fn start() -> Result<Self> {
        let (folder, first_port) = (Scratch::new()?, claim_ports(PORTS)?.first);
        let mut command = Command::new(from_env("EMBARK_XTASK")?);
        // What cargo tells a test about itself would make the cargo that `dev` runs compile things anew.
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
        let said = Said::default();
        tokio::spawn(listen(
            child.stdout.take().context("no stdout")?,
            said.clone(),
        ));
        tokio::spawn(listen(
            child.stderr.take().context("no stderr")?,
            said.clone(),
        ));
        Ok(Self {
            child,
            first_port,
            said,
            _folder: folder,
        })
    }

    /// The address of Worker, sandbox and website, in this order.
    pub fn address(&self, nth: u16) -> String {
        format!("http://localhost:{}", self.first_port + nth)
    }

    /// Everything printed so far.
    pub fn said(&self) -> String {
        self.said
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub async fn until_said(&mut self, words: &str) -> Result<()> {
        let started = Instant::now();
        while !self.said().contains(words) {
            if let Some(status) = self.child.try_wait()? {
                bail!("ended ({status}):\n{}", self.said());
            }
            if started.elapsed() > STARTS_WITHIN {
                bail!("did not say {words:?}:\n{}", self.said());
            }
            sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    /// What Ctrl-C does.
    pub fn interrupt(&self) -> Result<()> {
        let id = self.child.id().context("it has ended")?;
        let id = Pid::from_raw(i32::try_from(id)?).context("no process")?;
        Ok(kill_process(id, Signal::INT)?)
    }

    /// Waits until it has ended, and nobody listens on its ports.
    pub async fn until_gone(&mut self) -> Result<()> {
        let started = Instant::now();
        timeout(ENDS_WITHIN, self.child.wait())
            .await
            .with_context(|| format!("does not end:\n{}", self.said()))??;
        for port in self.first_port..self.first_port + PORTS {
            while TcpStream::connect(("127.0.0.1", port)).is_ok() {
                if started.elapsed() > ENDS_WITHIN {
                    bail!("port {port} is still open");
                }
                sleep(Duration::from_millis(100)).await;
            }
        }
        Ok(())
    }
}

async fn listen(stream: impl AsyncRead + Unpin, said: Said) {
    let mut lines = BufReader::new(stream).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        said.push_str(&line);
        said.push('\n');
    }
}

/// Worker, sandbox, website, inspector.
const PORTS: u16 = 4;
/// It builds what is missing.
const STARTS_WITHIN: Duration = Duration::from_secs(600);
const ENDS_WITHIN: Duration = Duration::from_secs(15);
