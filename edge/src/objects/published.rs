//! Settings and sealed secrets as KV holds them: copies for fast reads, up to a minute old. The objects are
//! the truth; what KV does not have is asked of them.

use super::{MAIN, PARTNER, post};
use crate::graph::{Access, Heard, Redirect, Unheard};
use crate::host;
use crate::load::Settings;
use crate::outbound;
use crate::partner;
use crate::seal::{Sealed, Secret};
use embark_protocol::config::App;
use embark_protocol::{AppKey, SiteId};
use futures_util::future::join4;
use worker::Env;

/// An app's settings: the copy in KV, else the source of truth.
pub async fn app(env: &Env, key: &AppKey) -> Option<App> {
    let copied = read_kv(env, &["app/", key.as_str()].concat()).await;
    if let Some(app) = copied.and_then(|text| crate::json::from_slice(text.as_bytes()).ok()) {
        return Some(app);
    }
    let ask = partner::Ask::GetApp { key: key.clone() };
    match post(env, PARTNER, MAIN, &ask).await? {
        partner::Answer::App { app } => app,
        _ => None,
    }
}

/// The app's access to Graph, or `None` where app or secret is not set up.
pub async fn access(env: &Env, settings: &Settings, key: &AppKey) -> Option<Access> {
    let secret = app_secret(env, settings, key, "app_secret");
    let system = app_secret(env, settings, key, "system_token");
    let redirect = app_redirect(env, key);
    let (app, secret, system, redirect) = join4(app(env, key), secret, system, redirect).await;
    let app = app?;
    Some(Access {
        app_id: app.app_id,
        version: app.graph_version,
        secret: secret?,
        redirect,
        system,
        partner: app.partner_business_id,
    })
}

/// Where the site of a webhook address is found, by the digest of its token.
pub fn hook_key(digest: &str) -> String {
    ["hook/", digest].concat()
}

/// Where a full window of an app is published.
pub fn quota_key(key: &AppKey) -> String {
    ["quota/", key.as_str()].concat()
}

/// What the app's last exchange took for its redirect_uri; the first guess where nothing is known.
async fn app_redirect(env: &Env, key: &AppKey) -> Redirect {
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
async fn app_secret(env: &Env, settings: &Settings, key: &AppKey, name: &str) -> Option<Secret> {
    let record = app_secret_name(key, name);
    let sealed = Sealed::from_stored(read_kv(env, &record).await?);
    settings.vault.open(&record, &sealed).ok()
}

/// Where a secret of a site lies, and the name it is sealed under.
pub fn site_secret_name(site: &SiteId, name: &str) -> String {
    ["sealed/site/", site.as_str(), "/", name].concat()
}

/// Calls another provider with the secrets of the site that the request names.
pub async fn provide(env: &Env, settings: &Settings, request: &outbound::Request) -> Heard {
    let mut secrets: Vec<(String, Secret)> = vec![];
    for name in request
        .headers
        .iter()
        .flat_map(|(_, value)| outbound::secrets(value))
    {
        let record = site_secret_name(&request.site, name);
        let stored = read_kv(env, &record).await.ok_or(Unheard::Unset)?;
        let opened = settings.vault.open(&record, &Sealed::from_stored(stored));
        secrets.push((name.to_owned(), opened.map_err(|_| Unheard::Unset)?));
    }
    let known = |name: &str| {
        let found = secrets.iter().find(|(known, _)| known == name);
        found.map(|(_, secret)| secret.clone())
    };
    host::provide(request, &known).await
}

/// The text of a KV entry; absent, unreadable and unreachable look alike to the caller, who falls back.
pub async fn read_kv(env: &Env, key: &str) -> Option<String> {
    env.kv(KV).ok()?.get(key).text().await.ok()?
}

/// The KV namespace of published settings and sealed secrets.
pub const KV: &str = "CONFIG";
