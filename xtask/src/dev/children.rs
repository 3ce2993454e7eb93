//! The two programs behind `cargo xtask dev`, each line of theirs under its name.

use super::session::{self, Session};
use crate::process::{self, Group};
use crate::tools::Tools;
use crate::{config, json, repo};
use anyhow::{Result, bail};
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{ChildStdin, Command, Stdio};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

pub struct Children {
    sandbox: Group,
    edge: Group,
    /// The sandbox ends when this closes, even if this process is ended without a word.
    _sandbox_stdin: Option<ChildStdin>,
}

pub fn compile_sandbox() -> Result<()> {
    process::run(
        process::cargo()
            .args(["build", "--package", "embark-sandbox"])
            .current_dir(repo::root()),
    )
}

impl Children {
    pub fn start(tools: &Tools, session: &Session) -> Result<Self> {
        let mut sandbox = spawn("sandbox", sandbox(session).stdin(Stdio::piped()))?;
        let stdin = sandbox.child.stdin.take();
        let edge = spawn("worker", wrangler(tools, session)?.stdin(Stdio::null()))?;
        Ok(Self {
            sandbox,
            edge,
            _sandbox_stdin: stdin,
        })
    }

    /// Waits until Worker, sandbox and website answer.
    pub fn until_ready(&mut self, session: &Session) -> Result<()> {
        let mut awaited = vec![session.sandbox(), session.website(), session.edge()];
        let started = Instant::now();
        while !awaited.is_empty() {
            self.all_running()?;
            if started.elapsed() > PATIENCE {
                bail!(
                    "{} did not answer within {} s",
                    awaited.join(", "),
                    PATIENCE.as_secs()
                );
            }
            awaited.retain(|url| !json::answers(url));
            sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    /// Runs until somebody stops it; a child that ends by itself is an error.
    pub fn until_one_ends(&mut self) -> Result<()> {
        loop {
            self.all_running()?;
            sleep(Duration::from_millis(200));
        }
    }

    fn all_running(&mut self) -> Result<()> {
        for (name, group) in [("sandbox", &mut self.sandbox), ("worker", &mut self.edge)] {
            if let Some(status) = group.exited()? {
                bail!("the {name} ended by itself ({status}); its last lines are above");
            }
        }
        Ok(())
    }
}

fn sandbox(session: &Session) -> Command {
    let mut command = Command::new(repo::target().join("debug/embark-sandbox"));
    command.args([
        "--port",
        &session.sandbox_port().to_string(),
        "--popup-origin",
        &session.sandbox(),
        "--with-parent",
    ]);
    command.arg("--pages").arg(repo::path("www/demo"));
    command.args(["--pages-port", &session.website_port().to_string()]);
    command.args([
        "--page-edge",
        &session.edge(),
        "--page-site",
        super::seed::SITE,
    ]);
    command
}

fn wrangler(tools: &Tools, session: &Session) -> Result<Command> {
    let config = write_config(session)?;
    let folder = session::folder();
    let mut command = tools.node_script("wrangler/bin/wrangler.js");
    command.args([
        "dev",
        "--local",
        "--test-scheduled",
        "--show-interactive-dev-session=false",
        "--ip",
        "127.0.0.1",
    ]);
    command.args([
        "--port",
        &session.port().to_string(),
        "--inspector-port",
        &session.inspector_port().to_string(),
    ]);
    command.arg("--config").arg(config);
    command.arg("--persist-to").arg(folder.join("state"));
    command.current_dir(repo::root());
    command
        .env("WRANGLER_SEND_METRICS", "false")
        .env("CLOUDFLARE_CF_FETCH_ENABLED", "false");
    // Below this clone, so that two clones know nothing of each other.
    command
        .env("WRANGLER_REGISTRY_PATH", folder.join("registry"))
        .env("WRANGLER_LOG_PATH", folder.join("logs"));
    Ok(command)
}

fn write_config(session: &Session) -> Result<PathBuf> {
    let folder = session::folder();
    let path = folder.join("wrangler.json");
    let config = config::for_dev(&session.vars())?;
    session::write_private(&path, serde_json::to_string_pretty(&config)?.as_bytes())?;
    session::write_private(&folder.join(".dev.vars"), session.secrets().as_bytes())?;
    Ok(path)
}

/// Starts a program and prints what it says, line by line, under its name.
fn spawn(name: &'static str, command: &mut Command) -> Result<Group> {
    let mut group = Group::spawn(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    if let Some(stdout) = group.child.stdout.take() {
        relay(name, stdout);
    }
    if let Some(stderr) = group.child.stderr.take() {
        relay(name, stderr);
    }
    Ok(group)
}

fn relay(name: &'static str, stream: impl Read + Send + 'static) {
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            println!("{name:8}| {line}");
        }
    });
}

const PATIENCE: Duration = Duration::from_secs(60);
