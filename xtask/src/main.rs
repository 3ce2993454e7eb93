//! The tasks of this repository; `cargo xtask help` lists them. Each has a module of its name.

mod admin;
mod build;
mod check;
mod dev;
mod file_lock;
mod generated;
mod process;
mod repo;
mod source;
mod test;
mod tools;
mod worker_api;

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
    /// Runs everything on this machine: the Worker, the sandbox in place of Meta, and a customer's website
    Dev(dev::Args),
    /// Builds the widget, the static files and the Worker
    Build(build::Args),
    /// Runs the tests: all suites, or the ones named
    Test(test::Args),
    /// Checks formatting, conventions, imports, lints, docs, types and sizes: all rules, or the ones named
    Check(check::Args),
    /// Writes what `docs/` has of the code: the OpenAPI documents, and the table of events
    Generate,
    /// Installs the tools that the other tasks need; these also install what is missing
    Setup(tools::Args),
    /// Configures a Meta app
    #[command(subcommand)]
    App(admin::AppTask),
    /// Configures a customer's website and its invitations
    #[command(subcommand)]
    Site(admin::SiteTask),
    /// Configures what the partner's own server needs of a site: tokens, and the endpoint of its events
    #[command(subcommand)]
    Backend(admin::BackendTask),
    /// Stores a secret
    #[command(subcommand)]
    Secret(admin::SecretTask),
}

fn main() -> ExitCode {
    let result = run(Cli::parse().task);
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

fn run(task: Task) -> Result<()> {
    process::end_children_on_signals()?;
    match task {
        Task::Dev(args) => dev::run(&args),
        Task::Build(args) => build::run(&args),
        Task::Test(args) => test::run(&args),
        Task::Check(args) => check::run(&args),
        Task::Generate => generated::run(),
        Task::Setup(args) => tools::run(&args),
        Task::App(task) => admin::app(task),
        Task::Site(task) => admin::site(task),
        Task::Backend(task) => admin::backend(task),
        Task::Secret(task) => admin::secret(task),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn command_line_definition_is_consistent() {
        Cli::command().debug_assert();
    }
}
