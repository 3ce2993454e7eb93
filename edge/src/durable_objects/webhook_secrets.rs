//! The secrets by which Meta's webhooks are recognised: an app's `app_secret`, for a day also the one before, and its
//! verify token.

use super::app_credentials::CredentialsError;
use super::rpc;
use super::secrets::open;
use crate::clock;
use crate::config::Settings;
use crate::kv::{self, KvError};
use embark_onboarding::crypto::Secret;
use embark_onboarding::resources::deadlines;
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::previous_secret::{
    APP_SECRET, PreviousSecret, previous_secret_key,
};
use embark_onboarding::resources::rpc::{RpcError, Singleton};
use embark_protocol::AppKey;
use futures_util::future::join;
use worker::Env;

/// The secrets that may have signed a webhook of the app, as KV has them: perhaps a minute old.
///
/// # Errors
/// KV does not answer, or has one that cannot be opened.
pub async fn signing_secret_copies(
    env: &Env,
    settings: &Settings,
    app: &AppKey,
) -> Result<Vec<Secret>, KvError> {
    let key = kv::app_secret_key(app, APP_SECRET);
    let previous_key = previous_secret_key(&key);
    let (current, previous) = join(
        kv::read_secret(env, &settings.keyring, &key),
        kv::read_text(env, &previous_key),
    )
    .await;
    let previous = previous?.and_then(|text| PreviousSecret::from_copy(&text));
    let previous = previous.and_then(|previous| still_counts(settings, &key, &previous));
    Ok(current?.into_iter().chain(previous).collect())
}

/// The same, as the Partner object has them.
///
/// # Errors
/// The object did not reply, or a secret cannot be opened.
pub async fn signing_secrets(
    env: &Env,
    settings: &Settings,
    app: &AppKey,
) -> Result<Vec<Secret>, CredentialsError> {
    let key = kv::app_secret_key(app, APP_SECRET);
    let request = PartnerRequest::Credentials {
        key: app.clone(),
        secrets: vec![key.clone()],
    };
    let reply = rpc::call_within(env, &Singleton, &request, deadlines::ORIGINAL).await;
    let (secrets, previous) = match reply.map_err(CredentialsError::Rpc)? {
        PartnerReply::Credentials {
            secrets, previous, ..
        } => (secrets, previous),
        _ => return Err(CredentialsError::Rpc(RpcError::UnexpectedReply)),
    };
    let original = Ok(secrets.get(&key).cloned());
    let current = open(env, &settings.keyring, &key, original).await;
    let current = current.map_err(CredentialsError::Kv)?;
    let previous = previous.get(&key);
    let previous = previous.and_then(|previous| still_counts(settings, &key, previous));
    Ok(current.into_iter().chain(previous).collect())
}

/// The token that Meta names in its handshake. `None`: none was created.
///
/// # Errors
/// Neither the Partner object nor KV can say so at the moment.
pub async fn verify_token(
    env: &Env,
    settings: &Settings,
    app: &AppKey,
) -> Result<Option<Secret>, KvError> {
    let key = kv::app_secret_key(app, VERIFY_TOKEN);
    let request = PartnerRequest::Credentials {
        key: app.clone(),
        secrets: vec![key.clone()],
    };
    let original = match rpc::call_within(env, &Singleton, &request, deadlines::ORIGINAL).await {
        Ok(PartnerReply::Credentials { secrets, .. }) => Ok(secrets.get(&key).cloned()),
        Ok(_) => Err(RpcError::UnexpectedReply),
        Err(error) => Err(error),
    };
    open(env, &settings.keyring, &key, original).await
}

/// The previous secret, which is sealed under the key of the current one. `None`: it does not count any more.
fn still_counts(settings: &Settings, key: &str, previous: &PreviousSecret) -> Option<Secret> {
    if clock::now() >= previous.until {
        return None;
    }
    settings.keyring.open(key, &previous.secret).ok()
}

/// The name of the secret.
pub const VERIFY_TOKEN: &str = "verify_token";
