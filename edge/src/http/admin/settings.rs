//! Settings and secrets of apps and sites.

use super::{merge_patch, stored};
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use crate::operations::{Stored, apps, secrets, sites};
use embark_onboarding::crypto::Secret;
use embark_protocol::admin::SecretValue;
use embark_protocol::{AppKey, Problem, SiteId};

/// `PUT /v1/admin/apps/{app}`: adds or replaces an app. Responds with its settings.
///
/// # Errors
/// `bad_json` for a body that is no app's settings; those of [`apps::put`].
pub async fn put_app(incoming: &Incoming<'_>, key: &AppKey) -> Result<HandlerResponse, Problem> {
    let app = incoming.parse_json()?;
    stored(&apps::put(incoming.deployment(), key, app).await?)
}

/// `PATCH /v1/admin/apps/{app}`: adds an app, or changes the settings that the patch names. Responds with all of them.
///
/// # Errors
/// `bad_json` for a body that is no object of settings, and for a new app without `app_id`; those of [`apps::put`].
pub async fn patch_app(incoming: &Incoming<'_>, key: &AppKey) -> Result<HandlerResponse, Problem> {
    let deployment = incoming.deployment();
    let current = apps::find(deployment, key).await?;
    let app = merge_patch::apply(current.as_ref(), incoming.parse_json()?)?;
    stored(&apps::put(deployment, key, app).await?)
}

/// `PUT /v1/admin/sites/{site}`: adds or replaces a site. Responds with its settings.
///
/// # Errors
/// `bad_json` for a body that is no site's settings; those of [`sites::put`].
pub async fn put_site(incoming: &Incoming<'_>, key: &SiteId) -> Result<HandlerResponse, Problem> {
    let settings = incoming.parse_json()?;
    stored(&sites::put(incoming.deployment(), key, settings).await?)
}

/// `PATCH /v1/admin/sites/{site}`: adds a site, or changes the settings that the patch names. Responds with all of them.
///
/// # Errors
/// `bad_json` for a body that is no object of settings, and for a new site without `app`, `origins` or `config_id`; those of
/// [`sites::put`].
pub async fn patch_site(incoming: &Incoming<'_>, key: &SiteId) -> Result<HandlerResponse, Problem> {
    let deployment = incoming.deployment();
    let current = sites::find(deployment, key).await?;
    let settings = merge_patch::apply(current.as_ref(), incoming.parse_json()?)?;
    stored(&sites::put(deployment, key, settings).await?)
}

/// `PUT /v1/admin/secrets/app/{app}/{name}`
///
/// # Errors
/// `bad_json`, and those of [`secrets::put_of_app`].
pub async fn put_app_secret(
    incoming: &Incoming<'_>,
    app: &AppKey,
    name: &str,
) -> Result<HandlerResponse, Problem> {
    let value = secret(incoming)?;
    let stored = secrets::put_of_app(incoming.deployment(), app, name, &value).await?;
    Ok(secret_stored(&stored))
}

/// `PUT /v1/admin/secrets/site/{site}/{name}`
///
/// # Errors
/// `bad_json`, and those of [`secrets::put_of_site`].
pub async fn put_site_secret(
    incoming: &Incoming<'_>,
    site: &SiteId,
    name: &str,
) -> Result<HandlerResponse, Problem> {
    let value = secret(incoming)?;
    let stored = secrets::put_of_site(incoming.deployment(), site, name, &value).await?;
    Ok(secret_stored(&stored))
}

fn secret(incoming: &Incoming<'_>) -> Result<Secret, Problem> {
    let SecretValue { value } = incoming.parse_secret_json()?;
    Ok(Secret::new(value))
}

/// 204 if KV has its copy, 202 if that follows within minutes.
fn secret_stored(stored: &Stored<()>) -> HandlerResponse {
    match stored.copied {
        true => HandlerResponse::NoContent,
        false => HandlerResponse::Accepted("{}".to_owned()),
    }
}
