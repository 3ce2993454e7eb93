//! Every task of this repository. `cargo xtask help` lists them; each has a file of its name.

mod admin;
mod build;
mod check;
mod config;
mod dev;
mod json;
mod process;
mod quiet;
mod repo;
mod test;
mod tools;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Embark's tasks.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Runs everything on this machine: the Worker, a stand-in for Meta and a customer's website
    Dev(dev::Args),
    /// Builds the widget, the static files and the Worker
    Build(build::Args),
    /// Runs the tests: all suites, or the ones named
    Test(test::Args),
    /// Formatting, lints, docs, rules of the house, sizes
    Check(check::Args),
    /// Installs the tools the other tasks need; they do it themselves when something is missing
    Setup(tools::Args),
    /// Puts a Meta app
    #[command(subcommand)]
    App(admin::AppTask),
    /// Puts a customer website
    #[command(subcommand)]
    Site(admin::SiteTask),
    /// Puts a secret
    #[command(subcommand)]
    Secret(admin::SecretTask),
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    process::end_children_on_signals()?;
    match task {
        Task::Dev(args) => dev::run(&args),
        Task::Build(args) => build::run(&args),
        Task::Test(args) => test::run(&args),
        Task::Check(args) => check::run(&args),
        Task::Setup(args) => tools::run(&args),
        Task::App(task) => admin::app(task),
        Task::Site(task) => admin::site(task),
        Task::Secret(task) => admin::secret(task),
    }
}
