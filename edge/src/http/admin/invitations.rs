//! Invitations of a site, which its Site object has.

use crate::durable_objects::rpc;
use crate::http::incoming::Incoming;
use crate::http::links::create_invitation;
use crate::http::response::HandlerResponse;
use crate::random;
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_protocol::{InvitationId, Problem, SiteId};

/// `POST /v1/admin/sites/{site}/invitations`: responds with the invitation and its link.
///
/// # Errors
/// `bad_request` for an order that is not valid, `unknown_site`.
pub async fn create(incoming: &Incoming<'_>, site: SiteId) -> Result<HandlerResponse, Problem> {
    let invitation =
        create_invitation(incoming, &site, incoming.parse_json()?, &random::fresh_id()).await?;
    HandlerResponse::json(&invitation)
}

/// `GET /v1/admin/sites/{site}/invitations`: the 200 that expire last.
///
/// # Errors
/// `unknown_site`.
pub async fn list(incoming: &Incoming<'_>, site: SiteId) -> Result<HandlerResponse, Problem> {
    match rpc::call(incoming.env, &site, &SiteRequest::Invitations).await? {
        SiteReply::Invitations { list } => HandlerResponse::json(&list),
        SiteReply::Refused { code } => Err(Problem::new(code)),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// `DELETE /v1/admin/sites/{site}/invitations/{id}`. One that was used, or is unknown, is not an error.
///
/// # Errors
/// `internal`: the Site object did not reply.
pub async fn revoke(
    incoming: &Incoming<'_>,
    site: SiteId,
    id: InvitationId,
) -> Result<HandlerResponse, Problem> {
    let request = SiteRequest::RevokeInvitation { id };
    rpc::call(incoming.env, &site, &request)
        .await?
        .into_accepted()?;
    Ok(HandlerResponse::NoContent)
}
