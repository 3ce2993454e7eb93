//! The tasks of this repository; `cargo xtask help` lists them. Each has a module of its name.

mod build;
mod check;
mod deploy;
mod dev;
mod file_lock;
mod generated;
mod package;
mod process;
mod repo;
mod source;
mod test;
mod tools;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use embark_cli::{Program, Target};
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
    #[command(flatten)]
    Repository(RepositoryTask),
    /// The commands of `embark`, by default for the running `dev`
    #[command(flatten)]
    Operator(Box<embark_cli::Command>),
}

/// What is done with the files of this repository.
#[derive(Subcommand)]
enum RepositoryTask {
    /// Runs everything on this machine: the Worker, the sandbox in place of Meta, and a customer's website
    Dev(dev::Args),
    /// Builds the widget, the static files and the Worker
    Build(build::Args),
    /// Writes an archive from which the Worker is deployed with Node.js alone, and the npm package for websites
    Package(package::Args),
    /// Checks, builds and deploys the Worker
    Deploy(deploy::Args),
    /// Runs the tests: all suites, or the ones named
    Test(test::Args),
    /// Checks formatting, conventions, imports, lints, docs, types and sizes: all rules, or the ones named
    Check(check::Args),
    /// Writes what `docs/` has of the code: the OpenAPI documents, and the table of events
    Generate,
    /// Installs the tools that the other tasks need; these also install what is missing
    Setup(tools::Args),
}

fn main() -> ExitCode {
    let result = match Cli::parse().task {
        Task::Operator(command) => return embark_cli::execute(*command, &OPERATOR),
        Task::Repository(task) => run(task),
    };
    // After an error something may still be installed in the background.
    process::end_children();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: RepositoryTask) -> Result<()> {
    process::end_children_on_signals()?;
    match task {
        RepositoryTask::Dev(args) => dev::run(&args),
        RepositoryTask::Build(args) => build::run(&args),
        RepositoryTask::Package(args) => package::run(&args),
        RepositoryTask::Deploy(args) => deploy::run(&args),
        RepositoryTask::Test(args) => test::run(&args),
        RepositoryTask::Check(args) => check::run(&args),
        RepositoryTask::Generate => generated::run(),
        RepositoryTask::Setup(args) => tools::run(&args),
    }
}

/// The Worker of a command that names none is the one of the running `cargo xtask dev`.
const OPERATOR: Program = Program {
    name: "cargo xtask",
    default_worker: || {
        let session = dev::Session::read()
            .context("no --edge given, and `cargo xtask dev` was not started in this clone")?;
        Ok(Target {
            operator_url: session.operator_url().to_owned(),
            operator_token: session.operator_token().to_owned(),
        })
    },
};

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn command_line_definition_is_consistent() {
        Cli::command().debug_assert();
    }
}
