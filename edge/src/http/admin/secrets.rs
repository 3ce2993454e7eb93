//! Secrets of apps and sites. They are sealed under their KV key, and stored by the Partner object or
//! the Site object, which keep a copy in KV. No route returns them.

use crate::durable_objects::rpc;
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use crate::kv;
use embark_onboarding::crypto::{Sealed, Secret};
use embark_onboarding::providers::is_secret_name;
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::rpc::{RpcError, Singleton};
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
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
    let key = kv::app_secret_key(&app, &name);
    let secret = seal(incoming, &key)?;
    let request = PartnerRequest::PutSecret { key, secret };
    match rpc::call(incoming.env, &Singleton, &request).await? {
        PartnerReply::Stored { copied } => Ok(stored(copied)),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
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
    let key = kv::site_secret_key(&site, &name);
    let secret = seal(incoming, &key)?;
    let request = SiteRequest::PutSecret { key, secret };
    match rpc::call(incoming.env, &site, &request).await? {
        SiteReply::Stored { copied } => Ok(stored(copied)),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// 204 if KV has its copy, 202 if that follows within minutes.
fn stored(copied: bool) -> HandlerResponse {
    if copied {
        HandlerResponse::NoContent
    } else {
        HandlerResponse::Accepted("{}".to_owned())
    }
}

fn seal(incoming: &Incoming<'_>, key: &str) -> Result<Sealed, Problem> {
    let SecretValue { value } = incoming.parse_secret_json()?;
    let value = Secret::new(value);
    let text = value.expose_secret();
    let is_graphic = text.bytes().all(|byte| byte.is_ascii_graphic());
    if !(8..=4_096).contains(&text.len()) || !is_graphic {
        return Err(Problem::new(ProblemCode::BadRequest)
            .with_detail("value: 8 to 4096 printable characters, no spaces"));
    }
    let cx = incoming.settings.context();
    cx.keyring
        .seal(key, &value, cx.nonce())
        .map_err(|_| Problem::new(ProblemCode::Internal))
}
