//! What an operator does at Infobip through a site's account: the address for its news, one more sender, a
//! test message and what became of it. Infobip's answers are passed on as they are, capped.

use super::{json, unheard};
use crate::fault;
use crate::graph::error;
use crate::host;
use crate::load::Settings;
use crate::objects::published::{self, KV, hook_key};
use crate::objects::{self, SITE};
use crate::outbound::Request;
use crate::provider::infobip;
use crate::reply::Good;
use crate::seal::{hex, sha256_hex};
use crate::site::{Answer, Ask};
use embark_protocol::config::Link;
use embark_protocol::partner::{Infobip, Message, NewSender};
use embark_protocol::{Code, Problem, SiteId, Step};
use serde_json::Value;
use worker::Env;

/// Draws a new address; the old one is over.
pub async fn webhook(site: &SiteId, env: &Env, settings: &Settings) -> Result<Good, Problem> {
    let token = hex(&host::random());
    let digest = sha256_hex(token.as_bytes());
    let put = env
        .kv(KV)
        .ok()
        .and_then(|kv| kv.put(&hook_key(&digest), site.as_str()).ok())
        .ok_or_else(unheard)?;
    put.execute().await.map_err(|_| unheard())?;
    match objects::post(env, SITE, site.as_str(), &Ask::Hook { digest }).await {
        Some(Answer::Noted) => json(&Link {
            url: [&settings.origin, "/v1/webhooks/infobip/", &token].concat(),
        }),
        Some(Answer::Refused { code }) => Err(fault::problem(code)),
        _ => Err(unheard()),
    }
}

pub async fn add_sender(
    site: &SiteId,
    order: NewSender,
    env: &Env,
    settings: &Settings,
) -> Result<Good, Problem> {
    let infobip = account(site, env).await?;
    let sender = infobip::sender(&order);
    let request = infobip::add_sender(&infobip, site, order.waba_id.as_str(), &sender);
    pass_on(request, env, settings).await
}

pub async fn send(
    site: &SiteId,
    message: Message,
    env: &Env,
    settings: &Settings,
) -> Result<Good, Problem> {
    let infobip = account(site, env).await?;
    let (kind, body) = infobip::message(&infobip, &message);
    pass_on(infobip::send(&infobip, site, kind, &body), env, settings).await
}

pub async fn report(
    site: &SiteId,
    id: &str,
    env: &Env,
    settings: &Settings,
) -> Result<Good, Problem> {
    let is_id = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if id.len() > 100 || !id.bytes().all(is_id) {
        return Err(fault::problem(Code::BadId));
    }
    let infobip = account(site, env).await?;
    pass_on(infobip::report(&infobip, site, id), env, settings).await
}

async fn account(site: &SiteId, env: &Env) -> Result<Infobip, Problem> {
    match objects::post(env, SITE, site.as_str(), &Ask::Get).await {
        Some(Answer::Config {
            config: Some(config),
        }) => config
            .infobip
            .ok_or_else(|| fault::because(Code::Conflict, "the site has no settings of Infobip")),
        Some(_) => Err(fault::problem(Code::UnknownSite)),
        None => Err(unheard()),
    }
}

async fn pass_on(request: Request, env: &Env, settings: &Settings) -> Result<Good, Problem> {
    let heard = published::provide(env, settings, &request).await;
    let reply = error::check_provider(heard).map_err(|failure| {
        let status = failure.status.to_string();
        let code = match failure.status {
            0 | 429 | 500.. => Code::ProviderUnavailable,
            401 | 403 => Code::AppMisconfigured,
            _ => Code::ProviderRefused,
        };
        Problem {
            step: Some(Step::Handoff),
            ..fault::because(code, &["Infobip answered ", &status].concat())
        }
    })?;
    // Read before it is passed on: what is no JSON stays here.
    let said: Value = crate::json::from_slice(&reply.body).unwrap_or_default();
    json(&said)
}
