//! The readiness report of a connected signup, which its Run object has.

use crate::durable_objects::rpc;
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use embark_onboarding::resources::run::RunRequest;
use embark_protocol::{Problem, SignupId};

/// `GET /v1/admin/signups/{id}/report`: as it was last read.
///
/// # Errors
/// `not_launched`.
pub async fn get(incoming: &Incoming<'_>, signup: SignupId) -> Result<HandlerResponse, Problem> {
    let request = RunRequest::Report { refresh: false };
    HandlerResponse::from_run_reply(rpc::call(incoming.env, &signup, &request).await?)
}

/// `POST /v1/admin/signups/{id}/report`: reads it from Meta again; responds before that is done.
///
/// # Errors
/// `not_launched`.
pub async fn refresh(
    incoming: &Incoming<'_>,
    signup: SignupId,
) -> Result<HandlerResponse, Problem> {
    let request = RunRequest::Report { refresh: true };
    HandlerResponse::accepted_from_run_reply(rpc::call(incoming.env, &signup, &request).await?)
}
