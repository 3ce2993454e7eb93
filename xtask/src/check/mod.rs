//! The rules of the house, as code: formatting, lints, docs, tidiness, sizes. All of it runs even when
//! something fails, so that one run shows everything.

mod lints;
mod sizes;
mod tidy;

use crate::build::{self, Kind};
use crate::{process, repo, tools};
use anyhow::{Result, bail};

#[derive(clap::Args)]
pub struct Args {
    /// Leave out what needs the Worker built
    #[arg(long)]
    quick: bool,
}

pub fn run(args: &Args) -> Result<()> {
    let mut rules: Vec<Rule> = vec![
        ("fmt", fmt),
        ("tidy", tidy::check),
        ("lints", lints::check),
        ("docs", docs),
    ];
    if !args.quick {
        rules.push(("types", types));
        rules.push(("sizes", sizes));
    }
    let mut broken = Vec::new();
    for (name, rule) in rules {
        eprintln!("== {name}");
        if let Err(error) = rule() {
            eprintln!("{name}: {error:#}");
            broken.push(name);
        }
    }
    if !broken.is_empty() {
        bail!("broken: {}", broken.join(", "));
    }
    println!("check: all rules hold");
    Ok(())
}

type Rule = (&'static str, fn() -> Result<()>);

fn fmt() -> Result<()> {
    process::run(
        process::cargo()
            .args(["fmt", "--all", "--check"])
            .current_dir(repo::root()),
    )
}

fn docs() -> Result<()> {
    let mut command = process::cargo();
    command.args([
        "doc",
        "--workspace",
        "--no-deps",
        "--document-private-items",
        "--quiet",
    ]);
    process::run(
        command
            .env("RUSTDOCFLAGS", "-D warnings")
            .current_dir(repo::root()),
    )
}

/// What `embark.d.ts` lets through and what it does not: TypeScript reads `tests/types`.
fn types() -> Result<()> {
    let tools = tools::setup()?;
    let mut tsc = tools.node_script("typescript/bin/tsc");
    process::run(
        tsc.args(["--project", "tests/types"])
            .current_dir(repo::root()),
    )
}

fn sizes() -> Result<()> {
    let tools = tools::setup()?;
    build::make(&tools, &[Kind::Release, Kind::Local])?;
    sizes::check()
}
