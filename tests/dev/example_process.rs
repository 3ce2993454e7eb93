//! A back end of `examples/`, running as its README says.

use crate::dev_process::{DevProcess, Output, collect_lines};
use anyhow::{Context, Result, ensure};
use embark_ports::Block;
use embark_tests::environment::{claim_ports, path_from_env};
use std::process::Stdio;
use std::sync::PoisonError;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};
use tokio::time::sleep;

/// A running back end. It is killed with the value.
pub struct ExampleProcess {
    output: Output,
    port: Block,
    _child: Child,
}

/// The programs that run the examples, and the folder of each with the arguments there.
pub const EXAMPLES: [(&str, &str, &[&str]); 3] = [
    ("EMBARK_NODE", "node", &["server.js"]),
    ("EMBARK_PYTHON", "python", &["server.py"]),
    ("EMBARK_EXAMPLE_RUST", "rust", &[]),
];

impl ExampleProcess {
    /// Starts one of [`EXAMPLES`] with the token and the signing secret of the site `demo`.
    pub async fn start(
        (program, folder, args): (&str, &str, &[&str]),
        dev: &DevProcess,
        token: &str,
        secret: &str,
    ) -> Result<Self> {
        let port = claim_ports(1)?;
        let mut child = Command::new(path_from_env(program)?)
            .args(args)
            .current_dir(path_from_env("EMBARK_BACKENDS")?.join(folder))
            .env("EMBARK_ORIGIN", dev.worker_url())
            .env("EMBARK_SITE", "demo")
            .env("EMBARK_TOKEN", token)
            .env("EMBARK_WEBHOOK_SECRET", secret)
            .env("GRAPH_ORIGIN", dev.sandbox_url())
            .env("RECIPIENT", RECIPIENT)
            .env("PORT", port.first.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let output = Output::default();
        let stdout = child.stdout.take().context("no stdout")?;
        let stderr = child.stderr.take().context("no stderr")?;
        tokio::spawn(collect_lines(stdout, output.clone()));
        tokio::spawn(collect_lines(stderr, output.clone()));
        let example = Self {
            output,
            port,
            _child: child,
        };
        example.wait_for_output("http://localhost:").await?;
        Ok(example)
    }

    /// The URL of a path that starts with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port.first)
    }

    fn output(&self) -> String {
        let output = self.output.lock();
        output.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until the output contains `text`, and returns all of it.
    pub async fn wait_for_output(&self, text: &str) -> Result<String> {
        let started = Instant::now();
        loop {
            let output = self.output();
            if output.contains(text) {
                return Ok(output);
            }
            ensure!(started.elapsed() < TIMEOUT, "no {text:?} in:\n{output}");
            sleep(Duration::from_millis(100)).await;
        }
    }
}

/// Who gets the first message.
pub const RECIPIENT: &str = "16505550100";
const TIMEOUT: Duration = Duration::from_secs(60);
