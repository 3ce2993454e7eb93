//! The webhook of an app at Meta.

use super::{Deployment, apps};
use crate::durable_objects::app_credentials::app_credentials;
use crate::durable_objects::rpc;
use crate::durable_objects::webhook_secrets::{VERIFY_TOKEN, verify_token};
use crate::fetch;
use crate::kv;
use crate::random;
use embark_onboarding::crypto::Secret;
use embark_onboarding::meta::request::{set_subscription, subscriptions};
use embark_onboarding::meta::response::{Success, WebhookSubscriptions, decode};
use embark_onboarding::meta::webhook_setup::{self, callback_url};
use embark_onboarding::meta::{ApiError, AppCredentials, ErrorClass};
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::rpc::{RpcError, Singleton};
use embark_onboarding::telemetry::Subject;
use embark_protocol::admin::AppWebhook;
use embark_protocol::webhook_setup::AppWebhookStatus;
use embark_protocol::{AppKey, Problem, ProblemCode};

/// Creates a verify token, in place of the one before. The result has it and the callback URL; nothing else shows the token.
///
/// # Errors
/// `not_found`: there is no such app; `internal`: the Partner object did not reply.
pub async fn create(deployment: Deployment<'_>, app: &AppKey) -> Result<AppWebhook, Problem> {
    apps::get(deployment, app).await?;
    let token = create_verify_token(deployment, app).await?;
    Ok(AppWebhook {
        callback_url: callback_url(&deployment.settings.origin, app),
        verify_token: token.expose_secret().to_owned(),
    })
}

/// What Meta has, compared with ours.
///
/// # Errors
/// `not_found`: there is no such app. `app_misconfigured`: it has no secret. `meta_refused`, `meta_unavailable`. `internal`.
pub async fn compare(
    deployment: Deployment<'_>,
    app: &AppKey,
) -> Result<AppWebhookStatus, Problem> {
    let credentials = credentials(deployment, app).await?;
    let read = read(deployment, &credentials).await?;
    Ok(webhook_setup::compare(&credentials.webhook_url, &read))
}

/// Sets callback URL and fields at Meta, which verifies the URL before it responds, and reads
/// them back. Fields that were set for other purposes are kept; the verify token is the app's, and a new one if it has none.
/// Repeatable.
///
/// # Errors
/// As of [`compare`].
pub async fn set(deployment: Deployment<'_>, app: &AppKey) -> Result<AppWebhookStatus, Problem> {
    let credentials = credentials(deployment, app).await?;
    let before = read(deployment, &credentials).await?;
    let token = verify_token(deployment.env, deployment.settings, app).await?;
    let token = match token {
        Some(token) => token,
        None => create_verify_token(deployment, app).await?,
    };
    let url = &credentials.webhook_url;
    let fields = webhook_setup::fields_to_set(&before);
    let request = set_subscription(&credentials, &token, &fields).sign(&credentials);
    let graph = &deployment.settings.meta.graph;
    let response = fetch::send_graph_request(graph, &request, &Subject::app(app)).await;
    // What is read back counts, also after an unknown outcome.
    let set = decode::<Success>(response);
    let read = read(deployment, &credentials).await?;
    let status = webhook_setup::compare(url, &read);
    match set {
        Err(error) if !status.differences.is_empty() => Err(problem(&error)),
        _ => Ok(status),
    }
}

async fn create_verify_token(deployment: Deployment<'_>, app: &AppKey) -> Result<Secret, Problem> {
    let token = Secret::new(random::fresh_token());
    let key = kv::app_secret_key(app, VERIFY_TOKEN);
    let cx = deployment.settings.context();
    let secret = cx
        .keyring
        .seal(&key, &token, cx.nonce())
        .map_err(|_| Problem::new(ProblemCode::Internal))?;
    let request = PartnerRequest::PutSecret { key, secret };
    match rpc::call(deployment.env, &Singleton, &request).await? {
        // The handshake asks the object, not the copy.
        PartnerReply::Stored { .. } => Ok(token),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

async fn credentials(deployment: Deployment<'_>, app: &AppKey) -> Result<AppCredentials, Problem> {
    apps::get(deployment, app).await?;
    let credentials = app_credentials(deployment.env, deployment.settings, app).await?;
    credentials.ok_or_else(|| Problem::new(ProblemCode::AppMisconfigured))
}

async fn read(
    deployment: Deployment<'_>,
    credentials: &AppCredentials,
) -> Result<WebhookSubscriptions, Problem> {
    let request = subscriptions(credentials).sign(credentials);
    let graph = &deployment.settings.meta.graph;
    // Whom it is about, the address of the request says.
    let response = fetch::send_graph_request(graph, &request, &Subject::default()).await;
    decode(response).map_err(|error| problem(&error))
}

/// Meta's code and trace id go with it. 2200: the handshake with the callback URL failed.
fn problem(error: &ApiError) -> Problem {
    let code = match error.class {
        ErrorClass::Indeterminate | ErrorClass::Transient | ErrorClass::Rate => {
            ProblemCode::MetaUnavailable
        }
        ErrorClass::Token | ErrorClass::Config => ProblemCode::AppMisconfigured,
        ErrorClass::Unreachable | ErrorClass::Refused => ProblemCode::MetaRefused,
    };
    Problem {
        meta_code: error.meta_code(),
        fbtrace_id: error.fbtrace_id.clone(),
        ..Problem::new(code)
    }
}
