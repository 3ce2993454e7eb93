//! Secrets of apps and sites, sealed under their KV key: the copy in KV, else the original in the Partner or Site object.
//!
//! A secret is absent only if both say so. One that was put before the objects kept secrets is in KV alone.

use super::rpc;
use crate::clock;
use crate::kv::{self, KvError};
use core::cell::RefCell;
use core::time::Duration;
use embark_onboarding::crypto::{Keyring, Sealed, Secret};
use embark_onboarding::providers::{ProviderRequest, secret_names};
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::rpc::{RpcError, Singleton};
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_onboarding::time::UnixMillis;
use embark_onboarding::transport::TransportError;
use embark_protocol::{AppKey, SiteId};
use std::collections::BTreeMap;
use worker::Env;

/// A secret of an app. `None`: it is not set up.
///
/// # Errors
/// It cannot be read at the moment, or cannot be opened.
pub async fn app_secret(
    env: &Env,
    keyring: &Keyring,
    app: &AppKey,
    name: &str,
) -> Result<Option<Secret>, KvError> {
    let key = kv::app_secret_key(app, name);
    let request = PartnerRequest::GetSecret { key: key.clone() };
    let original = async {
        match rpc::call(env, &Singleton, &request).await? {
            PartnerReply::Secret { secret } => Ok(secret),
            _ => Err(RpcError::UnexpectedReply),
        }
    };
    read(env, keyring, &key, original).await
}

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
    for name in headers.flat_map(|(_, value)| secret_names(value)) {
        let secret = site_secret(env, keyring, &request.site, name).await;
        let secret = secret.map_err(|_| TransportError::SecretUnavailable)?;
        secrets.push((
            name.to_owned(),
            secret.ok_or(TransportError::MissingSecret)?,
        ));
    }
    Ok(secrets)
}

async fn site_secret(
    env: &Env,
    keyring: &Keyring,
    site: &SiteId,
    name: &str,
) -> Result<Option<Secret>, KvError> {
    let key = kv::site_secret_key(site, name);
    let request = SiteRequest::GetSecret { key: key.clone() };
    let original = async {
        match rpc::call(env, site, &request).await? {
            SiteReply::Secret { secret } => Ok(secret),
            _ => Err(RpcError::UnexpectedReply),
        }
    };
    read(env, keyring, &key, original).await
}

async fn read(
    env: &Env,
    keyring: &Keyring,
    key: &str,
    original: impl Future<Output = Result<Option<Sealed>, RpcError>>,
) -> Result<Option<Secret>, KvError> {
    let copy = match kv::read_secret(env, keyring, key).await {
        Ok(Some(secret)) => return Ok(Some(secret)),
        copy => copy,
    };
    if copy.is_ok() && is_known_to_be_absent(key) {
        return Ok(None);
    }
    match original.await {
        Ok(Some(sealed)) => match keyring.open(key, &sealed) {
            Ok(secret) => Ok(Some(secret)),
            Err(_) => Err(KvError::Unreadable),
        },
        Ok(None) => {
            if copy.is_ok() {
                remember_absent(key);
            }
            copy
        }
        Err(error) => Err(KvError::Unreachable(error.to_string())),
    }
}

thread_local! {
    /// Secrets that neither KV nor their object had, and until when that is believed: most apps have no
    /// `system_token`, and each signup asks for it.
    static ABSENT: RefCell<BTreeMap<String, UnixMillis>> = const { RefCell::new(BTreeMap::new()) };
}

fn is_known_to_be_absent(key: &str) -> bool {
    ABSENT.with_borrow(|absent| absent.get(key).is_some_and(|until| clock::now() < *until))
}

fn remember_absent(key: &str) {
    let until = clock::now() + ABSENT_FOR;
    ABSENT.with_borrow_mut(|absent| {
        absent.retain(|_, until| clock::now() < *until);
        absent.insert(key.to_owned(), until);
    });
}

/// As long as KV itself remembers that an entry is absent.
const ABSENT_FOR: Duration = Duration::from_mins(1);
