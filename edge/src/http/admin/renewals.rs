//! Renewal links.

use super::sites::settings_of;
use crate::http::incoming::Incoming;
use crate::http::links::renewal_link;
use crate::http::response::HandlerResponse;
use crate::random;
use embark_protocol::Problem;
use embark_protocol::admin::RenewalRequest;

/// `POST /v1/admin/renewals`: responds with a link to the hosted page, valid for two weeks, that renews one account
/// and no other.
///
/// # Errors
/// `unknown_site`.
pub async fn create(incoming: &Incoming<'_>) -> Result<HandlerResponse, Problem> {
    let order: RenewalRequest = incoming.parse_json()?;
    let settings = settings_of(incoming.env, &order.site).await?;
    let link = renewal_link(
        incoming,
        order.site,
        settings.app,
        order.waba_id,
        &random::fresh_id(),
    )?;
    HandlerResponse::json(&link)
}
