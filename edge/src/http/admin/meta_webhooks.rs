//! The webhook of an app at Meta, and the accounts that it names and no site owns.

use super::sites::settings_of;
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
use embark_onboarding::resources::waba::{WabaReply, WabaRequest};
use embark_protocol::admin::{AppWebhook, AssignRequest, AssignResponse};
use embark_protocol::{AppKey, Problem, ProblemCode, WabaId};

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

/// `POST /v1/admin/unclaimed/{waba}/assign`: signs an account that nobody owns up for a site, and responds with the signup.
///
/// # Errors
/// `unknown_site`; `not_found`: the account has an owner, was assigned to another site, or no customer of the site's app came
/// with it; `internal`: an object did not reply.
pub async fn assign(incoming: &Incoming<'_>, waba: WabaId) -> Result<HandlerResponse, Problem> {
    let AssignRequest { site } = incoming.parse_json()?;
    let settings = settings_of(incoming.env, &site).await?;
    let request = WabaRequest::Assign {
        app: settings.app,
        site,
        at: clock::now(),
    };
    match rpc::call(incoming.env, &waba, &request).await? {
        WabaReply::Assigned {
            signup: Some(signup),
        } => HandlerResponse::json(&AssignResponse { signup }),
        WabaReply::Assigned { signup: None } => Err(Problem::new(ProblemCode::NotFound)
            .with_detail(
                "no customer of the site's app came with this account, or it has an owner",
            )),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}
