//! Meta's callbacks about people: the list, and those that an operator has seen to.

use super::Deployment;
use crate::durable_objects::rpc;
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::rpc::{RpcError, Singleton};
use embark_onboarding::resources::users::{UsersReply, UsersRequest};
use embark_protocol::user_callbacks::UserCallback;
use embark_protocol::{Problem, ProblemCode};

/// Those that wait for an operator first, then the newest.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn list(deployment: Deployment<'_>) -> Result<Vec<UserCallback>, Problem> {
    match ask(deployment, UsersRequest::List).await? {
        UsersReply::Callbacks(callbacks) => Ok(callbacks),
        UsersReply::Callback(_) => Err(RpcError::UnexpectedReply.into()),
    }
}

/// Ends a deletion without a match, which an operator has seen to. Repeatable.
///
/// # Errors
/// `not_found`: there is no such callback. `internal`: the Partner object did not reply.
pub async fn close(deployment: Deployment<'_>, code: String) -> Result<UserCallback, Problem> {
    match ask(deployment, UsersRequest::Close { code }).await? {
        UsersReply::Callback(Some(callback)) => Ok(callback),
        UsersReply::Callback(None) => Err(Problem::new(ProblemCode::NotFound)),
        UsersReply::Callbacks(_) => Err(RpcError::UnexpectedReply.into()),
    }
}

async fn ask(deployment: Deployment<'_>, request: UsersRequest) -> Result<UsersReply, Problem> {
    let request = PartnerRequest::Users(request);
    match rpc::call(deployment.env, &Singleton, &request).await? {
        PartnerReply::Users(reply) => Ok(reply),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}
