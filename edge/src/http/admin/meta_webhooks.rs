//! The webhook of an app at Meta, and the accounts that it names and no site owns.

use crate::clock;
use crate::durable_objects::app_credentials::app_settings;
use crate::durable_objects::rpc;
use crate::durable_objects::webhook_secrets::VERIFY_TOKEN;
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use crate::kv;
use crate::random;
use embark_onboarding::crypto::Secret;
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::rpc::{RpcError, Singleton};
use embark_protocol::admin::AppWebhook;
use embark_protocol::{AppKey, Problem, ProblemCode};

/// `POST /v1/admin/apps/{app}/webhook`: creates a verify token, in place of the one before, and responds with it and the
/// callback URL. The token is shown here only.
///
/// # Errors
/// `not_found`: there is no such app; `internal`: the Partner object did not reply.
pub async fn create(incoming: &Incoming<'_>, app: AppKey) -> Result<HandlerResponse, Problem> {
    if app_settings(incoming.env, &app).await?.is_none() {
        return Err(Problem::new(ProblemCode::NotFound));
    }
    let token = Secret::new(random::fresh_token());
    let key = kv::app_secret_key(&app, VERIFY_TOKEN);
    let cx = incoming.settings.context();
    let secret = cx
        .keyring
        .seal(&key, &token, cx.nonce())
        .map_err(|_| Problem::new(ProblemCode::Internal))?;
    let request = PartnerRequest::PutSecret { key, secret };
    match rpc::call(incoming.env, &Singleton, &request).await? {
        // The handshake asks the object, not the copy.
        PartnerReply::Stored { .. } => {}
        _ => return Err(RpcError::UnexpectedReply.into()),
    }
    let origin = &incoming.settings.origin;
    HandlerResponse::json(&AppWebhook {
        callback_url: format!("{origin}/v1/webhooks/meta/{app}"),
        verify_token: token.expose_secret().to_owned(),
    })
}

/// `GET /v1/admin/unclaimed`: the accounts that no site owns and that Meta's webhooks said something of, the 200 that were
/// last heard of.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn list_unclaimed(incoming: &Incoming<'_>) -> Result<HandlerResponse, Problem> {
    let request = PartnerRequest::Unclaimed { at: clock::now() };
    match rpc::call(incoming.env, &Singleton, &request).await? {
        PartnerReply::Unclaimed { accounts } => HandlerResponse::json(&accounts),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}
