//! Customer websites: their settings, which the Site object of each has.

use crate::durable_objects::app_credentials::app_settings;
use crate::durable_objects::rpc;
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_protocol::admin::SiteSettings;
use embark_protocol::{Problem, ProblemCode, SiteId};
use worker::Env;

/// `PUT /v1/admin/sites/{site}`: adds or replaces a site. Responds with its settings.
///
/// # Errors
/// `bad_request` for settings that are not valid.
pub async fn put_site(incoming: &Incoming<'_>, key: SiteId) -> Result<HandlerResponse, Problem> {
    let settings: SiteSettings = incoming.parse_json()?;
    let bad = |detail: &str| Problem::new(ProblemCode::BadRequest).with_detail(detail);
    if settings.key != key {
        return Err(bad("key: differs from the address"));
    }
    if app_settings(incoming.env, &settings.app).await?.is_none() {
        return Err(bad("app: there is none of this name; add it first"));
    }
    let request = SiteRequest::Put(Box::new(settings.clone()));
    match rpc::call(incoming.env, &key, &request).await? {
        SiteReply::Put { copied: true, .. } => HandlerResponse::json(&settings),
        // The settings hold; pages are served with them once KV has its copy.
        SiteReply::Put { copied: false, .. } => HandlerResponse::accepted(&settings),
        SiteReply::Invalid { detail } => Err(bad(&detail)),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// The settings of a site, for other operator's routes.
///
/// # Errors
/// `unknown_site`, or `internal` if the Site object did not reply.
pub async fn settings_of(env: &Env, site: &SiteId) -> Result<SiteSettings, Problem> {
    match rpc::call(env, site, &SiteRequest::Get).await? {
        SiteReply::Config {
            config: Some(settings),
        } => Ok(*settings),
        _ => Err(Problem::new(ProblemCode::UnknownSite)),
    }
}
