//! Meta's callbacks about people: the list, and those that an operator has seen to.

use super::Deployment;
use crate::durable_objects::rpc;
use embark_onboarding::resources::list_cursor::ListCursor;
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::rpc::{RpcError, Singleton};
use embark_onboarding::resources::users::{UsersReply, UsersRequest};
use embark_protocol::user_callbacks::{UserCallback, UserCallbackPage, UserCallbackStatus};
use embark_protocol::{Problem, ProblemCode};

/// A page of the callbacks, the newest first. `status`: only those with it; `after`: where the page before ended.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn list(
    deployment: Deployment<'_>,
    status: Option<UserCallbackStatus>,
    after: Option<ListCursor>,
    limit: u32,
) -> Result<UserCallbackPage, Problem> {
    let request = UsersRequest::List {
        status,
        after,
        limit,
    };
    match ask(deployment, request).await? {
        UsersReply::Callbacks(page) => Ok(page),
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
