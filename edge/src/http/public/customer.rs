//! What a request for a launch document says of the customer: the session, the invitation, the partner's own id, and where
//! the person came from.

use super::session::LaunchSession;
use crate::durable_objects::rpc;
use crate::http::incoming::Incoming;
use embark_onboarding::resources::referrer::is_opened_by_site;
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::resources::signup_session::tab_reference;
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_protocol::admin::SiteSettings;
use embark_protocol::site_events::CustomerReference;
use embark_protocol::{InvitationId, Problem, ProblemCode, Reference, SiteId};

/// Whose signup it is: as the partner said with the session or the invitation, else as the page says. `None`: neither says so.
///
/// # Errors
/// As [`reference()`].
pub fn customer_reference(
    incoming: &Incoming<'_>,
    invitation: Option<&UsableInvitation>,
    session: &LaunchSession,
) -> Result<Option<CustomerReference>, Problem> {
    let of_session = session.order.as_ref().map(|order| order.reference.clone());
    let invited = invitation.and_then(|invitation| invitation.reference.clone());
    if let Some(id) = of_session.or(invited) {
        return Ok(Some(CustomerReference { id, verified: true }));
    }
    let named = named_reference(incoming)?;
    Ok(named.map(|id| CustomerReference {
        id,
        verified: false,
    }))
}

/// What keeps the customers of one browser tab apart: the customer of the session, else the partner's own id of the
/// customer, else the invitation. `None`:
/// the request names neither.
///
/// # Errors
/// `bad_request`: it is too long, or has control characters. Without it the customers of one tab would be mixed up.
pub fn reference(
    incoming: &Incoming<'_>,
    site: &SiteId,
    session: &LaunchSession,
) -> Result<Option<Reference>, Problem> {
    if let Some(order) = &session.order {
        return Ok(tab_reference(site, &order.reference));
    }
    if let Some(reference) = named_reference(incoming)? {
        return Ok(Some(reference));
    }
    let invitation = incoming.query("invite");
    let invitation = invitation.filter(|id| InvitationId::parse(id).is_ok());
    Ok(invitation.and_then(|id| Reference::parse(&id).ok()))
}

/// The partner's own id of the customer, as the page says.
fn named_reference(incoming: &Incoming<'_>) -> Result<Option<Reference>, Problem> {
    let text = incoming.query("reference");
    let text = text.filter(|text| !text.is_empty());
    let reference = text.map(|text| Reference::parse(&text)).transpose();
    reference.map_err(|error| Problem::new(ProblemCode::BadRequest).with_detail(error.expected()))
}

/// Whether the person came from one of the site's pages, or from one of ours.
pub fn is_sent_by(site: &SiteSettings, incoming: &Incoming<'_>) -> bool {
    let referrer = incoming.header("referer").unwrap_or_default();
    is_opened_by_site(site, &incoming.settings.origin, &referrer)
}

/// An invitation that can be redeemed.
pub struct UsableInvitation {
    /// Its id.
    pub id: InvitationId,
    /// The partner's own id of the customer. `None`: the invitation was created without, or with one that is not of that
    /// shape.
    pub reference: Option<Reference>,
}

/// Checks an invitation, which does not use it up.
///
/// # Errors
/// `invitation_expired` for text that is none, and the refusals of the Site object.
pub async fn checked_invitation(
    incoming: &Incoming<'_>,
    site: &SiteId,
    invite: &str,
) -> Result<UsableInvitation, Problem> {
    let id =
        InvitationId::parse(invite).map_err(|_| Problem::new(ProblemCode::InvitationExpired))?;
    let check = SiteRequest::CheckInvitation { id: id.clone() };
    let reference = match rpc::call(incoming.env, site, &check).await? {
        SiteReply::Usable { reference } => reference,
        SiteReply::Refused { code } => return Err(Problem::new(code)),
        _ => return Err(RpcError::UnexpectedReply.into()),
    };
    let reference = reference.and_then(|text| Reference::parse(&text).ok());
    Ok(UsableInvitation { id, reference })
}
