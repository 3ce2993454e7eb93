//! `cargo xtask check`: formatting, conventions, imports, lints, documentation, OpenAPI documents, types and sizes. A broken rule does not
//! stop the others, so that one run shows everything.

mod figures;
mod imports;
mod lints;
mod manifests;
mod sizes;
mod tidy;

use crate::build::{self, Kind};
use crate::{generated, process, repo, tools};
use anyhow::{Result, bail};
use std::path::PathBuf;

#[derive(clap::Args)]
#[command(after_help = format!("Rules: {}", rule_names()))]
pub struct Args {
    /// Rules to check; all of them if none is named
    #[arg(value_parser = rule)]
    rules: Vec<&'static Rule>,
    /// Leave out what needs the Worker built
    #[arg(long)]
    quick: bool,
    /// Check nothing; print a table of sizes, imports and documentation instead
    #[arg(long)]
    figures: bool,
    /// With --figures: the folder of another checkout
    #[arg(long, value_name = "DIR", requires = "figures")]
    root: Option<PathBuf>,
}

/// Something that must hold for the whole repository.
pub struct Rule {
    name: &'static str,
    check: fn() -> Result<()>,
    /// Whether it is left out with `--quick`, as it builds the Worker or needs npm's packages.
    is_slow: bool,
}

const RULES: &[Rule] = &[
    quick("fmt", fmt),
    quick("tidy", tidy::check),
    quick("imports", imports::check),
    quick("manifests", manifests::check),
    quick("lints", lints::check),
    quick("docs", docs),
    quick("generated", generated::check),
    slow("types", types),
    slow("sizes", sizes),
];

const fn quick(name: &'static str, check: fn() -> Result<()>) -> Rule {
    Rule {
        name,
        check,
        is_slow: false,
    }
}

const fn slow(name: &'static str, check: fn() -> Result<()>) -> Rule {
    Rule {
        name,
        check,
        is_slow: true,
    }
}

/// # Errors
/// When a rule is broken; each prints what breaks it.
pub fn run(args: &Args) -> Result<()> {
    if args.figures {
        return figures::print(args.root.as_deref().unwrap_or(repo::root()));
    }
    let rules: Vec<&Rule> = if args.rules.is_empty() {
        let all = RULES.iter();
        all.filter(|rule| !(args.quick && rule.is_slow)).collect()
    } else {
        args.rules.clone()
    };
    check_rules(&rules)
}

/// Checks every rule.
///
/// # Errors
/// When a rule is broken; each prints what breaks it.
pub fn all() -> Result<()> {
    check_rules(&RULES.iter().collect::<Vec<_>>())
}

fn check_rules(rules: &[&Rule]) -> Result<()> {
    let mut broken = Vec::new();
    for rule in rules {
        eprintln!("== {}", rule.name);
        if let Err(error) = (rule.check)() {
            eprintln!("{}: {error:#}", rule.name);
            broken.push(rule.name);
        }
    }
    if !broken.is_empty() {
        bail!("broken: {}", broken.join(", "));
    }
    println!("check: all rules hold");
    Ok(())
}

/// The rule of this name.
fn rule(name: &str) -> Result<&'static Rule, String> {
    let found = RULES.iter().find(|rule| rule.name == name);
    found.ok_or_else(|| format!("known rules: {}", rule_names()))
}

fn rule_names() -> String {
    let names: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    names.join(", ")
}

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

/// TypeScript compiles `tests/types`, which use `embark.d.ts` and the types of the npm package correctly and incorrectly.
fn types() -> Result<()> {
    let tools = tools::setup()?;
    let mut tsc = tools.node_script("typescript/bin/tsc");
    process::run(
        tsc.args(["--project", "tests/types"])
            .current_dir(repo::root()),
    )
}

fn sizes() -> Result<()> {
    build::make(&[Kind::Release, Kind::Local])?;
    sizes::check()
}
