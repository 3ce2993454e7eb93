//! Secrets of apps and sites, sealed under their KV key: the originals in the Partner object and the Site objects, and
//! their copies in KV.
//!
//! The original counts: a copy may be older than the last rotation, by a minute or until a failed put is repeated. A
//! copy is used where there is no original, because the secret was put before objects kept them, and where the object
//! does not reply in time.

use super::rpc;
use crate::kv::{self, KvError};
use core::time::Duration;
use embark_onboarding::crypto::{Keyring, Sealed, Secret};
use embark_onboarding::providers::ProviderRequest;
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_onboarding::transport::TransportError;
use embark_protocol::SiteId;
use worker::Env;

/// The secrets of a site that the headers of a request name, each with its name.
///
/// # Errors
/// `SecretUnavailable`: one cannot be read at the moment. `MissingSecret`: one is not set up.
pub async fn provider_secrets(
    env: &Env,
    keyring: &Keyring,
    request: &ProviderRequest,
) -> Result<Vec<(String, Secret)>, TransportError> {
    let mut secrets = vec![];
    let headers = request.headers.iter();
    for name in headers.flat_map(|(_, value)| value.secret_names()) {
        let key = kv::site_secret_key(&request.site, name);
        let original = site_secret(env, &request.site, &key).await;
        let secret = open(env, keyring, &key, original)
            .await
            .map_err(|_| TransportError::SecretUnavailable)?
            .ok_or(TransportError::MissingSecret)?;
        secrets.push((name.to_owned(), secret));
    }
    Ok(secrets)
}

async fn site_secret(env: &Env, site: &SiteId, key: &str) -> Result<Option<Sealed>, RpcError> {
    let request = SiteRequest::GetSecret {
        key: key.to_owned(),
    };
    match rpc::call_within(env, site, &request, ORIGINAL_DEADLINE).await? {
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

/// How long an object is waited for, before the copy in KV is used. A workflow that waits for secrets keeps its lock.
pub const ORIGINAL_DEADLINE: Duration = Duration::from_secs(3);
