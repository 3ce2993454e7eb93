//! Settings and secrets of a Meta app: what the Partner object has, and the copies in KV, which page views read, and
//! signups if the object does not reply.

use super::rpc;
use super::secrets::open;
use crate::config::Settings;
use crate::kv::{self, KvError};
use core::fmt;
use embark_onboarding::crypto::Sealed;
use embark_onboarding::meta::webhook_setup::callback_url;
use embark_onboarding::meta::{AppCredentials, RedirectUriVariant};
use embark_onboarding::resources::deadlines;
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::rpc::{RpcError, Singleton};
use embark_protocol::admin::AppSettings;
use embark_protocol::{AppKey, Problem, ProblemCode};
use futures_util::future::join;
use std::collections::BTreeMap;
use worker::Env;

/// The credentials of an app cannot be read at the moment. Whether it has any is not known: try again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialsError {
    /// A secret.
    Kv(KvError),
    /// The settings.
    Rpc(RpcError),
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kv(_) => f.write_str("a secret of the app cannot be read"),
            Self::Rpc(_) => f.write_str("the settings of the app cannot be read"),
        }
    }
}

impl core::error::Error for CredentialsError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Kv(error) => Some(error),
            Self::Rpc(error) => Some(error),
        }
    }
}

/// The client may send the same request again.
impl From<CredentialsError> for Problem {
    fn from(_: CredentialsError) -> Self {
        Self::new(ProblemCode::Internal)
    }
}

/// The settings of an app, perhaps a minute old. `None`: there is no such app.
///
/// # Errors
/// KV has no readable copy, and the Partner object did not reply.
pub async fn app_settings(env: &Env, app: &AppKey) -> Result<Option<AppSettings>, RpcError> {
    if let Ok(Some(copy)) = kv::read_json(env, &kv::app_settings_key(app)).await {
        return Ok(Some(copy));
    }
    let request = PartnerRequest::GetApp { key: app.clone() };
    match rpc::call(env, &Singleton, &request).await? {
        PartnerReply::App { app } => Ok(app),
        _ => Err(RpcError::UnexpectedReply),
    }
}

/// The credentials of an app. `None`: the app or its `app_secret` is not set up.
///
/// # Errors
/// See [`CredentialsError`].
pub async fn app_credentials(
    env: &Env,
    settings: &Settings,
    app: &AppKey,
) -> Result<Option<AppCredentials>, CredentialsError> {
    let keyring = &settings.keyring;
    let [secret_key, system_token_key] =
        [APP_SECRET, SYSTEM_TOKEN].map(|name| kv::app_secret_key(app, name));
    let (originals, redirect_uri_variant) = join(
        originals(env, app, vec![secret_key.clone(), system_token_key.clone()]),
        redirect_variant(env, app),
    )
    .await;
    let app_settings = match &originals {
        Ok(originals) => originals.app.clone(),
        Err(error) => Some(settings_copy(env, app, error).await?),
    };
    let Some(app_settings) = app_settings else {
        return Ok(None);
    };
    let original = |key: &str| match &originals {
        Ok(originals) => Ok(originals.secrets.get(key).cloned()),
        Err(error) => Err(error.clone()),
    };
    let secret = open(env, keyring, &secret_key, original(&secret_key));
    let system_token = async {
        match original(&system_token_key) {
            // The object keeps the secrets of this app: one that it does not have was not put. KV is not asked.
            Ok(None) if matches!(original(&secret_key), Ok(Some(_))) => Ok(None),
            original => open(env, keyring, &system_token_key, original).await,
        }
    };
    let (secret, system_token) = join(secret, system_token).await;
    let Some(secret) = secret.map_err(CredentialsError::Kv)? else {
        return Ok(None);
    };
    Ok(Some(AppCredentials {
        app_id: app_settings.app_id,
        version: app_settings.graph_version,
        secret,
        redirect_uri_variant,
        system_token: system_token.map_err(CredentialsError::Kv)?,
        partner_business: app_settings.partner_business_id,
        webhook_url: callback_url(&settings.origin, app),
    }))
}

/// Whether the app's `app_secret` is set. It is not opened.
///
/// # Errors
/// Neither the Partner object nor KV can say so at the moment.
pub async fn has_app_secret(env: &Env, app: &AppKey) -> Result<bool, CredentialsError> {
    let key = kv::app_secret_key(app, APP_SECRET);
    let copy = kv::read_text(env, &key).await;
    if let Ok(Some(_)) = copy {
        return Ok(true);
    }
    // KV may remember for a minute that it had none.
    let originals = originals(env, app, vec![key]).await;
    match (originals.map_err(CredentialsError::Rpc)?, copy) {
        (originals, _) if !originals.secrets.is_empty() => Ok(true),
        (_, Ok(_)) => Ok(false),
        (_, Err(error)) => Err(CredentialsError::Kv(error)),
    }
}

/// What the Partner object has of an app.
struct Originals {
    /// `None`: there is no such app.
    app: Option<AppSettings>,
    /// By their key. One that is missing may be in KV.
    secrets: BTreeMap<String, Sealed>,
}

async fn originals(env: &Env, app: &AppKey, keys: Vec<String>) -> Result<Originals, RpcError> {
    let request = PartnerRequest::Credentials {
        key: app.clone(),
        secrets: keys,
    };
    match rpc::call_within(env, &Singleton, &request, deadlines::ORIGINAL).await? {
        PartnerReply::Credentials { app, secrets, .. } => Ok(Originals { app, secrets }),
        _ => Err(RpcError::UnexpectedReply),
    }
}

/// The settings as KV has them, after the Partner object did not reply.
async fn settings_copy(
    env: &Env,
    app: &AppKey,
    no_reply: &RpcError,
) -> Result<AppSettings, CredentialsError> {
    let copy = kv::read_json(env, &kv::app_settings_key(app)).await;
    let copy = copy.map_err(CredentialsError::Kv)?;
    copy.ok_or_else(|| CredentialsError::Rpc(no_reply.clone()))
}

/// Remembers the redirect URI variant that an exchange accepted, as a hint for the app's next one.
pub async fn remember_redirect_variant(env: &Env, app: &AppKey, variant: RedirectUriVariant) {
    // Without the hint, the next exchange tries the variants in turn.
    let _ = kv::write_text(env, &kv::redirect_variant_key(app), variant.as_str()).await;
}

/// The variant that the app's last exchange accepted, or the one to try first.
async fn redirect_variant(env: &Env, app: &AppKey) -> RedirectUriVariant {
    let stored = kv::read_text(env, &kv::redirect_variant_key(app)).await;
    let stored = stored.ok().flatten();
    RedirectUriVariant::ALL
        .into_iter()
        .find(|variant| stored.as_deref() == Some(variant.as_str()))
        .unwrap_or_default()
}

const APP_SECRET: &str = "app_secret";
const SYSTEM_TOKEN: &str = "system_token";
