//! Secrets go in, sealed under their own name, and never come out.

use super::{parse, unheard};
use crate::fault::{self, Body};
use crate::host;
use crate::load::Settings;
use crate::objects::published::{self, KV};
use crate::outbound::is_secret_name;
use crate::reply::Good;
use crate::seal::Secret;
use embark_protocol::config::{APP_SECRETS, SecretValue};
use embark_protocol::{AppKey, Code, Problem, SiteId};
use worker::Env;

pub async fn of_app(
    key: &AppKey,
    name: &str,
    body: Body,
    env: &Env,
    settings: &Settings,
) -> Result<Good, Problem> {
    if !APP_SECRETS.contains(&name) {
        return Err(fault::because(
            Code::NotFound,
            "secrets: app_secret, system_token, verify_token",
        ));
    }
    let record = published::app_secret_name(key, name);
    put(&record, body, env, settings).await
}

/// A provider's key; its name is the site's own choice.
pub async fn of_site(
    site: &SiteId,
    name: &str,
    body: Body,
    env: &Env,
    settings: &Settings,
) -> Result<Good, Problem> {
    if !is_secret_name(name) {
        return Err(fault::because(
            Code::NotFound,
            "secrets: a name of a-z, 0-9 and _, at most 32",
        ));
    }
    let record = published::site_secret_name(site, name);
    put(&record, body, env, settings).await
}

async fn put(record: &str, body: Body, env: &Env, settings: &Settings) -> Result<Good, Problem> {
    let SecretValue { value } = parse(body?)?;
    let value = Secret::new(value);
    let plausible = (8..=4_096).contains(&value.secret().len())
        && value.secret().bytes().all(|byte| byte.is_ascii_graphic());
    if !plausible {
        return Err(fault::because(
            Code::BadRequest,
            "value: 8 to 4096 printable characters, no spaces",
        ));
    }
    let mut nonce = [0; 12];
    nonce
        .iter_mut()
        .zip(host::random())
        .for_each(|(to, from)| *to = from);
    let sealed = settings
        .vault
        .seal(record, &value, nonce)
        .map_err(|_| fault::problem(Code::Internal))?;
    let put = env
        .kv(KV)
        .ok()
        .and_then(|kv| kv.put(record, sealed.as_str()).ok());
    match put {
        Some(put) => put.execute().await.map_err(|_| unheard())?,
        None => return Err(unheard()),
    }
    Ok(Good::Empty)
}
