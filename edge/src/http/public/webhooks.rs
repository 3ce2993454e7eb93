//! Webhooks of messaging providers.

use crate::durable_objects::rpc;
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use crate::kv::{self, KvError};
use embark_onboarding::crypto::sha256_hex;
use embark_onboarding::providers::infobip::parse_registration_webhook;
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::resources::run::{RunReply, RunRequest};
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_onboarding::resources::waba::{WabaReply, WabaRequest};
use embark_onboarding::telemetry::Subject;
use embark_protocol::admin::SiteSettings;
use embark_protocol::{Problem, ProblemCode, SiteId, WabaId};
use worker::Env;

/// `POST /v1/webhooks/infobip/{token}`: a registration webhook of Infobip. Infobip signs nothing: the token of 256
/// bits in the address is all that proves the sender, so that a webhook only makes a signup read Meta again, or
/// fails one that waits for it. 204 once the signup has stored it; Infobip repeats it after any 5xx.
///
/// # Errors
/// `not_found` for an unknown or replaced token, `bad_json`, `bad_id`; `internal` if an object or KV cannot be
/// reached.
pub async fn infobip(incoming: &Incoming<'_>, token: &str) -> Result<HandlerResponse, Problem> {
    let env = incoming.env;
    let (site, settings) = site_of_token(env, token).await?;
    incoming.trace.add(&Subject {
        app: Some(settings.app.clone()),
        ..Subject::site(&site)
    });
    let webhook = parse_registration_webhook(incoming.body()?)
        .map_err(|_| Problem::new(ProblemCode::BadJson))?;
    let waba = WabaId::parse(&webhook.waba).map_err(|_| Problem::new(ProblemCode::BadId))?;
    let request = WabaRequest::Signup {
        app: settings.app,
        site: Some(site.clone()),
    };
    let signup = match rpc::call(env, &waba, &request).await? {
        WabaReply::Signup {
            signup: Some(signup),
        } => {
            incoming.trace.add(&Subject::signup(&signup));
            signup
        }
        // The account was not connected through the site's app.
        WabaReply::Signup { signup: None } => return Ok(HandlerResponse::NoContent),
        _ => return Err(RpcError::UnexpectedReply.into()),
    };
    let request = RunRequest::InfobipWebhook { site, webhook };
    match rpc::call(env, &signup, &request).await? {
        RunReply::Refused(problem) if problem.status >= 500 => {
            Err(Problem::new(ProblemCode::Internal))
        }
        // A signup that has expired does not wait for it.
        _ => Ok(HandlerResponse::NoContent),
    }
}

/// The site that a webhook token was created for, with its settings.
async fn site_of_token(env: &Env, token: &str) -> Result<(SiteId, SiteSettings), Problem> {
    let unknown = || Problem::new(ProblemCode::NotFound);
    if token.len() != TOKEN_LENGTH {
        return Err(unknown());
    }
    let digest = sha256_hex(token.as_bytes());
    let site = kv::read_text(env, &kv::webhook_site_key(&digest)).await?;
    let site = SiteId::parse(&site.ok_or_else(unknown)?).map_err(|_| KvError::Unreadable)?;
    match rpc::call(env, &site, &SiteRequest::ResolveWebhookToken { digest }).await? {
        SiteReply::Config {
            config: Some(settings),
        } => Ok((site, *settings)),
        // A newer token has replaced it.
        SiteReply::Config { config: None } => Err(unknown()),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// In hexadecimal digits.
const TOKEN_LENGTH: usize = 64;
