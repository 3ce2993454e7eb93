//! The KV namespace: its keys, and reads and writes that tell absent, unreadable and unreachable apart.
//!
//! KV holds copies of settings for fast reads, sealed secrets, and hints. A read may be up to a minute old, and may
//! not find an entry that was written within that minute
//! (<https://developers.cloudflare.com/kv/concepts/how-kv-works/>). `docs/storage.md` lists the entries.

use crate::clock;
use crate::telemetry;
use core::fmt;
use core::time::Duration;
use embark_onboarding::crypto::{Keyring, Sealed, Secret};
use embark_onboarding::resources::message_route::site_secret_name;
use embark_onboarding::telemetry::{Span, Subject, json_error};
use embark_protocol::{AppKey, Problem, ProblemCode, SiteId};
use futures_util::future::{Either, select};
use serde::de::DeserializeOwned;
use worker::Env;

/// Why an entry was not read or written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KvError {
    /// KV did not answer, or refused; the text is the runtime's.
    Unreachable(String),
    /// The entry is there, but is not what its key says: not JSON of its type, or sealed under a key that this
    /// deployment does not have.
    Unreadable,
}

impl fmt::Display for KvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(text) => write!(f, "KV could not be reached: {text}"),
            Self::Unreadable => f.write_str("the KV entry could not be read"),
        }
    }
}

impl core::error::Error for KvError {}

/// The client may send the same request again.
impl From<KvError> for Problem {
    fn from(_: KvError) -> Self {
        Self::new(ProblemCode::Internal)
    }
}

/// Reads an entry as text. `None`: there is none.
///
/// # Errors
/// `Unreachable`.
pub async fn read_text(env: &Env, key: &str) -> Result<Option<String>, KvError> {
    let result = read_from_runtime(env, key).await;
    result.inspect_err(|error| report("kv_read", key, error))
}

/// Reads an entry as JSON. `None`: there is none.
///
/// # Errors
/// `Unreachable`, or `Unreadable` if it is not a `T`.
pub async fn read_json<T: DeserializeOwned>(env: &Env, key: &str) -> Result<Option<T>, KvError> {
    let Some(text) = read_text(env, key).await? else {
        return Ok(None);
    };
    serde_json::from_str(&text).map(Some).map_err(|error| {
        report("kv_read", key, &json_error(&error));
        KvError::Unreadable
    })
}

/// Reads a secret, which is sealed under its own key name. `None`: there is none.
///
/// # Errors
/// `Unreachable`, or `Unreadable` if it cannot be opened.
pub async fn read_secret(
    env: &Env,
    keyring: &Keyring,
    key: &str,
) -> Result<Option<Secret>, KvError> {
    let Some(text) = read_text(env, key).await? else {
        return Ok(None);
    };
    let opened = keyring.open(key, &Sealed::from_stored(text));
    opened.map(Some).map_err(|error| {
        report("open_secret", key, &error);
        KvError::Unreadable
    })
}

/// Writes an entry.
///
/// # Errors
/// `Unreachable`: the entry may have been written all the same.
pub async fn write_text(env: &Env, key: &str, value: &str) -> Result<(), KvError> {
    let result = write_to_runtime(env, key, value).await;
    result.inspect_err(|error| report("kv_write", key, error))
}

/// A page of keys.
pub struct KeyPage {
    /// The keys, in their order.
    pub keys: Vec<String>,
    /// Where the next page begins. `None`: this is the last one.
    pub cursor: Option<String>,
}

/// Lists keys that begin with `prefix`, at most `limit`. `cursor`: of the page before. `None`: the first page.
///
/// # Errors
/// `Unreachable`.
pub async fn list(
    env: &Env,
    prefix: &str,
    cursor: Option<&str>,
    limit: u32,
) -> Result<KeyPage, KvError> {
    let listed = within_deadline(async {
        let mut list = env
            .kv(NAMESPACE)?
            .list()
            .prefix(prefix.to_owned())
            .limit(u64::from(limit));
        if let Some(cursor) = cursor {
            list = list.cursor(cursor.to_owned());
        }
        Ok(list.execute().await?)
    });
    let listed = listed
        .await
        .inspect_err(|error| report("kv_list", prefix, error))?;
    Ok(KeyPage {
        keys: listed.keys.into_iter().map(|key| key.name).collect(),
        cursor: listed.cursor.filter(|_| !listed.list_complete),
    })
}

