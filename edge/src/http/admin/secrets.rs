//! Secrets of apps and sites. They go into KV, sealed under their key, and no route returns them.

use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use crate::kv;
use embark_onboarding::crypto::Secret;
use embark_onboarding::providers::is_secret_name;
use embark_protocol::admin::{APP_SECRETS, SecretValue};
use embark_protocol::{AppKey, Problem, ProblemCode, SiteId};

/// `PUT /v1/admin/secrets/app/{app}/{name}`
///
/// # Errors
/// `not_found` for a name that apps do not have, `bad_request` for an implausible value.
pub async fn put_app_secret(
    incoming: &Incoming<'_>,
    app: AppKey,
    name: String,
) -> Result<HandlerResponse, Problem> {
    if !APP_SECRETS.contains(&name.as_str()) {
        return Err(Problem::new(ProblemCode::NotFound)
            .with_detail("secrets: app_secret, system_token, verify_token"));
    }
    put(incoming, &kv::app_secret_key(&app, &name)).await
}

/// `PUT /v1/admin/secrets/site/{site}/{name}`: a provider's key, which the site's template names.
///
/// # Errors
/// `not_found` for a malformed name, `bad_request` for an implausible value.
pub async fn put_site_secret(
    incoming: &Incoming<'_>,
    site: SiteId,
    name: String,
) -> Result<HandlerResponse, Problem> {
    if !is_secret_name(&name) {
        return Err(Problem::new(ProblemCode::NotFound)
            .with_detail("secrets: a name of a-z, 0-9 and _, at most 32"));
    }
    put(incoming, &kv::site_secret_key(&site, &name)).await
}

async fn put(incoming: &Incoming<'_>, key: &str) -> Result<HandlerResponse, Problem> {
    let SecretValue { value } = incoming.parse_secret_json()?;
    let value = Secret::new(value);
    let text = value.expose_secret();
    let is_graphic = text.bytes().all(|byte| byte.is_ascii_graphic());
    if !(8..=4_096).contains(&text.len()) || !is_graphic {
        return Err(Problem::new(ProblemCode::BadRequest)
            .with_detail("value: 8 to 4096 printable characters, no spaces"));
    }
    let cx = incoming.settings.context();
    let sealed = cx
        .keyring
        .seal(key, &value, cx.nonce())
        .map_err(|_| Problem::new(ProblemCode::Internal))?;
    kv::write_text(incoming.env, key, sealed.as_str()).await?;
    Ok(HandlerResponse::NoContent)
}
