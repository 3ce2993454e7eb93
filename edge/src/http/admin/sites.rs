//! Customer websites: their settings, which the Site object of each has.

use super::merge_patch;
use crate::durable_objects::app_credentials::{app_settings, has_app_secret};
use crate::durable_objects::rpc;
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::rpc::{RpcError, Singleton};
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_protocol::admin::{MESSAGES_VERIFY_TOKEN, MessagesSettings, SiteSettings, StoredSite};
use embark_protocol::{AppKey, Problem, ProblemCode, SiteId};
use worker::Env;

/// `PUT /v1/admin/sites/{site}`: adds or replaces a site. Responds with its settings.
///
/// # Errors
/// `bad_json` for a body that is no site's settings; `bad_request` for settings that are not valid, name an app that there is
/// not, or have another key than the address; `internal`: an object did not reply, what was put may be stored.
pub async fn put_site(incoming: &Incoming<'_>, key: SiteId) -> Result<HandlerResponse, Problem> {
    put(incoming, &key, incoming.parse_json()?).await
}

/// `PATCH /v1/admin/sites/{site}`: adds a site, or changes the settings that the patch names. Responds with all of them,
/// and with a `warning` if no signup can succeed yet, or Meta will not accept the address of messages.
///
/// # Errors
/// `bad_json` for a body that is no object of settings, and for a new site without `app`, `origins` or `config_id`; otherwise as
/// [`put_site`].
pub async fn patch_site(incoming: &Incoming<'_>, key: SiteId) -> Result<HandlerResponse, Problem> {
    let current = stored(incoming.env, &key).await?;
    let settings = merge_patch::apply(current.as_ref(), incoming.parse_json()?)?;
    put(incoming, &key, settings).await
}

/// `GET /v1/admin/sites/{site}`: the settings, without secrets.
///
/// # Errors
/// `unknown_site`; `internal`: the Site object did not reply.
pub async fn get_site(incoming: &Incoming<'_>, key: SiteId) -> Result<HandlerResponse, Problem> {
    HandlerResponse::json(&settings_of(incoming.env, &key).await?)
}

/// `GET /v1/admin/sites`: the ids of all sites.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn list_sites(incoming: &Incoming<'_>) -> Result<HandlerResponse, Problem> {
    match rpc::call(incoming.env, &Singleton, &PartnerRequest::Sites).await? {
        PartnerReply::Sites { sites } => HandlerResponse::json(&sites),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

async fn put(
    incoming: &Incoming<'_>,
    key: &SiteId,
    settings: SiteSettings,
) -> Result<HandlerResponse, Problem> {
    let bad = |detail: &str| Problem::new(ProblemCode::BadRequest).with_detail(detail);
    if settings.key != *key {
        return Err(bad("key: differs from the address"));
    }
    if app_settings(incoming.env, &settings.app).await?.is_none() {
        return Err(bad("app: there is none of this name; add it first"));
    }
    let has_secret = has_app_secret(incoming.env, &settings.app).await?;
    let request = SiteRequest::Put(Box::new(settings.clone()));
    match rpc::call(incoming.env, key, &request).await? {
        SiteReply::Put { copied, .. } => {
            // A page view that does not find the site in KV, which may not have its copy yet, asks the Partner object
            // whether the site exists before it asks the Site object.
            let known = PartnerRequest::AddSite {
                site: key.clone(),
                hosted_app: settings.hosted_signup.then(|| settings.app.clone()),
            };
            rpc::call(incoming.env, &Singleton, &known).await?;
            let warning = match has_secret {
                true => no_verify_token(incoming.env, &settings).await?,
                false => Some(no_secret(&settings.app)),
            };
            let response = StoredSite {
                settings,
                edge: incoming.settings.origin.clone(),
                warning,
            };
            if copied {
                HandlerResponse::json(&response)
            } else {
                // Stored. Pages are served with these settings once KV, which page views read, has its copy of them.
                HandlerResponse::accepted(&response)
            }
        }
        SiteReply::Invalid { detail } => Err(bad(&detail)),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// The settings of a site, for other operator's routes.
///
/// # Errors
/// `unknown_site`, or `internal` if the Site object did not reply.
pub async fn settings_of(env: &Env, site: &SiteId) -> Result<SiteSettings, Problem> {
    let settings = stored(env, site).await?;
    settings.ok_or_else(|| Problem::new(ProblemCode::UnknownSite))
}

async fn stored(env: &Env, site: &SiteId) -> Result<Option<SiteSettings>, Problem> {
    match rpc::call(env, site, &SiteRequest::Get).await? {
        SiteReply::Config { config } => Ok(config.map(|config| *config)),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

fn no_secret(app: &AppKey) -> String {
    format!("the app {app} has no app_secret yet: its pages refuse signups until it is set")
}

/// Why Meta would not accept the address of the site's messages. `None`: no reason is known.
///
/// # Errors
/// `internal`: the Site object did not reply. The settings are stored.
async fn no_verify_token(env: &Env, settings: &SiteSettings) -> Result<Option<String>, Problem> {
    if !matches!(settings.messages, MessagesSettings::Override { .. }) {
        return Ok(None);
    }
    let SiteReply::MessageRoute { route } =
        rpc::call(env, &settings.key, &SiteRequest::MessageRoute).await?
    else {
        return Err(RpcError::UnexpectedReply.into());
    };
    let callback = route.and_then(|route| route.callback);
    let is_missing = callback.is_some_and(|callback| callback.verify_token.is_none());
    let site = &settings.key;
    Ok(is_missing.then(|| {
        format!("messages go to their address once its verify token is put: secret site/{site}/{MESSAGES_VERIFY_TOKEN}")
    }))
}
