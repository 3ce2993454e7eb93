//! Settings and secrets of a Meta app: the copies in KV, else what the Partner object has.

use super::rpc;
use super::secrets::app_secret;
use crate::config::Settings;
use crate::kv::{self, KvError};
use core::fmt;
use embark_onboarding::meta::{AppCredentials, RedirectUriVariant};
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::rpc::{RpcError, Singleton};
use embark_protocol::AppKey;
use embark_protocol::admin::AppSettings;
use futures_util::future::join4;
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

/// The settings of an app. `None`: there is no such app.
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
    let (app_settings, secret, system, redirect) = join4(
        app_settings(env, app),
        app_secret(env, &settings.keyring, app, "app_secret"),
        app_secret(env, &settings.keyring, app, "system_token"),
        redirect_variant(env, app),
    )
    .await;
    let Some(app_settings) = app_settings.map_err(CredentialsError::Rpc)? else {
        return Ok(None);
    };
    let Some(secret) = secret.map_err(CredentialsError::Kv)? else {
        return Ok(None);
    };
    Ok(Some(AppCredentials {
        app_id: app_settings.app_id,
        version: app_settings.graph_version,
        secret,
        redirect_uri_variant: redirect,
        system_token: system.map_err(CredentialsError::Kv)?,
        partner_business: app_settings.partner_business_id,
    }))
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
