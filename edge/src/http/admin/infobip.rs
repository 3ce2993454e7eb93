//! What an operator does at Infobip through a site's account: create the webhook address, add a number, send a test
//! message and read what became of it. Infobip's responses are passed on as they are.

use super::sites::settings_of;
use crate::durable_objects::rpc;
use crate::durable_objects::secrets::provider_secrets;
use crate::fetch;
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use crate::random;
use embark_onboarding::crypto::sha256_hex;
use embark_onboarding::meta::ApiError;
use embark_onboarding::providers::ProviderRequest;
use embark_onboarding::providers::check_provider;
use embark_onboarding::providers::infobip;
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_protocol::admin::LinkResponse;
use embark_protocol::infobip::{InfobipMessageRequest, InfobipSenderRequest, InfobipSettings};
use embark_protocol::{Problem, ProblemCode, SiteId, Step};
use serde_json::Value;
use worker::Env;

/// `POST /v1/admin/sites/{site}/infobip/webhook`: responds with a new webhook address. The previous one ceases to
/// work. 202 instead of 200: KV has not taken the new address yet, and until it has, usually within a minute, the address
/// is answered with 404.
///
/// # Errors
/// `unknown_site`; `internal`: the Site object did not reply.
pub async fn create_webhook(
    incoming: &Incoming<'_>,
    site: SiteId,
) -> Result<HandlerResponse, Problem> {
    let token = random::fresh_token();
    let digest = sha256_hex(token.as_bytes());
    let request = SiteRequest::SetWebhookToken { digest };
    let copied = match rpc::call(incoming.env, &site, &request).await? {
        SiteReply::Stored { copied } => copied,
        SiteReply::Refused { code } => return Err(Problem::new(code)),
        _ => return Err(RpcError::UnexpectedReply.into()),
    };
    let origin = &incoming.settings.origin;
    let link = LinkResponse {
        url: format!("{origin}/v1/webhooks/infobip/{token}"),
    };
    if copied {
        HandlerResponse::json(&link)
    } else {
        HandlerResponse::accepted(&link)
    }
}

/// `POST /v1/admin/sites/{site}/infobip/senders`: adds a number to a shared account.
///
/// # Errors
/// As all routes of this file: `unknown_site`, `conflict` without settings of Infobip, `provider_unavailable`,
/// `provider_refused`, `app_misconfigured` if Infobip refused the site's key.
pub async fn add_sender(incoming: &Incoming<'_>, site: SiteId) -> Result<HandlerResponse, Problem> {
    let order: InfobipSenderRequest = incoming.parse_json()?;
    let settings = infobip_settings(incoming.env, &site).await?;
    let sender = infobip::sender_body(&order);
    let request = infobip::add_sender(&settings, &site, order.waba_id.as_str(), &sender);
    send(incoming, &request).await
}

/// `POST /v1/admin/sites/{site}/infobip/messages`: sends a test message.
///
/// # Errors
/// As [`add_sender`].
pub async fn send_message(
    incoming: &Incoming<'_>,
    site: SiteId,
) -> Result<HandlerResponse, Problem> {
    let order: InfobipMessageRequest = incoming.parse_json()?;
    let settings = infobip_settings(incoming.env, &site).await?;
    let (kind, message) = infobip::message_body(&settings, &order);
    let request = infobip::send_message(&settings, &site, kind, &message);
    send(incoming, &request).await
}

/// `GET /v1/admin/sites/{site}/infobip/messages/{id}`: the delivery report of a message. Infobip returns each
/// report once.
///
/// # Errors
/// As [`add_sender`], and `bad_id`.
pub async fn get_message(
    incoming: &Incoming<'_>,
    site: SiteId,
    id: String,
) -> Result<HandlerResponse, Problem> {
    let is_id_byte = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if id.len() > 100 || !id.bytes().all(is_id_byte) {
        return Err(Problem::new(ProblemCode::BadId));
    }
    let settings = infobip_settings(incoming.env, &site).await?;
    send(incoming, &infobip::delivery_report(&settings, &site, &id)).await
}

async fn infobip_settings(env: &Env, site: &SiteId) -> Result<InfobipSettings, Problem> {
    let settings = settings_of(env, site).await?.infobip;
    settings.ok_or_else(|| {
        Problem::new(ProblemCode::Conflict).with_detail("the site has no settings of Infobip")
    })
}

/// Sends a request and passes its JSON on; a response that is not JSON becomes `null`.
async fn send(
    incoming: &Incoming<'_>,
    request: &ProviderRequest,
) -> Result<HandlerResponse, Problem> {
    let keyring = &incoming.settings.keyring;
    let result = match provider_secrets(incoming.env, keyring, request).await {
        Ok(secrets) => fetch::send_provider_request(&secrets, request).await,
        Err(error) => Err(error),
    };
    let response = check_provider(result).map_err(|error| provider_problem(&error))?;
    let document: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    HandlerResponse::json(&document)
}

fn provider_problem(error: &ApiError) -> Problem {
    let status = error.status.to_string();
    let code = match error.status {
        // 0: no response.
        0 | 429 | 500.. => ProblemCode::ProviderUnavailable,
        401 | 403 => ProblemCode::AppMisconfigured,
        _ => ProblemCode::ProviderRefused,
    };
    Problem::new(code)
        .with_detail(&["Infobip answered ", &status].concat())
        .at_step(Step::Handoff)
}
