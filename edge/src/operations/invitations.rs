//! Invitations of a site, which its Site object has.

use super::Deployment;
use super::seed::Seed;
use super::site_client::SiteClient;
use crate::clock;
use crate::durable_objects::rpc;
use embark_onboarding::resources::invitation;
use embark_onboarding::resources::list_cursor::ListCursor;
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_protocol::admin::{InvitationDetails, InvitationPage, InvitationRequest};
use embark_protocol::{InvitationId, Problem, ProblemCode, SiteId};

/// Creates an invitation to the site, with its link.
///
/// # Errors
/// `bad_request` for an order that is not valid; `unknown_site`; `internal`: the site did not reply.
pub async fn create(
    client: &impl SiteClient,
    order: InvitationRequest,
    seed: &Seed,
) -> Result<InvitationDetails, Problem> {
    let id = InvitationId::parse(&seed.id()).map_err(|_| Problem::new(ProblemCode::Internal))?;
    let (deployment, site) = (client.deployment(), client.site());
    let origin = &deployment.settings.origin;
    let url = format!("{origin}/go/{site}?invite={id}");
    let mut invitation = invitation::create(order, id, clock::now())
        .map_err(|error| Problem::new(ProblemCode::BadRequest).with_detail(&error.to_string()))?;
    let request = SiteRequest::CreateInvitation(invitation.clone());
    rpc::call(deployment.env, site, &request)
        .await?
        .into_accepted()?;
    invitation.url = Some(url);
    Ok(invitation)
}

/// A page of the invitations, the one that expires last first. `after`: where the page before ended.
///
/// # Errors
/// `unknown_site`; `internal`: the site did not reply.
pub async fn list(
    deployment: Deployment<'_>,
    site: &SiteId,
    after: Option<ListCursor>,
    limit: u32,
) -> Result<InvitationPage, Problem> {
    let request = SiteRequest::Invitations { after, limit };
    match rpc::call(deployment.env, site, &request).await? {
        SiteReply::Invitations(page) => Ok(page),
        SiteReply::Refused { code } => Err(Problem::new(code)),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// Revokes an invitation. One that was used, or is unknown, is not an error.
///
/// # Errors
/// `internal`: the Site object did not reply.
pub async fn revoke(
    deployment: Deployment<'_>,
    site: &SiteId,
    id: InvitationId,
) -> Result<(), Problem> {
    let request = SiteRequest::RevokeInvitation { id };
    rpc::call(deployment.env, site, &request)
        .await?
        .into_accepted()?;
    Ok(())
}
