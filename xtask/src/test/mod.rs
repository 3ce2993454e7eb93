//! `cargo xtask test`: runs the suites and counts their tests. A new suite is an entry in `suites.rs`.

mod count;
mod installation;
mod npm_application;
mod suites;

use crate::build::{self, Kind, Profile};
use crate::package;
use crate::process::{self, Group};
use crate::repo;
use crate::tools::{self, Tools};
use anyhow::{Result, bail};
use count::Counts;
use installation::{Installation, Program};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};
use suites::{Need, SUITES, Suite};

#[derive(clap::Args)]
#[command(after_help = suites_help())]
pub struct Args {
    /// Suites to run; all of them if none is named
    #[arg(value_parser = suite)]
    suites: Vec<&'static Suite>,
    /// The long form of `crash`, `openapi`, `sim` and `webhooks`
    #[arg(long)]
    full: bool,
    /// Only tests whose name contains this
    #[arg(long)]
    filter: Option<String>,
}

/// # Errors
/// When a test fails, a suite does not complete, or no test was run.
pub fn run(args: &Args) -> Result<()> {
    let suites: Vec<&Suite> = if args.suites.is_empty() {
        SUITES.iter().collect()
    } else {
        args.suites.clone()
    };
    let needs = || suites.iter().flat_map(|suite| suite.needs);
    let mut programs = Installation::start(needs().copied().filter_map(Need::program).collect());
    let mut env = if needs().any(|need| *need == Need::Built) {
        build_all()?
    } else {
        BTreeMap::new()
    };
    if needs().any(|need| *need == Need::RustExample) {
        env.insert("EMBARK_EXAMPLE_RUST", build::rust_backend()?.into());
    }
    if needs().any(|need| *need == Need::Archive) {
        let folder = repo::path("build/package");
        env.insert(
            "EMBARK_ARCHIVE",
            package::make(&folder, Profile::Dev)?.into(),
        );
    }
    if needs().any(|need| *need == Need::NpmApplication) {
        let application = npm_application::install(&tools::setup()?)?;
        env.insert("EMBARK_NPM_APPLICATION", application.into());
    }
    let mut results = Vec::new();
    for suite in suites {
        let needs_program = suite.needs.iter().any(|need| need.program().is_some());
        env.extend(if needs_program {
            programs.finish()?
        } else {
            programs.try_finish()?
        });
        eprintln!("\n== {}: {}", suite.name, suite.about);
        let started = Instant::now();
        let mut env = env.clone();
        if args.full {
            env.extend(
                suite
                    .full
                    .iter()
                    .map(|(name, value)| (*name, OsString::from(value))),
            );
        }
        if suite.needs.contains(&Need::Program(Program::Firefox)) {
            env.insert("EMBARK_BROWSER", "firefox".into());
        }
        let counts = run_suite(suite, args.filter.as_deref(), &env)?;
        results.push((suite.name, counts, started.elapsed()));
    }
    report(&results)
}

/// Builds what the suites need; returns the environment variables with its paths.
fn build_all() -> Result<BTreeMap<&'static str, OsString>> {
    let tools = build::make(&[Kind::Release, Kind::Local])?;
    let mut env = BTreeMap::from(built_env(&tools)?);
    env.insert("EMBARK_BUNDLED", build::bundle_examples(&tools)?.into());
    Ok(env)
}

fn built_env(tools: &Tools) -> Result<[(&'static str, OsString); 13]> {
    Ok([
        ("EMBARK_NODE", tools.node.clone().into()),
        // Every deployment starts the harness: Node.js keeps its compiled scripts here.
        (
            "NODE_COMPILE_CACHE",
            repo::path("target/node-compile-cache").into(),
        ),
        (
            "EMBARK_HARNESS",
            repo::path("tests/harness/workerd.mjs").into(),
        ),
        ("EMBARK_WORKER_RELEASE", Kind::Release.folder().into()),
        ("EMBARK_WORKER_LOCAL", Kind::Local.folder().into()),
        ("EMBARK_NODE_MODULES", repo::path("node_modules").into()),
        (
            "EMBARK_AXE",
            repo::path("node_modules/axe-core/axe.min.js").into(),
        ),
        ("EMBARK_EXAMPLES", repo::path("www/examples").into()),
        ("EMBARK_BACKENDS", repo::path("examples").into()),
        ("EMBARK_DOCS", repo::path("docs").into()),
        ("EMBARK_ASSETS", build::assets_folder().into()),
        ("EMBARK_PORTS", tools::cache_folder()?.into()),
        ("EMBARK_XTASK", std::env::current_exe()?.into()),
    ])
}

/// Runs one suite, prints its output and counts its tests.
fn run_suite(
    suite: &Suite,
    filter: Option<&str>,
    env: &BTreeMap<&'static str, OsString>,
) -> Result<Counts> {
    let mut command = process::cargo();
    command
        .args(["test", "--no-fail-fast"])
        .args(suite.cargo)
        .args(filter)
        .envs(env);
    command
        .current_dir(repo::root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let group = Group::spawn(&mut command)?;
    let mut counts = Counts::default();
    if let Some(stdout) = group.take_stdout() {
        let mut terminal = std::io::stdout();
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            counts.add_line(&line);
            writeln!(terminal, "{line}")?;
        }
    }
    // So ends a suite that does not compile, or whose process is killed.
    if !group.wait()?.success() && counts.failed == 0 {
        counts.incomplete = true;
    }
    Ok(counts)
}

fn report(results: &[(&str, Counts, Duration)]) -> Result<()> {
    println!(
        "\n{:10} {:>7} {:>7} {:>8} {:>8}",
        "suite", "passed", "failed", "ignored", "seconds"
    );
    let mut sum = Counts::default();
    for (name, counts, time) in results {
        let note = if counts.incomplete {
            "   did not complete"
        } else {
            ""
        };
        println!(
            "{name:10} {:>7} {:>7} {:>8} {:>8}{note}",
            counts.passed,
            counts.failed,
            counts.ignored,
            time.as_secs()
        );
        sum.passed += counts.passed;
        sum.failed += counts.failed + u32::from(counts.incomplete);
    }
    println!("\n{} passed, {} failed", sum.passed, sum.failed);
    if sum.failed > 0 {
        bail!("not all tests pass");
    }
    let summaries: Vec<&String> = results
        .iter()
        .flat_map(|(_, counts, _)| &counts.summaries)
        .collect();
    if sum.passed == 0 && summaries.is_empty() {
        bail!("no test ran");
    }
    for summary in summaries {
        println!("{summary}");
    }
    Ok(())
}

fn suite(name: &str) -> Result<&'static Suite, String> {
    SUITES
        .iter()
        .find(|suite| suite.name == name)
        .ok_or_else(|| {
            let names: Vec<&str> = SUITES.iter().map(|suite| suite.name).collect();
            format!("known suites: {}", names.join(", "))
        })
}

fn suites_help() -> String {
    SUITES.iter().fold("Suites:\n".to_owned(), |text, suite| {
        format!("{text}  {:9} {}\n", suite.name, suite.about)
    })
}
