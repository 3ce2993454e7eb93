//! `cargo xtask dev`: the Worker in `wrangler dev`, the sandbox in place of Meta, and a customer's website with the
//! tag, all on this machine and without any account.

mod demo_data;
mod private_file;
mod processes;
mod session;

pub use session::Session;

use crate::{build, tools};
use anyhow::{Result, anyhow};
use processes::Processes;
use std::thread;

#[derive(clap::Args)]
pub struct Args {
    /// First of four consecutive ports: Worker, sandbox, website, inspector
    #[arg(long)]
    port: Option<u16>,
}

/// Runs until a signal ends this process.
///
/// # Errors
/// When something cannot be built or started, or a process ends.
pub fn run(args: &Args) -> Result<()> {
    let _lock = session::lock()?;
    let sandbox = thread::spawn(processes::compile_sandbox);
    let tools = build::make(&[build::Kind::Local])?;
    let compiled = sandbox.join();
    compiled.map_err(|_| anyhow!("a panic while compiling the sandbox"))??;

    let ports = embark_ports::claim(&tools::cache_folder()?, args.port, DEFAULT_PORT, PORTS)?;
    let session = Session::open(ports.first)?;
    session.save()?;
    let mut processes = Processes::start(&tools, &session)?;
    processes.wait_until_ready(&session)?;
    demo_data::put(&session)?;
    println!("{}", welcome(&session));
    processes.wait_until_one_ends(&tools, &session)
}

fn welcome(session: &Session) -> String {
    format!(
        "
  Embark is running. Open the customer's website and connect a number:

      {website}

  Worker     {worker}      loader {worker}/embark.js (with data-edge={worker})
  Operator   {operator}      token in {data}/dev.json
  Sandbox    {sandbox}      control API below /_sandbox/
  Events     {sandbox}/receiver      once `cargo xtask backend endpoint demo {sandbox}/receiver` is set (docs/backend.md)

  In another terminal:
      cargo xtask site add shop --app demo --origin http://localhost:3000 --config-id {config}
      cargo xtask build --local          (the Worker reloads)

  Ctrl-C ends all of it. Data is kept in {data}.
",
        website = session.website_url(),
        worker = session.worker_url(),
        operator = session.operator_url(),
        sandbox = session.sandbox_url(),
        config = demo_data::CONFIG_ID,
        data = session::folder().display(),
    )
}

const DEFAULT_PORT: u16 = 8787;

/// How many consecutive ports a session needs.
const PORTS: u16 = 4;
