//! Settings and secrets of apps and sites.

use crate::http::incoming::Incoming;
use crate::http::merge_patch;
use crate::http::response::HandlerResponse;
use crate::operations::{Stored, apps, secrets, sites};
use embark_onboarding::crypto::Secret;
use embark_onboarding::resources::settings_version::SettingsVersion;
use embark_protocol::admin::SecretValue;
use embark_protocol::{AppKey, Problem, ProblemCode, SiteId};
use serde::Serialize;
use serde_json::Value;

/// `GET /v1/admin/apps/{app}`
///
/// # Errors
/// Those of [`apps::get`].
pub async fn get_app(incoming: &Incoming<'_>, key: &AppKey) -> Result<HandlerResponse, Problem> {
    let app = apps::get(incoming.deployment(), key).await?;
    versioned(200, &app, &app)
}

/// `PUT /v1/admin/apps/{app}`: adds or replaces an app. Responds with its settings.
///
/// # Errors
/// `bad_json` for a body that is no app's settings; `settings_changed` unless those that are stored are of the header `If-Match`;
/// those of [`apps::put`].
pub async fn put_app(incoming: &Incoming<'_>, key: &AppKey) -> Result<HandlerResponse, Problem> {
    let (deployment, app) = (incoming.deployment(), incoming.parse_json()?);
    let current = async || apps::find(deployment, key).await;
    let expected = expected(incoming, current).await?;
    let stored = apps::put(deployment, key, app, expected).await?;
    versioned(status(&stored), &stored.value, &stored.value)
}

/// `PATCH /v1/admin/apps/{app}`: adds an app, or changes the settings that the patch names. Responds with all of them.
///
/// # Errors
/// `bad_json` for a body that is no object of settings, and for a new app without `app_id`; `settings_changed` as of [`put_app`],
/// and if others change them all the time; those of [`apps::put`].
pub async fn patch_app(incoming: &Incoming<'_>, key: &AppKey) -> Result<HandlerResponse, Problem> {
    let deployment = incoming.deployment();
    let merged = merge(incoming, async |patch: Value| {
        let current = apps::find(deployment, key).await?;
        let version = version_of(incoming, current.as_ref())?;
        let app = merge_patch::apply(current.as_ref(), patch)?;
        apps::put(deployment, key, app, Some(version)).await
    });
    let stored = merged.await?;
    versioned(status(&stored), &stored.value, &stored.value)
}

/// `GET /v1/admin/sites/{site}`
///
/// # Errors
/// Those of [`sites::get`].
pub async fn get_site(incoming: &Incoming<'_>, key: &SiteId) -> Result<HandlerResponse, Problem> {
    let settings = sites::get(incoming.deployment(), key).await?;
    versioned(200, &settings, &settings)
}

/// `PUT /v1/admin/sites/{site}`: adds or replaces a site. Responds with its settings.
///
/// # Errors
/// `bad_json` for a body that is no site's settings; `settings_changed` unless those that are stored are of the header
/// `If-Match`; those of [`sites::put`].
pub async fn put_site(incoming: &Incoming<'_>, key: &SiteId) -> Result<HandlerResponse, Problem> {
    let (deployment, settings) = (incoming.deployment(), incoming.parse_json()?);
    let current = async || sites::find(deployment, key).await;
    let expected = expected(incoming, current).await?;
    let stored = sites::put(deployment, key, settings, expected).await?;
    versioned(status(&stored), &stored.value, &stored.value.settings)
}

/// `PATCH /v1/admin/sites/{site}`: adds a site, or changes the settings that the patch names. Responds with all of them.
///
/// # Errors
/// `bad_json` for a body that is no object of settings, and for a new site without `app`, `origins` or `config_id`;
/// `settings_changed` as of [`patch_app`]; those of [`sites::put`].
pub async fn patch_site(incoming: &Incoming<'_>, key: &SiteId) -> Result<HandlerResponse, Problem> {
    let deployment = incoming.deployment();
    let merged = merge(incoming, async |patch: Value| {
        let current = sites::find(deployment, key).await?;
        let version = version_of(incoming, current.as_ref())?;
        let settings = merge_patch::apply(current.as_ref(), patch)?;
        sites::put(deployment, key, settings, Some(version)).await
    });
    let stored = merged.await?;
    versioned(status(&stored), &stored.value, &stored.value.settings)
}

/// Puts what a patch makes of settings, again if others changed them meanwhile and the request names no version.
async fn merge<T>(
    incoming: &Incoming<'_>,
    put: impl AsyncFn(Value) -> Result<Stored<T>, Problem>,
) -> Result<Stored<T>, Problem> {
    let patch: Value = incoming.parse_json()?;
    for _ in 1..MAX_MERGES {
        match put(patch.clone()).await {
            Err(problem)
                if problem.code == ProblemCode::SettingsChanged
                    && incoming.header(IF_MATCH).is_none() => {}
            result => return result,
        }
    }
    put(patch).await
}

/// The version that a put replaces, from the header `If-Match`. `None`: the request has no such header.
async fn expected<T: Serialize>(
    incoming: &Incoming<'_>,
    current: impl AsyncFnOnce() -> Result<Option<T>, Problem>,
) -> Result<Option<SettingsVersion>, Problem> {
    match incoming.header(IF_MATCH) {
        Some(_) => version_of(incoming, current().await?.as_ref()).map(Some),
        None => Ok(None),
    }
}

/// The version of settings that were read.
///
/// # Errors
/// `settings_changed`: the request has a header `If-Match` with another.
fn version_of<T: Serialize>(
    incoming: &Incoming<'_>,
    current: Option<&T>,
) -> Result<SettingsVersion, Problem> {
    let version = SettingsVersion::of(current);
    match incoming.header(IF_MATCH) {
        Some(tags) if !version.is_named_by(&tags) => {
            Err(Problem::new(ProblemCode::SettingsChanged))
        }
        _ => Ok(version),
    }
}

fn versioned<D: Serialize, S: Serialize>(
    status: u16,
    document: &D,
    settings: &S,
) -> Result<HandlerResponse, Problem> {
    Ok(HandlerResponse::Versioned {
        status,
        json: serde_json::to_string(document).map_err(|_| Problem::new(ProblemCode::Internal))?,
        etag: SettingsVersion::of(Some(settings)).to_etag(),
    })
}

/// 200, or 202 if KV does not have its copy yet.
const fn status<T>(stored: &Stored<T>) -> u16 {
    if stored.copied { 200 } else { 202 }
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

const IF_MATCH: &str = "if-match";
/// How often a patch is merged into settings that others change: of patches that are sent at once, one takes effect each time.
const MAX_MERGES: u32 = 100;
