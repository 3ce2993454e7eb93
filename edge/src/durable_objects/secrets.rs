//! Secrets of apps and sites, sealed under their KV key: the originals in the Partner object and the Site objects, and
//! their copies in KV.
//!
//! The original counts: a copy may be older than the last rotation, by a minute or until a failed put is repeated. A
//! copy is used where there is no original, because the secret was put before objects kept them, and where the object
//! does not reply in time.

use super::rpc;
use crate::kv::{self, KvError};
use embark_onboarding::crypto::{Keyring, Sealed, Secret};
use embark_onboarding::providers::ProviderRequest;
use embark_onboarding::resources::deadlines;
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_onboarding::transport::TransportError;
use embark_protocol::SiteId;
use futures_util::future::try_join_all;
use worker::Env;

/// The secrets of a site that the headers of a request name, each with its name.
///
/// # Errors
/// `SecretUnavailable`: one cannot be read at the moment. `SecretUnreadable`: one cannot be opened, until it is put again.
/// `MissingSecret`: one is not set up.
pub async fn provider_secrets(
    env: &Env,
    keyring: &Keyring,
    request: &ProviderRequest,
) -> Result<Vec<(String, Secret)>, TransportError> {
    let headers = request.headers.iter();
    let names = headers.flat_map(|(_, value)| value.secret_names());
    // Side by side: a workflow that waits for them keeps its lock.
    try_join_all(names.map(async |name| {
        let key = kv::site_secret_key(&request.site, name);
        let original = site_secret(env, &request.site, &key).await;
        let opened = open(env, keyring, &key, original).await;
        let secret = opened
            .map_err(|error| match error {
                KvError::Unreachable(_) => TransportError::SecretUnavailable,
                KvError::Unreadable => TransportError::SecretUnreadable,
            })?
            .ok_or(TransportError::MissingSecret)?;
        Ok((name.to_owned(), secret))
    }))
    .await
}

/// The first of these secrets of a site that is not set up. `None`: all are, or whether one is cannot be known now.
pub async fn missing_secret<'a>(
    env: &Env,
    site: &SiteId,
    names: impl IntoIterator<Item = &'a String>,
) -> Option<&'a String> {
    for name in names {
        let key = kv::site_secret_key(site, name);
        // KV may remember for a minute that it had none.
        if matches!(kv::read_text(env, &key).await, Ok(None))
            && matches!(site_secret(env, site, &key).await, Ok(None))
        {
            return Some(name);
        }
    }
    None
}

async fn site_secret(env: &Env, site: &SiteId, key: &str) -> Result<Option<Sealed>, RpcError> {
    let request = SiteRequest::GetSecret {
        key: key.to_owned(),
    };
    match rpc::call_within(env, site, &request, deadlines::ORIGINAL).await? {
        SiteReply::Secret { secret } => Ok(secret),
        _ => Err(RpcError::UnexpectedReply),
    }
}

/// Opens a secret: the original, else its copy. `None`: object and KV both have none.
///
/// # Errors
/// `Unreadable`: it was sealed under a key that this deployment does not have. `Unreachable`: whether it is set up is not
/// known.
pub async fn open(
    env: &Env,
    keyring: &Keyring,
    key: &str,
    original: Result<Option<Sealed>, RpcError>,
) -> Result<Option<Secret>, KvError> {
    let no_reply = match original {
        Ok(Some(sealed)) => {
            let opened = keyring.open(key, &sealed);
            return opened.map(Some).map_err(|_| KvError::Unreadable);
        }
        Ok(None) => None,
        Err(error) => Some(error),
    };
    match (kv::read_secret(env, keyring, key).await, no_reply) {
        (Ok(None), Some(error)) => Err(KvError::Unreachable(error.to_string())),
        (copy, _) => copy,
    }
}
