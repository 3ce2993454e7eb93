//! What operators, and the back ends of sites, do with a deployment: each action is one function with typed input and output,
//! and the problems that it ends with. Nothing here knows how a result is shown: `http/admin` and `http/backend` respond with
//! it as JSON.

pub mod access;
pub mod accounts;
pub mod app_webhooks;
pub mod apps;
pub mod backup;
pub mod checklist;
pub mod doctor;
pub mod endpoints;
pub mod events;
pub mod every_site;
pub mod health;
pub mod infobip;
pub mod invitations;
pub mod keys;
pub mod messages;
pub mod operators;
pub mod reports;
pub mod secrets;
pub mod seed;
pub mod sessions;
pub mod signup_export;
pub mod signups;
pub mod site_client;
pub mod sites;
pub mod tokens;
pub mod transfers;
pub mod unclaimed;
pub mod user_callbacks;

use crate::config::Settings;
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::resources::run::RunReply;
use embark_protocol::operators::OperatorIdentity;
use embark_protocol::{FieldError, Problem, ProblemCode};
use serde::de::DeserializeOwned;
use worker::Env;

/// The deployment that an operation works on.
#[derive(Clone, Copy)]
pub struct Deployment<'a> {
    /// The Worker's bindings.
    pub env: &'a Env,
    /// Its settings.
    pub settings: &'a Settings,
    /// Who asks. `None`: no operator, or not known yet.
    pub operator: Option<&'a OperatorIdentity>,
}

/// What was stored by an object.
pub struct Stored<T> {
    /// What is there now.
    pub value: T,
    /// Whether KV has its copy. If not, it follows within minutes: pages that read KV work with what was there before.
    pub copied: bool,
}

/// Settings that are not valid: each field that is not, and all of them in one sentence.
fn invalid(detail: &str, errors: Vec<FieldError>) -> Problem {
    Problem {
        errors,
        ..Problem::new(ProblemCode::BadRequest).with_detail(detail)
    }
}

fn other_key() -> Problem {
    Problem::new(ProblemCode::BadRequest).with_detail("key: differs from the address")
}

/// The document that a Run object replied with.
///
/// # Errors
/// The problem that it refused the request with; `internal`: it is no document of this type.
fn run_document<T: DeserializeOwned>(reply: RunReply) -> Result<T, Problem> {
    match reply {
        RunReply::Document(json) => {
            serde_json::from_str(json.get()).map_err(|_| RpcError::UnexpectedReply.into())
        }
        RunReply::Refused(problem) => Err(*problem),
    }
}
