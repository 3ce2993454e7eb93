//! What an operator does at Infobip through a site's account: create the webhook address, add a number, send a test
//! message and read what became of it. Infobip's responses are passed on as they are.

use super::seed::Seed;
use super::{Deployment, Stored, sites};
use crate::durable_objects::rpc;
use crate::durable_objects::secrets::provider_secrets;
use crate::fetch;
use embark_onboarding::crypto::sha256_hex;
use embark_onboarding::meta::ApiError;
use embark_onboarding::providers::ProviderRequest;
use embark_onboarding::providers::check_provider;
use embark_onboarding::providers::infobip;
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_onboarding::telemetry::Subject;
use embark_protocol::admin::LinkResponse;
use embark_protocol::infobip::{InfobipMessageRequest, InfobipSenderRequest, InfobipSettings};
use embark_protocol::{Problem, ProblemCode, SiteId, Step};
use serde_json::Value;

/// Creates a new address for Infobip's webhook. The previous one ceases to work. Until KV has taken the new address, usually
/// within a minute, it is answered with 404.
///
/// # Errors
/// `unknown_site`; `internal`: the Site object did not reply.
pub async fn create_webhook(
    deployment: Deployment<'_>,
    site: &SiteId,
    seed: &Seed,
) -> Result<Stored<LinkResponse>, Problem> {
    let token = seed.token();
    let digest = sha256_hex(token.as_bytes());
    let request = SiteRequest::SetWebhookToken { digest };
    let copied = match rpc::call(deployment.env, site, &request).await? {
        SiteReply::Stored { copied } => copied,
        SiteReply::Refused { code } => return Err(Problem::new(code)),
        _ => return Err(RpcError::UnexpectedReply.into()),
    };
    let origin = &deployment.settings.origin;
    let url = format!("{origin}/v1/webhooks/infobip/{token}");
    let value = LinkResponse { url };
    Ok(Stored { value, copied })
}

/// Adds a number to a shared account.
///
/// # Errors
/// As all functions of this file: `unknown_site`, `conflict` without settings of Infobip, `provider_unavailable`,
/// `provider_refused`, `app_misconfigured` if Infobip refused the site's key.
pub async fn add_sender(
    deployment: Deployment<'_>,
    site: &SiteId,
    order: InfobipSenderRequest,
) -> Result<Value, Problem> {
    let settings = infobip_settings(deployment, site).await?;
    let sender = infobip::sender_body(&order);
    let request = infobip::add_sender(&settings, site, order.waba_id.as_str(), &sender);
    send(deployment, &request).await
}

/// Sends a test message.
///
/// # Errors
/// As [`add_sender`].
pub async fn send_message(
    deployment: Deployment<'_>,
    site: &SiteId,
    order: InfobipMessageRequest,
) -> Result<Value, Problem> {
    let settings = infobip_settings(deployment, site).await?;
    let (kind, message) = infobip::message_body(&settings, &order);
    let request = infobip::send_message(&settings, site, kind, &message);
    send(deployment, &request).await
}

/// The delivery report of a message. Infobip returns each report once.
///
/// # Errors
/// As [`add_sender`], and `bad_id`.
pub async fn get_message(
    deployment: Deployment<'_>,
    site: &SiteId,
    id: &str,
) -> Result<Value, Problem> {
    let is_id_byte = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if id.len() > 100 || !id.bytes().all(is_id_byte) {
        return Err(Problem::new(ProblemCode::BadId));
    }
    let settings = infobip_settings(deployment, site).await?;
    send(deployment, &infobip::delivery_report(&settings, site, id)).await
}

async fn infobip_settings(
    deployment: Deployment<'_>,
    site: &SiteId,
) -> Result<InfobipSettings, Problem> {
    let settings = sites::get(deployment, site).await?.infobip;
    settings.ok_or_else(|| {
        Problem::new(ProblemCode::Conflict).with_detail("the site has no settings of Infobip")
    })
}

/// Sends a request and passes its JSON on; a response that is not JSON becomes `null`.
async fn send(deployment: Deployment<'_>, request: &ProviderRequest) -> Result<Value, Problem> {
    let keyring = &deployment.settings.keyring;
    let result = match provider_secrets(deployment.env, keyring, request).await {
        Ok(secrets) => fetch::send_provider_request(&secrets, request, &Subject::default()).await,
        Err(error) => Err(error),
    };
    let response = check_provider(result).map_err(|error| provider_problem(&error))?;
    Ok(serde_json::from_slice(&response.body).unwrap_or_default())
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
