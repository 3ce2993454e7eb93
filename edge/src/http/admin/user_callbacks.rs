//! Meta's callbacks about people: the list, and those that an operator has seen to.

use crate::clock;
use crate::durable_objects::rpc;
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::rpc::{RpcError, Singleton};
use embark_onboarding::resources::users::{UsersReply, UsersRequest};
use embark_protocol::{Problem, ProblemCode};

/// `GET /v1/admin/callbacks`: those that wait for an operator first, then the newest.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn list(incoming: &Incoming<'_>) -> Result<HandlerResponse, Problem> {
    match ask(incoming, UsersRequest::List).await? {
        UsersReply::Callbacks(callbacks) => HandlerResponse::json(&callbacks),
        UsersReply::Callback(_) => Err(RpcError::UnexpectedReply.into()),
    }
}

/// `POST /v1/admin/callbacks/{code}`: a deletion without a match is done. Responds with it. Repeatable.
///
/// # Errors
/// `not_found`: there is no such callback. `internal`: the Partner object did not reply.
pub async fn close(incoming: &Incoming<'_>, code: String) -> Result<HandlerResponse, Problem> {
    let at = clock::now();
    match ask(incoming, UsersRequest::Close { code, at }).await? {
        UsersReply::Callback(Some(callback)) => HandlerResponse::json(&callback),
        UsersReply::Callback(None) => Err(Problem::new(ProblemCode::NotFound)),
        UsersReply::Callbacks(_) => Err(RpcError::UnexpectedReply.into()),
    }
}

async fn ask(incoming: &Incoming<'_>, request: UsersRequest) -> Result<UsersReply, Problem> {
    let request = PartnerRequest::Users(request);
    match rpc::call(incoming.env, &Singleton, &request).await? {
        PartnerReply::Users(reply) => Ok(reply),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}
