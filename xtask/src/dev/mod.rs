//! The whole product on this machine: the Worker under `wrangler dev`, the sandbox in Meta's place, and
//! a customer's website with the tag. No account anywhere.

mod children;
mod seed;
mod session;

pub use session::Session;

use crate::{build, net, tools};
use anyhow::{Result, ensure};
use children::Children;

#[derive(clap::Args)]
pub struct Args {
    /// First of four neighbouring ports: Worker, sandbox, website, inspector
    #[arg(long)]
    port: Option<u16>,
}

pub fn run(args: &Args) -> Result<()> {
    let _only = session::only_one()?;
    let tools = tools::setup()?;
    build::make(&tools, &[build::Kind::Local])?;
    children::compile_sandbox()?;

    let session = Session::open(port(args)?)?;
    let mut children = Children::start(&tools, &session)?;
    children.until_ready(&session)?;
    seed::plant(&session)?;
    session.announce()?;
    println!("{}", welcome(&session));
    children.until_one_ends()
}

fn port(args: &Args) -> Result<u16> {
    match args.port {
        Some(port) => {
            ensure!(
                net::is_free_block(port, PORTS),
                "not all ports {port}–{} are free",
                port.saturating_add(PORTS - 1)
            );
            Ok(port)
        }
        None => net::free_block(DEFAULT_PORT, PORTS),
    }
}

fn welcome(session: &Session) -> String {
    format!(
        "
  Embark is running. Open the customer's website and connect a number:

      {website}

  Worker     {edge}      loader {edge}/embark.js
  Operator   {operator}      token in .embark/dev.json
  Sandbox    {sandbox}      control API under /_sandbox/

  In another terminal:
      cargo xtask site add shop --app demo --origin http://localhost:3000 --config-id {config}
      cargo xtask build --local          (the Worker reloads)

  Ctrl-C ends all of it; what was stored stays in .embark.
",
        website = session.website(),
        edge = session.edge(),
        operator = session.operator(),
        sandbox = session.sandbox(),
        config = seed::CONFIG_ID,
    )
}

const DEFAULT_PORT: u16 = 8787;
const PORTS: u16 = 4;