/// Deletes an entry. Succeeds also if there is none.
///
/// # Errors
/// `Unreachable`: the entry may have been deleted all the same.
pub async fn delete(env: &Env, key: &str) -> Result<(), KvError> {
    let result = delete_from_runtime(env, key).await;
    result.inspect_err(|error| report("kv_delete", key, error))
}

/// Key of an app's settings: a copy of the Partner object's `AppSettings`.
pub fn app_settings_key(app: &AppKey) -> String {
    ["app/", app.as_str()].concat()
}

/// Key of a site's settings: a copy of the Site object's `SiteRecord`.
pub fn site_record_key(site: &SiteId) -> String {
    ["site/", site.as_str()].concat()
}

/// Key of an app's secret, and the name it is sealed under.
pub fn app_secret_key(app: &AppKey, name: &str) -> String {
    ["sealed/app/", app.as_str(), "/", name].concat()
}

/// Key of a site's secret, and the name it is sealed under.
pub fn site_secret_key(site: &SiteId, name: &str) -> String {
    site_secret_name(site, name)
}

/// Key of the site that a webhook address belongs to. `digest`: SHA-256 of the token in the address.
pub fn webhook_site_key(digest: &str) -> String {
    ["hook/", digest].concat()
}

/// Key of the `Quota` of an app whose quota blocks launches.
pub fn quota_key(app: &AppKey) -> String {
    ["quota/", app.as_str()].concat()
}

/// Key of the `Quota` of a partner solution, where it blocks launches. No app's key has a slash.
pub fn solution_quota_key(solution: &str) -> String {
    ["quota/solution/", solution].concat()
}

/// Key of the redirect URI variant that the app's last code exchange accepted.
pub fn redirect_variant_key(app: &AppKey) -> String {
    ["redirect/", app.as_str()].concat()
}

/// No key has a secret: those of webhook addresses have a digest.
fn report(what: &'static str, key: &str, error: &dyn fmt::Display) {
    telemetry::failure(what, &format!("{key}: {error}"), &Subject::default());
}

async fn read_from_runtime(env: &Env, key: &str) -> Result<Option<String>, KvError> {
    #[cfg(feature = "local")]
    if crate::fault_injection::take_kv_read_failure() {
        return Err(KvError::Unreachable("injected".to_owned()));
    }
    within_deadline(async { Ok(env.kv(NAMESPACE)?.get(key).text().await?) }).await
}

async fn within_deadline<T>(
    operation: impl Future<Output = worker::Result<T>>,
) -> Result<T, KvError> {
    let deadline = Box::pin(clock::sleep(DEADLINE));
    match telemetry::timed(Span::Kv, select(Box::pin(operation), deadline)).await {
        Either::Left((result, _)) => {
            result.map_err(|error| KvError::Unreachable(error.to_string()))
        }
        Either::Right(((), _)) => Err(KvError::Unreachable("no answer in time".to_owned())),
    }
}

async fn write_to_runtime(env: &Env, key: &str, value: &str) -> Result<(), KvError> {
    #[cfg(feature = "local")]
    if crate::fault_injection::take_kv_write_failure() {
        return Err(KvError::Unreachable("injected".to_owned()));
    }
    within_deadline(async { Ok(env.kv(NAMESPACE)?.put(key, value)?.execute().await?) }).await
}

async fn delete_from_runtime(env: &Env, key: &str) -> Result<(), KvError> {
    #[cfg(feature = "local")]
    if crate::fault_injection::take_kv_write_failure() {
        return Err(KvError::Unreachable("injected".to_owned()));
    }
    within_deadline(async { Ok(env.kv(NAMESPACE)?.delete(key).await?) }).await
}

/// For one read, write or deletion.
const DEADLINE: Duration = Duration::from_secs(5);
/// Binding of the namespace.
const NAMESPACE: &str = "CONFIG";
