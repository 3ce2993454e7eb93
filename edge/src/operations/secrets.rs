//! Secrets of apps and sites. They are sealed under their KV key, and stored by the Partner object or
//! the Site object, which keep a copy in KV. Nothing returns them.

use super::{Deployment, Stored, apps};
use crate::durable_objects::rpc;
use crate::kv;
use embark_onboarding::crypto::{Sealed, Secret};
use embark_onboarding::providers::is_secret_name;
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::rpc::{RpcError, Singleton};
use embark_onboarding::resources::secret_times::stored_status;
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_protocol::admin::APP_SECRETS;
use embark_protocol::secrets::SecretList;
use embark_protocol::{AppKey, Problem, ProblemCode, SiteId};

/// Stores a secret of an app.
///
/// # Errors
/// `not_found` for a name that apps do not have and for an unknown app, `bad_request` for an implausible value.
pub async fn put_of_app(
    deployment: Deployment<'_>,
    app: &AppKey,
    name: &str,
    value: &Secret,
) -> Result<Stored<()>, Problem> {
    if !APP_SECRETS.contains(&name) {
        return Err(Problem::new(ProblemCode::NotFound)
            .with_detail("secrets: app_secret, system_token, verify_token"));
    }
    apps::get(deployment, app).await?;
    let key = kv::app_secret_key(app, name);
    let secret = seal(deployment, &key, value)?;
    let request = PartnerRequest::PutSecret { key, secret };
    match rpc::call(deployment.env, &Singleton, &request).await? {
        PartnerReply::Stored { copied } => Ok(Stored { value: (), copied }),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// Stores a secret of a site, e.g. a provider's key, which the site's template names.
///
/// # Errors
/// `not_found` for a malformed name, `bad_request` for an implausible value, `unknown_site`.
pub async fn put_of_site(
    deployment: Deployment<'_>,
    site: &SiteId,
    name: &str,
    value: &Secret,
) -> Result<Stored<()>, Problem> {
    if !is_secret_name(name) {
        return Err(Problem::new(ProblemCode::NotFound)
            .with_detail("secrets: a name of a-z, 0-9 and _, at most 32"));
    }
    let key = kv::site_secret_key(site, name);
    let secret = seal(deployment, &key, value)?;
    let request = SiteRequest::PutSecret { key, secret };
    match rpc::call(deployment.env, site, &request).await? {
        SiteReply::Stored { copied } => Ok(Stored { value: (), copied }),
        SiteReply::Refused { code } => Err(Problem::new(code)),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// Which secrets an app may have are stored.
///
/// # Errors
/// `not_found`: there is no such app; `internal`: the Partner object or KV did not reply.
pub async fn list_of_app(deployment: Deployment<'_>, app: &AppKey) -> Result<SecretList, Problem> {
    apps::get(deployment, app).await?;
    let key = |name: &&str| kv::app_secret_key(app, name);
    let keys: Vec<String> = APP_SECRETS.iter().map(key).collect();
    let request = PartnerRequest::SecretTimes { keys: keys.clone() };
    let PartnerReply::SecretTimes(times) = rpc::call(deployment.env, &Singleton, &request).await?
    else {
        return Err(RpcError::UnexpectedReply.into());
    };
    let mut secrets = vec![];
    for key in keys {
        let mut status = stored_status(&key, times.get(&key).copied().flatten());
        // One that was put before objects kept secrets is in KV alone.
        status.stored =
            times.contains_key(&key) || kv::read_text(deployment.env, &key).await?.is_some();
        secrets.push(status);
    }
    Ok(SecretList { secrets })
}

/// The secrets of a site that are stored, by their names.
///
/// # Errors
/// `unknown_site`; `internal`: the site or KV did not reply.
pub async fn list_of_site(
    deployment: Deployment<'_>,
    site: &SiteId,
) -> Result<SecretList, Problem> {
    let mut times = match rpc::call(deployment.env, site, &SiteRequest::SecretTimes).await? {
        SiteReply::SecretTimes(times) => times,
        SiteReply::Refused { code } => return Err(Problem::new(code)),
        _ => return Err(RpcError::UnexpectedReply.into()),
    };
    // Those that were put before objects kept secrets are in KV alone.
    let prefix = kv::site_secret_key(site, "");
    let copies = kv::list(deployment.env, &prefix, None, MOST_COPIES).await?;
    for key in copies.keys {
        times.entry(key).or_default();
    }
    let statuses = times.into_iter().map(|(key, at)| stored_status(&key, at));
    Ok(SecretList {
        secrets: statuses.collect(),
    })
}

fn seal(deployment: Deployment<'_>, key: &str, value: &Secret) -> Result<Sealed, Problem> {
    let text = value.expose_secret();
    let is_graphic = text.bytes().all(|byte| byte.is_ascii_graphic());
    if !(8..=4_096).contains(&text.len()) || !is_graphic {
        return Err(Problem::new(ProblemCode::BadRequest)
            .with_detail("value: 8 to 4096 printable characters, no spaces"));
    }
    let cx = deployment.settings.context();
    cx.keyring
        .seal(key, value, cx.nonce())
        .map_err(|_| Problem::new(ProblemCode::Internal))
}

/// A site has a few.
const MOST_COPIES: u32 = 1_000;
