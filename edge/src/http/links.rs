//! Links for one customer each, which operators and back ends create.

use super::incoming::Incoming;
use crate::durable_objects::rpc;
use crate::{clock, random};
use embark_onboarding::auth::grant::Grant;
use embark_onboarding::resources::invitation;
use embark_onboarding::resources::site::SiteRequest;
use embark_protocol::admin::{InvitationDetails, InvitationRequest, LinkResponse};
use embark_protocol::{AppKey, InvitationId, Problem, ProblemCode, SignupId, SiteId, WabaId};

/// Creates an invitation to the site, with its link.
///
/// # Errors
/// `bad_request` for an order that is not valid, `unknown_site`.
pub async fn create_invitation(
    incoming: &Incoming<'_>,
    site: &SiteId,
    order: InvitationRequest,
) -> Result<InvitationDetails, Problem> {
    let id = InvitationId::parse(&random::fresh_id())
        .map_err(|_| Problem::new(ProblemCode::Internal))?;
    let origin = &incoming.settings.origin;
    let url = format!("{origin}/go/{site}?invite={id}");
    let mut invitation = invitation::create(order, id, clock::now())
        .map_err(|error| Problem::new(ProblemCode::BadRequest).with_detail(&error.to_string()))?;
    let request = SiteRequest::CreateInvitation(invitation.clone());
    rpc::call(incoming.env, site, &request)
        .await?
        .into_accepted()?;
    invitation.url = Some(url);
    Ok(invitation)
}

/// A link to the hosted page, valid for two weeks, by which the token of one account is renewed and no other. A business
/// token lives 60 days and cannot be refreshed, so that the customer must go through Meta's popup again.
///
/// # Errors
/// `internal`: the link cannot be signed.
pub fn renewal_link(
    incoming: &Incoming<'_>,
    site: SiteId,
    app: AppKey,
    waba: WabaId,
) -> Result<LinkResponse, Problem> {
    let internal = || Problem::new(ProblemCode::Internal);
    let signup = SignupId::parse(&random::fresh_id()).map_err(|_| internal())?;
    let settings = incoming.settings;
    let grant = Grant::renewal(signup, site, app, waba, &settings.origin, clock::now());
    let url = grant.hosted_page_url(&settings.origin, &settings.keyring);
    Ok(LinkResponse {
        url: url.ok_or_else(internal)?,
    })
}
