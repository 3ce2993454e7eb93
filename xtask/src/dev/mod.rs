//! The whole product on this machine: the Worker under `wrangler dev`, the sandbox in Meta's place, and
//! a customer's website with the tag. No account anywhere.

mod children;
mod seed;
mod session;

pub use session::Session;

use crate::{build, tools};
use anyhow::Result;
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

    let ports = embark_ports::claim(&tools::cache_folder()?, args.port, DEFAULT_PORT, PORTS)?;
    let session = Session::open(ports.first)?;
    session.announce()?;
    let mut children = Children::start(&tools, &session)?;
    children.until_ready(&session)?;
    seed::plant(&session)?;
    println!("{}", welcome(&session));
    children.until_one_ends()
}

fn welcome(session: &Session) -> String {
    format!(
        "
  Embark is running. Open the customer's website and connect a number:

      {website}

  Worker     {edge}      loader {edge}/embark.js
  Operator   {operator}      token in {kept}/dev.json
  Sandbox    {sandbox}      control API under /_sandbox/

  In another terminal:
      cargo xtask site add shop --app demo --origin http://localhost:3000 --config-id {config}
      cargo xtask build --local          (the Worker reloads)

  Ctrl-C ends all of it; what was stored stays in {kept}.
",
        website = session.website(),
        edge = session.edge(),
        operator = session.operator(),
        sandbox = session.sandbox(),
        config = seed::CONFIG_ID,
        kept = session::folder().display(),
    )
}

const DEFAULT_PORT: u16 = 8787;
const PORTS: u16 = 4;
