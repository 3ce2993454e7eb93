//! The commands that the programs have in common.

use crate::answer::{Answer, report_error};
use crate::commands::{
    app, backend, backup, doctor, events, export, health, invite, keys, operators, secret, signups,
    site,
};
use crate::options::Options;
use crate::program::Program;
use crate::worker::Worker;
use anyhow::Result;
use clap::Subcommand;
use std::process::ExitCode;

/// A command to a Worker, with the options of every command.
#[derive(Subcommand)]
pub enum Command {
    /// Configures a Meta app
    App {
        #[command(subcommand)]
        task: app::AppTask,
        #[command(flatten)]
        options: Options,
    },
    /// Configures a customer's website and its invitations
    Site {
        #[command(subcommand)]
        task: site::SiteTask,
        #[command(flatten)]
        options: Options,
    },
    /// Configures what the partner's own server needs of a site: tokens, and the endpoint of its events
    Backend {
        #[command(subcommand)]
        task: backend::BackendTask,
        #[command(flatten)]
        options: Options,
    },
    /// Stores a secret, or lists which are stored
    Secret {
        #[command(subcommand)]
        task: secret::SecretTask,
        #[command(flatten)]
        options: Options,
    },
    /// Adds, lists and removes operators. Only owners add and remove
    Operators {
        #[command(subcommand)]
        task: operators::OperatorsTask,
        #[command(flatten)]
        options: Options,
    },
    /// Checks what usually goes wrong with a site or its app, before a customer meets it
    #[command(after_help = doctor::EXAMPLES)]
    Doctor {
        #[command(flatten)]
        doctor: doctor::RunDoctor,
        #[command(flatten)]
        options: Options,
    },
    /// Says what is wrong with the deployment now, and what to do about it
    #[command(after_help = health::EXAMPLES)]
    Health {
        #[command(flatten)]
        options: Options,
    },
    /// Creates an invitation: a link for one customer that works once and until it expires. The same as `site invite`
    #[command(after_help = invite::EXAMPLES)]
    Invite {
        #[command(flatten)]
        invite: invite::CreateInvitation,
        #[command(flatten)]
        options: Options,
    },
    /// Lists the signups of a site, or of all sites, the one that changed last first
    #[command(after_help = signups::LIST_EXAMPLES, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
    Signups {
        #[command(flatten)]
        list: signups::ListSignups,
        #[command(subcommand)]
        task: Option<signups::SignupsTask>,
        #[command(flatten)]
        options: Options,
    },
    /// Prints one signup with its events
    #[command(after_help = signups::SHOW_EXAMPLES)]
    Signup {
        #[command(flatten)]
        show: signups::ShowSignup,
        #[command(flatten)]
        options: Options,
    },
    /// Lists the events of a site with what became of their delivery: the last 100, the newest first
    #[command(after_help = events::EXAMPLES)]
    Events {
        #[command(flatten)]
        list: events::ListEvents,
        #[command(flatten)]
        options: Options,
    },
    /// Prints the sealing keys and how far their rotation is, or rotates them
    #[command(after_help = keys::EXAMPLES)]
    Keys {
        #[command(subcommand)]
        task: Option<keys::KeysTask>,
        #[command(flatten)]
        options: Options,
    },
    /// Writes everything that the deployment stores to a file, or restores one
    Backup {
        #[command(subcommand)]
        task: backup::BackupTask,
        #[command(flatten)]
        options: Options,
    },
    /// Writes all signups of a site as CSV or JSON
    #[command(after_help = export::EXAMPLES)]
    Export {
        #[command(flatten)]
        export: export::ExportSignups,
        #[command(flatten)]
        options: Options,
    },
}

/// Executes a command of a program and prints its result, or the error.
pub fn execute(command: Command, program: &Program) -> ExitCode {
    let options = command.options().clone();
    let worker = Worker::new(program, &options);
    let done = run(command, &worker).and_then(|answer| answer.print(options.json));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report_error(&error, options.json);
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command, worker: &Worker<'_>) -> Result<Answer> {
    match command {
        Command::App { task, .. } => app::run(task, worker),
        Command::Site { task, .. } => site::run(task, worker),
        Command::Backend { task, .. } => backend::run(task, worker),
        Command::Secret { task, .. } => secret::run(&task, worker),
        Command::Operators { task, .. } => operators::run(task, worker),
        Command::Doctor { doctor, .. } => doctor::run(&doctor, worker),
        Command::Health { .. } => health::run(worker),
        Command::Invite { invite, .. } => invite::run(&invite, worker),
        Command::Signups { list, task, .. } => signups::run(&list, task, worker),
        Command::Signup { show, .. } => signups::show(&show, worker),
        Command::Events { list, .. } => events::list(&list, worker),
        Command::Keys { task, .. } => keys::run(task.as_ref(), worker),
        Command::Backup { task, .. } => backup::run(&task, worker),
        Command::Export { export, .. } => export::run(&export, worker),
    }
}

impl Command {
    fn options(&self) -> &Options {
        match self {
            Self::App { options, .. }
            | Self::Site { options, .. }
            | Self::Backend { options, .. }
            | Self::Secret { options, .. }
            | Self::Operators { options, .. }
            | Self::Doctor { options, .. }
            | Self::Health { options }
            | Self::Invite { options, .. }
            | Self::Signups { options, .. }
            | Self::Signup { options, .. }
            | Self::Events { options, .. }
            | Self::Keys { options, .. }
            | Self::Backup { options, .. }
            | Self::Export { options, .. } => options,
        }
    }
}
