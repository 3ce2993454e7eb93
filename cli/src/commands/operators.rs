//! `operators`: who may administer the deployment.

use crate::admin_path::AdminPath;
use crate::answer::Answer;
use crate::table::{rfc3339, table};
use crate::visible::visible;
use crate::worker::Worker;
use anyhow::Result;
use clap::Subcommand;
use embark_protocol::operators::{OperatorDetails, OperatorRequest, OperatorRole};
use serde::Deserialize;
use serde_json::{json, to_value};

#[derive(Subcommand)]
pub enum OperatorsTask {
    /// Adds an operator, and prints the token: it is not shown again
    #[command(
        after_help = "Examples:\n  embark operators add --name Ada --role owner\n  embark operators add --name Ada --role operator --email ada@partner.example"
    )]
    Add {
        /// Who it is, as the audit log shows it
        #[arg(long)]
        name: String,
        /// What the operator may do
        #[arg(long, value_name = "viewer|operator|owner", value_parser = role)]
        role: OperatorRole,
        /// The address by which Cloudflare Access knows the operator, where it stands before the console
        #[arg(long, value_name = "ADDRESS")]
        email: Option<String>,
        /// After how many days the token ceases to work; otherwise it works until the operator is removed
        #[arg(long)]
        expires_in_days: Option<u32>,
    },
    /// Lists the operators, without their tokens
    #[command(after_help = "Examples:\n  embark operators list")]
    List,
    /// Removes an operator, whose token and sessions cease to work at once
    #[command(after_help = "Examples:\n  embark operators remove 0123456789abcdef0123456789abcdef")]
    Remove {
        /// The id, as `list` prints it
        id: String,
    },
}

/// # Errors
/// When the Worker refuses.
pub fn run(task: OperatorsTask, worker: &Worker<'_>) -> Result<Answer> {
    match task {
        OperatorsTask::Add {
            name,
            role,
            email,
            expires_in_days,
        } => {
            let body = to_value(OperatorRequest {
                name,
                role,
                email,
                expires_in_days,
            })?;
            let response = worker.post("operators", &body)?;
            let added = OperatorDetails::deserialize(&response)?;
            let note = format!(
                "the token of {}; it is not shown again",
                visible(&added.name)
            );
            Ok(Answer::new(response, visible(&added.token.unwrap_or_default())).with_note(note))
        }
        OperatorsTask::List => {
            let listed = worker.get("operators")?;
            let operators = Vec::<OperatorDetails>::deserialize(&listed)?;
            let rows: Vec<_> = operators.into_iter().map(row).collect();
            let text = table(["id", "name", "role", "e-mail", "until"], &rows);
            Ok(Answer::new(listed, text))
        }
        OperatorsTask::Remove { id } => {
            worker.delete(AdminPath::new("operators").join(&id))?;
            Ok(Answer::without_document(format!(
                "{id} is no operator any more"
            )))
        }
    }
}

fn row(operator: OperatorDetails) -> [String; 5] {
    let until = operator.expires_at.map(|at| rfc3339(&json!(at)));
    [
        operator.id,
        operator.name,
        operator.role.as_str().to_owned(),
        operator.email.unwrap_or_default(),
        until.unwrap_or_default(),
    ]
}

fn role(text: &str) -> Result<OperatorRole, String> {
    OperatorRole::parse(text).ok_or_else(|| "expected viewer, operator or owner".to_owned())
}
