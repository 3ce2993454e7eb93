//! Settings and sealed secrets as KV holds them: copies for fast reads, up to a minute old. The objects are
//! the truth; what KV does not have is asked of them.

use super::{MAIN, PARTNER, post};
use crate::graph::Redirect;
use crate::load::Settings;
use crate::partner;
use crate::seal;
use embark_protocol::AppKey;
use embark_protocol::config::App;
use worker::Env;

/// An app's settings: the copy in KV, else the source of truth.
pub async fn app(env: &Env, key: &AppKey) -> Option<App> {
    let copied = read_kv(env, &["app/", key.as_str()].concat()).await;
    if let Some(app) = copied.and_then(|text| serde_json::from_slice(text.as_bytes()).ok()) {
        return Some(app);
    }
    let ask = partner::Ask::GetApp { key: key.clone() };
    match post(env, PARTNER, MAIN, &ask).await? {
        partner::Answer::App { app } => app,
        _ => None,
    }
}

/// Where a full window of an app is published.
pub fn quota_key(key: &AppKey) -> String {
    ["quota/", key.as_str()].concat()
}

/// What the app's last exchange took for its redirect_uri; the first guess where nothing is known.
pub async fn app_redirect(env: &Env, key: &AppKey) -> Redirect {
    let word = read_kv(env, &redirect_key(key)).await;
    let known = |redirect: &Redirect| word.as_deref() == Some(redirect.word());
    Redirect::ALL.into_iter().find(known).unwrap_or_default()
}

/// Remembers it for the next exchange. A hint: left undone, the next one finds out again.
pub async fn put_app_redirect(env: &Env, key: &AppKey, redirect: Redirect) {
    if let Ok(put) = env
        .kv(KV)
        .and_then(|kv| Ok(kv.put(&redirect_key(key), redirect.word())?))
    {
        let _ = put.execute().await;
    }
}

fn redirect_key(key: &AppKey) -> String {
    ["redirect/", key.as_str()].concat()
}

/// Where a secret of an app lies, and the name it is sealed under.
pub fn app_secret_name(key: &AppKey, name: &str) -> String {
    ["sealed/app/", key.as_str(), "/", name].concat()
}

/// One secret of an app, opened.
pub async fn app_secret(
    env: &Env,
    settings: &Settings,
    key: &AppKey,
    name: &str,
) -> Option<seal::Secret> {
    let record = app_secret_name(key, name);
    let sealed = seal::Sealed::from_stored(read_kv(env, &record).await?);
    settings.vault.open(&record, &sealed).ok()
}

/// The text of a KV entry; absent, unreadable and unreachable look alike to the caller, who falls back.
pub async fn read_kv(env: &Env, key: &str) -> Option<String> {
    env.kv(KV).ok()?.get(key).text().await.ok()?
}

/// The KV namespace of published settings and sealed secrets.
pub const KV: &str = "CONFIG";
