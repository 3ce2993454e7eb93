//! `embark`: the operator's command line. It talks to the Worker of `--edge` or `EMBARK_EDGE`, with the token of
//! `EMBARK_OPERATOR_TOKEN`.

use anyhow::{anyhow, bail};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use embark_cli::{Command, Options, Program, report_error};
use std::io;
use std::process::ExitCode;

/// Configures a Worker that connects WhatsApp numbers, and reads what it holds.
#[derive(Parser)]
#[command(name = "embark", version, after_help = EXAMPLES)]
struct Cli {
    /// Those that stand before the command; clap hands them to it.
    #[command(flatten)]
    _options: Options,
    #[command(subcommand)]
    command: AnyCommand,
}

#[derive(Subcommand)]
enum AnyCommand {
    #[command(flatten)]
    Worker(Box<Command>),
    /// Prints a script with which a shell completes commands
    #[command(after_help = COMPLETION_EXAMPLES)]
    Completions {
        /// The shell
        shell: Shell,
    },
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return end_unparsed(&error),
    };
    match cli.command {
        AnyCommand::Worker(command) => embark_cli::execute(*command, &PROGRAM),
        AnyCommand::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "embark", &mut io::stdout());
            ExitCode::SUCCESS
        }
    }
}

/// Prints the help that was asked for, or what is wrong with the arguments.
fn end_unparsed(error: &clap::Error) -> ExitCode {
    let is_mistake = error.use_stderr();
    let is_help = error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if is_mistake && !is_help && std::env::args().any(|argument| argument == "--json") {
        let text = error.to_string();
        report_error(
            &anyhow!("{}", text.trim_start_matches("error: ").trim_end()),
            true,
        );
    } else {
        // There is no other place to say it.
        let _ = error.print();
    }
    match is_mistake {
        true => ExitCode::from(2),
        false => ExitCode::SUCCESS,
    }
}

const PROGRAM: Program = Program {
    name: "embark",
    default_worker: || {
        bail!("name the Worker: --edge https://operator.partner.example, or EMBARK_EDGE")
    },
};

const EXAMPLES: &str = "Examples:
  embark app add main --app-id 1234567890 --edge https://operator.partner.example
  embark site add acme --app main --origin https://shop.example --config-id 9876543210
  embark signups acme --status needs_input
  embark export acme > signups.csv

Environment:
  EMBARK_EDGE            the operator origin, instead of --edge
  EMBARK_OPERATOR_TOKEN  the operator's token: the secret of the same name of the Worker

With --json a command prints one document on standard output, `null` where the API has nothing to say, and an error as
{\"error\", \"status\", \"problem\"} on standard error. It ends with 0, 1 after an error, 2 if the arguments are wrong.";

const COMPLETION_EXAMPLES: &str = "Examples:
  embark completions bash > /etc/bash_completion.d/embark
  embark completions zsh > ~/.zfunc/_embark
  embark completions fish > ~/.config/fish/completions/embark.fish";

#[cfg(test)]
mod tests;
