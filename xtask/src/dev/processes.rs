//! The two processes of `cargo xtask dev`, the Worker and the sandbox. Each line they print is prefixed with the
//! name of its process.

use super::session::{self, Session};
use super::{demo_data, private_file};
use crate::build::wrangler_config;
use crate::process::{self, Group};
use crate::repo;
use crate::tools::Tools;
use anyhow::{Result, bail};
use embark_cli::worker_api;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{ChildStdin, Command, Stdio};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

pub struct Processes {
    sandbox: Group,
    /// `None` between the end of one and the start of the next.
    worker: Option<Group>,
    /// The sandbox ends when this closes, so also when this process is killed.
    _sandbox_stdin: Option<ChildStdin>,
}

/// # Errors
/// When the sandbox does not compile.
pub fn compile_sandbox() -> Result<()> {
    let mut command = process::cargo();
    command
        .args(["build", "--package", "embark-sandbox"])
        .current_dir(repo::root());
    process::run_logged("sandbox", &repo::path("build/sandbox.log"), &mut command)
}

impl Processes {
    /// # Errors
    /// When one of the programs cannot be started, or its configuration not be written.
    pub fn start(tools: &Tools, session: &Session) -> Result<Self> {
        let sandbox = spawn("sandbox", sandbox_command(session).stdin(Stdio::piped()))?;
        let stdin = sandbox.take_stdin();
        Ok(Self {
            sandbox,
            worker: Some(spawn_worker(tools, session)?),
            _sandbox_stdin: stdin,
        })
    }

    /// Waits until Worker, sandbox and website respond.
    ///
    /// # Errors
    /// When a process ends, or does not respond within [`READY_TIMEOUT`].
    pub fn wait_until_ready(&self, session: &Session) -> Result<()> {
        let mut pending = vec![
            session.sandbox_url(),
            session.website_url(),
            session.worker_url(),
        ];
        let started = Instant::now();
        while !pending.is_empty() {
            self.ensure_running()?;
            if started.elapsed() > READY_TIMEOUT {
                bail!(
                    "{} did not respond within {} s",
                    pending.join(", "),
                    READY_TIMEOUT.as_secs()
                );
            }
            pending.retain(|url| !worker_api::responds(url));
            sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    /// Never returns without an error: a signal ends this process before. A Worker that ends is started again, with what it
    /// has stored: `wrangler dev` ends when a client breaks an upload off that nothing reads. The sandbox goes on, whose
    /// state would be lost.
    ///
    /// # Errors
    /// When the sandbox has ended, or the Worker before it responded once, or too often.
    pub fn wait_until_one_ends(&mut self, tools: &Tools, session: &Session) -> Result<()> {
        let mut starts = 0;
        let mut responded = true;
        loop {
            if !responded {
                responded = worker_api::responds(&session.worker_url());
            }
            let ended = match &self.worker {
                Some(worker) if responded && starts < MAX_STARTS => worker.try_wait()?,
                _ => None,
            };
            if let Some(status) = ended {
                println!("the worker ended ({status}), and is started again");
                // What it started ends first: it may have the port.
                self.worker = None;
                self.worker = Some(spawn_worker(tools, session)?);
                starts += 1;
                responded = false;
            }
            self.ensure_running()?;
            sleep(Duration::from_millis(200));
        }
    }

    fn ensure_running(&self) -> Result<()> {
        let worker = self.worker.iter().map(|worker| ("worker", worker));
        for (name, group) in worker.chain([("sandbox", &self.sandbox)]) {
            if let Some(status) = group.try_wait()? {
                bail!(
                    "the {name} ended ({status}); its last lines are above. Run `cargo xtask dev` again: what the Worker stored is kept, and the sandbox begins anew"
                );
            }
        }
        Ok(())
    }
}

fn spawn_worker(tools: &Tools, session: &Session) -> Result<Group> {
    let mut command = wrangler_command(tools, session)?;
    spawn("worker", command.stdin(Stdio::null()))
}

fn sandbox_command(session: &Session) -> Command {
    let mut command = Command::new(repo::target().join("debug/embark-sandbox"));
    command.args([
        "--port",
        &session.sandbox_port().to_string(),
        "--popup-origin",
        &session.sandbox_url(),
        "--with-parent",
    ]);
    command.arg("--pages").arg(repo::path("www/demo"));
    command.args([
        "--pages-port",
        &session.website_port().to_string(),
        "--page-edge",
        &session.worker_url(),
        "--page-site",
        demo_data::SITE,
    ]);
    command
}

fn wrangler_command(tools: &Tools, session: &Session) -> Result<Command> {
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
    // In this clone, so that the sessions of two clones are not connected.
    command
        .env("WRANGLER_REGISTRY_PATH", folder.join("registry"))
        .env("WRANGLER_LOG_PATH", folder.join("logs"));
    Ok(command)
}

/// Writes `wrangler.json` and `.dev.vars`, from which wrangler reads secrets; returns the path of the former.
fn write_config(session: &Session) -> Result<PathBuf> {
    let folder = session::folder();
    let path = folder.join("wrangler.json");
    let config = wrangler_config::for_dev(&session.vars())?;
    private_file::write(&path, serde_json::to_string_pretty(&config)?.as_bytes())?;
    private_file::write(&folder.join(".dev.vars"), session.secrets().as_bytes())?;
    Ok(path)
}

/// Starts a program and prints each line of its output with its name.
fn spawn(name: &'static str, command: &mut Command) -> Result<Group> {
    let group = Group::spawn(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    if let Some(stdout) = group.take_stdout() {
        print_lines(name, stdout);
    }
    if let Some(stderr) = group.take_stderr() {
        print_lines(name, stderr);
    }
    Ok(group)
}

fn print_lines(name: &'static str, stream: impl Read + Send + 'static) {
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            println!("{name:8}| {line}");
        }
    });
}

const READY_TIMEOUT: Duration = Duration::from_secs(60);
/// A Worker that ends so often would end again.
const MAX_STARTS: u32 = 20;
