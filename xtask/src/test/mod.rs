//! `cargo xtask test`: runs the suites and counts their tests. A new suite is an entry in `SUITES`.

mod count;
mod installation;

use crate::build::{self, Kind};
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

#[derive(clap::Args)]
#[command(after_help = suites_help())]
pub struct Args {
    /// Suites to run; all of them if none is named
    #[arg(value_parser = suite)]
    suites: Vec<&'static Suite>,
    /// The long form of `crash`, `sim` and `webhooks`
    #[arg(long)]
    full: bool,
    /// Only tests whose name contains this
    #[arg(long)]
    filter: Option<String>,
}

/// Tests that one `cargo test` runs.
pub struct Suite {
    name: &'static str,
    about: &'static str,
    needs: &'static [Need],
    /// Arguments of `cargo test`.
    cargo: &'static [&'static str],
    /// Environment variables that are set with `--full`.
    full: &'static [(&'static str, &'static str)],
}

/// What is built or installed before a suite runs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    /// Both Workers, the static files, Node.js.
    Built,
    /// The example back end in Rust.
    RustExample,
    /// A program that is installed where it is missing.
    Program(Program),
}

impl Need {
    fn program(self) -> Option<Program> {
        match self {
            Self::Built | Self::RustExample => None,
            Self::Program(program) => Some(program),
        }
    }
}

/// Three at once keep two cores busy: a browser and a Worker work for two thirds of the time, and wait for the rest.
const CHROMIUM: &[&str] = &[
    "-p",
    "embark-tests",
    "--test",
    "browser",
    "--",
    "--test-threads=3",
];

/// Tests that do not run in Firefox print `skipped:` and the reason, which `--show-output` shows.
const FIREFOX: &[&str] = &[
    "-p",
    "embark-tests",
    "--test",
    "browser",
    "--",
    "--test-threads=3",
    "--show-output",
];

const SUITES: &[Suite] = &[
    Suite {
        name: "unit",
        about: "every crate by itself, natively",
        needs: &[],
        cargo: &[
            "-p",
            "embark-protocol",
            "-p",
            "embark-view",
            "-p",
            "embark-widget",
            "-p",
            "embark-onboarding",
            "-p",
            "embark-edge",
            "-p",
            "embark-sandbox",
            "-p",
            "embark-ports",
            "-p",
            "xtask",
        ],
        full: &[],
    },
    Suite {
        name: "sim",
        about: "seeded histories of the rules, as plain values",
        needs: &[],
        cargo: &[
            "--profile",
            "sim",
            "-p",
            "embark-onboarding",
            "--test",
            "sim",
        ],
        full: &[("EMBARK_SIM_HISTORIES", "1000000")],
    },
    Suite {
        name: "faults",
        about: "every call to Meta and everything it may answer",
        needs: &[],
        cargo: &["-p", "embark-onboarding", "--test", "faults"],
        full: &[],
    },
    Suite {
        name: "worker",
        about: "the built Worker in workerd against the sandbox",
        needs: &[Need::Built],
        cargo: &["-p", "embark-tests", "--test", "worker"],
        full: &[],
    },
    Suite {
        name: "backend",
        about: "tokens, lists and events of a partner's back end, in workerd",
        needs: &[Need::Built],
        // They mostly wait.
        cargo: &[
            "-p",
            "embark-tests",
            "--test",
            "backend",
            "--",
            "--test-threads=5",
        ],
        full: &[],
    },
    Suite {
        name: "webhooks",
        about: "Meta's webhooks in workerd: who sends them, and that none is lost or doubled",
        needs: &[Need::Built],
        // They mostly wait.
        cargo: &[
            "-p",
            "embark-tests",
            "--test",
            "webhooks",
            "--",
            "--test-threads=3",
        ],
        full: &[
            ("EMBARK_WEBHOOK_CHANGES", "10000"),
            ("EMBARK_DELIVERIES", "5000"),
        ],
    },
    Suite {
        name: "policies",
        about: "each kind of partner in workerd: success, and each documented error",
        needs: &[Need::Built],
        // They mostly wait, so more of them than cores can run at once.
        cargo: &[
            "-p",
            "embark-tests",
            "--test",
            "policies",
            "--",
            "--test-threads=5",
        ],
        full: &[],
    },
    Suite {
        name: "crash",
        about: "the Worker panics, is terminated or killed at every operation",
        needs: &[Need::Built],
        cargo: &["-p", "embark-tests", "--test", "crash", "--", "--nocapture"],
        full: &[("EMBARK_CRASH_ROUNDS", "7")],
    },
    Suite {
        name: "wasm",
        about: "what only JavaScript values can show, in Node.js",
        needs: &[Need::Program(Program::WasmTestRunner)],
        cargo: &[
            "--target",
            tools::WASM_TARGET,
            "-p",
            "embark-widget",
            "--lib",
        ],
        full: &[],
    },
    Suite {
        name: "browser",
        about: "the whole flow in Chromium",
        needs: &[Need::Built, Need::Program(Program::Chromium)],
        cargo: CHROMIUM,
        full: &[],
    },
    Suite {
        name: "firefox",
        about: "the same in Firefox, but for what only Chromium can be asked",
        needs: &[Need::Built, Need::Program(Program::Firefox)],
        cargo: FIREFOX,
        full: &[],
    },
    Suite {
        name: "dev",
        about: "cargo xtask dev, as a developer starts it, with the example back ends",
        needs: &[
            Need::Built,
            Need::RustExample,
            Need::Program(Program::Python),
        ],
        // Each test starts `dev`, which claims its ports itself.
        cargo: &[
            "-p",
            "embark-tests",
            "--test",
            "dev",
            "--",
            "--test-threads=1",
        ],
        full: &[],
    },
];

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

fn built_env(tools: &Tools) -> Result<[(&'static str, OsString); 12]> {
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
