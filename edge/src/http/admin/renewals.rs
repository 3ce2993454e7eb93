//! Renewal links: a business token lives 60 days and cannot be refreshed, so that the customer must go through
//! Meta's popup again.

use super::sites::settings_of;
use crate::clock;
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use crate::random;
use embark_onboarding::auth::grant::{Grant, LinkKind, RESUME_PERIOD};
use embark_protocol::admin::{LinkResponse, RenewalRequest};
use embark_protocol::{Problem, ProblemCode, SignupId};

/// `POST /v1/admin/renewals`: responds with a link to the hosted page, valid for two weeks, that renews one account
/// and no other.
///
/// # Errors
/// `unknown_site`.
pub async fn create(incoming: &Incoming<'_>) -> Result<HandlerResponse, Problem> {
    let internal = || Problem::new(ProblemCode::Internal);
    let order: RenewalRequest = incoming.parse_json()?;
    let site_settings = settings_of(incoming.env, &order.site).await?;
    let signup = SignupId::parse(&random::fresh_id()).map_err(|_| internal())?;
    let settings = incoming.settings;
    let now = clock::now();
    let expires_at = now + RESUME_PERIOD;
    let grant = Grant {
        launch_by: expires_at,
        submit_by: expires_at,
        bound_waba: Some(order.waba_id),
        link: Some(LinkKind::Renewal),
        ..Grant::new(
            signup,
            order.site,
            site_settings.app,
            settings.origin.clone(),
            now,
        )
    };
    let url = grant.hosted_page_url(&settings.origin, &settings.keyring);
    HandlerResponse::json(&LinkResponse {
        url: url.ok_or_else(internal)?,
    })
}
