//! Customer websites: their settings, which the Site object of each has.

use super::{Deployment, Stored};
use crate::durable_objects::app_credentials::{app_settings, has_app_secret};
use crate::durable_objects::rpc;
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::rpc::{RpcError, Singleton};
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_protocol::admin::{MESSAGES_VERIFY_TOKEN, MessagesSettings, SiteSettings, StoredSite};
use embark_protocol::{AppKey, Problem, ProblemCode, SiteId};

/// The ids of all sites.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn list(deployment: Deployment<'_>) -> Result<Vec<SiteId>, Problem> {
    match rpc::call(deployment.env, &Singleton, &PartnerRequest::Sites).await? {
        PartnerReply::Sites { sites } => Ok(sites),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// The settings of a site, without secrets. `None`: there is no such site.
///
/// # Errors
/// `internal`: the Site object did not reply.
pub async fn find(
    deployment: Deployment<'_>,
    site: &SiteId,
) -> Result<Option<SiteSettings>, Problem> {
    match rpc::call(deployment.env, site, &SiteRequest::Get).await? {
        SiteReply::Config { config } => Ok(config.map(|config| *config)),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// The settings of a site, without secrets.
///
/// # Errors
/// `unknown_site`; `internal`: the Site object did not reply.
pub async fn get(deployment: Deployment<'_>, site: &SiteId) -> Result<SiteSettings, Problem> {
    let settings = find(deployment, site).await?;
    settings.ok_or_else(|| Problem::new(ProblemCode::UnknownSite))
}

/// Adds or replaces a site. The result has a `warning` if no signup can succeed yet, or Meta will not accept the address of
/// messages.
///
/// # Errors
/// `bad_request` for settings that are not valid, name an app that there is not, or have another key; `internal`: an object did
/// not reply, what was put may be stored.
pub async fn put(
    deployment: Deployment<'_>,
    key: &SiteId,
    settings: SiteSettings,
) -> Result<Stored<StoredSite>, Problem> {
    let bad = |detail: &str| Problem::new(ProblemCode::BadRequest).with_detail(detail);
    if settings.key != *key {
        return Err(bad("key: differs from the address"));
    }
    if app_settings(deployment.env, &settings.app).await?.is_none() {
        return Err(bad("app: there is none of this name; add it first"));
    }
    let has_secret = has_app_secret(deployment.env, &settings.app).await?;
    let request = SiteRequest::Put(Box::new(settings.clone()));
    let copied = match rpc::call(deployment.env, key, &request).await? {
        SiteReply::Put { copied, .. } => copied,
        SiteReply::Invalid { detail } => return Err(bad(&detail)),
        _ => return Err(RpcError::UnexpectedReply.into()),
    };
    // A page view that does not find the site in KV, which may not have its copy yet, asks the Partner object whether the site
    // exists before it asks the Site object.
    let known = PartnerRequest::AddSite {
        site: key.clone(),
        hosted_app: settings.hosted_signup.then(|| settings.app.clone()),
    };
    rpc::call(deployment.env, &Singleton, &known).await?;
    let warning = match has_secret {
        true => no_verify_token(deployment, &settings).await?,
        false => Some(no_secret(&settings.app)),
    };
    let edge = deployment.settings.origin.clone();
    let value = StoredSite {
        settings,
        edge,
        warning,
    };
    Ok(Stored { value, copied })
}

fn no_secret(app: &AppKey) -> String {
    format!("the app {app} has no app_secret yet: its pages refuse signups until it is set")
}

/// Why Meta would not accept the address of the site's messages. `None`: no reason is known.
///
/// # Errors
/// `internal`: the Site object did not reply. The settings are stored.
async fn no_verify_token(
    deployment: Deployment<'_>,
    settings: &SiteSettings,
) -> Result<Option<String>, Problem> {
    if !matches!(settings.messages, MessagesSettings::Override { .. }) {
        return Ok(None);
    }
    let SiteReply::MessageRoute { route } =
        rpc::call(deployment.env, &settings.key, &SiteRequest::MessageRoute).await?
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
