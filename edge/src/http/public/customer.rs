//! What a request for a launch document says of the customer: the invitation, the partner's own id, and where the person
//! came from.

use crate::durable_objects::rpc;
use crate::http::incoming::Incoming;
use embark_onboarding::resources::referrer::is_opened_by_site;
use embark_onboarding::resources::site::SiteRequest;
use embark_protocol::admin::SiteSettings;
use embark_protocol::{InvitationId, Problem, ProblemCode, Reference, SiteId};

/// The partner's own id of the customer, else the invitation. `None`: the request names neither.
///
/// # Errors
/// `bad_request`: it is too long, or has control characters. Without it the customers of one tab would be mixed up.
pub fn reference(incoming: &Incoming<'_>) -> Result<Option<Reference>, Problem> {
    let text = incoming.query("reference");
    let text = text.filter(|text| !text.is_empty());
    // An invitation is one customer's too.
    let invitation = || {
        incoming
            .query("invite")
            .filter(|id| InvitationId::parse(id).is_ok())
    };
    let text = text.or_else(invitation);
    let reference = text.map(|text| Reference::parse(&text)).transpose();
    reference.map_err(|error| Problem::new(ProblemCode::BadRequest).with_detail(error.expected()))
}

/// Whether the person came from one of the site's pages, or from one of ours.
pub fn is_sent_by(site: &SiteSettings, incoming: &Incoming<'_>) -> bool {
    let referrer = incoming.header("referer").unwrap_or_default();
    is_opened_by_site(site, &incoming.settings.origin, &referrer)
}

/// Checks an invitation, which does not use it up.
///
/// # Errors
/// `invitation_expired` for text that is none, and the refusals of the Site object.
pub async fn checked_invitation(
    incoming: &Incoming<'_>,
    site: &SiteId,
    invite: &str,
) -> Result<InvitationId, Problem> {
    let id =
        InvitationId::parse(invite).map_err(|_| Problem::new(ProblemCode::InvitationExpired))?;
    let check = SiteRequest::CheckInvitation { id: id.clone() };
    let reply = rpc::call(incoming.env, site, &check).await?;
    reply.into_accepted()?;
    Ok(id)
}
