//! Customer websites: their settings, which the Site object of each has.

use super::{Deployment, Stored, invalid, other_key};
use crate::durable_objects::app_credentials::{app_settings, has_app_secret};
use crate::durable_objects::rpc;
use crate::durable_objects::secrets::missing_secret;
use embark_onboarding::providers::Provider;
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::policy_settings;
use embark_onboarding::resources::rpc::{RpcError, Singleton};
use embark_onboarding::resources::settings_version::SettingsVersion;
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_protocol::admin::{MESSAGES_VERIFY_TOKEN, MessagesSettings, SiteSettings, StoredSite};
use embark_protocol::{AppKey, FieldError, Problem, ProblemCode, SiteId};

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
/// `bad_request` for settings that are not valid, name an app that there is not, or have another key; `settings_changed`: others
/// are stored than those of the version `expected`, if there is one; `internal`: an object did not reply, what was put may be
/// stored.
pub async fn put(
    deployment: Deployment<'_>,
    key: &SiteId,
    settings: SiteSettings,
    expected: Option<SettingsVersion>,
) -> Result<Stored<StoredSite>, Problem> {
    if settings.key != *key {
        return Err(other_key());
    }
    if app_settings(deployment.env, &settings.app).await?.is_none() {
        let detail = "there is none of this name; add it first";
        let error = FieldError {
            field: "app".to_owned(),
            detail: detail.to_owned(),
        };
        return Err(invalid(&["app: ", detail].concat(), vec![error]));
    }
    let has_secret = has_app_secret(deployment.env, &settings.app).await?;
    let boxed = Box::new(settings.clone());
    let request = match expected {
        Some(expected) => SiteRequest::PutIf {
            settings: boxed,
            expected,
        },
        None => SiteRequest::Put(boxed),
    };
    let copied = match rpc::call(deployment.env, key, &request).await? {
        SiteReply::Put { copied, .. } => copied,
        SiteReply::Refused { code } => return Err(Problem::new(code)),
        SiteReply::Invalid { detail, errors } => return Err(invalid(&detail, errors)),
        _ => return Err(RpcError::UnexpectedReply.into()),
    };
    // A page view that does not find the site in KV, which may not have its copy yet, asks the Partner object whether the site
    // exists before it asks the Site object.
    let known = PartnerRequest::AddSite {
        site: key.clone(),
        hosted_app: settings.hosted_signup.then(|| settings.app.clone()),
    };
    rpc::call(deployment.env, &Singleton, &known).await?;
    let warning = match (has_secret, no_provider_secret(deployment, &settings).await) {
        (false, _) => Some(no_secret(&settings.app)),
        (true, Some(warning)) => Some(warning),
        (true, None) => no_verify_token(deployment, &settings).await?,
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

/// Why nothing could be handed over to the site's provider. `None`: no reason is known.
async fn no_provider_secret(deployment: Deployment<'_>, settings: &SiteSettings) -> Option<String> {
    let policy = policy_settings::for_site(settings);
    let names = Provider::from_settings(&policy)?.secret_names();
    let name = missing_secret(deployment.env, &settings.key, &names).await?;
    let site = &settings.key;
    Some(format!(
        "the site has no secret {name} yet: its pages refuse signups until it is put: secret site/{site}/{name}"
    ))
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
