//! The webhook of an app at Meta, and the accounts that it names and no site owns.

use super::sites::settings_of;
use crate::clock;
use crate::durable_objects::app_credentials::{app_credentials, app_settings};
use crate::durable_objects::rpc;
use crate::durable_objects::webhook_secrets::{VERIFY_TOKEN, verify_token};
use crate::fetch;
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use crate::kv;
use crate::random;
use embark_onboarding::crypto::Secret;
use embark_onboarding::meta::request::{set_subscription, subscriptions};
use embark_onboarding::meta::response::{Success, WebhookSubscriptions, decode};
use embark_onboarding::meta::webhook_setup::{self, callback_url};
use embark_onboarding::meta::{ApiError, AppCredentials, ErrorClass};
use embark_onboarding::resources::partner::{AuditEntry, PartnerReply, PartnerRequest};
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
    let token = create_verify_token(incoming, &app).await?;
    HandlerResponse::json(&AppWebhook {
        callback_url: callback_url(&incoming.settings.origin, &app),
        verify_token: token.expose_secret().to_owned(),
    })
}

/// `GET /v1/admin/apps/{app}/webhook`: what Meta has, compared with ours.
///
/// # Errors
/// `not_found`: there is no such app. `app_misconfigured`: it has no secret. `meta_refused`, `meta_unavailable`. `internal`.
pub async fn compare(incoming: &Incoming<'_>, app: AppKey) -> Result<HandlerResponse, Problem> {
    let credentials = credentials(incoming, &app).await?;
    let read = read(incoming, &credentials).await?;
    HandlerResponse::json(&webhook_setup::compare(&credentials.webhook_url, &read))
}

/// `PUT /v1/admin/apps/{app}/webhook`: sets callback URL and fields at Meta, which verifies the URL before it responds, and reads
/// them back. Fields that were set for other purposes are kept; the verify token is the app's, and a new one if it has none.
/// Writes an entry of the audit log. Repeatable.
///
/// # Errors
/// As of [`compare`].
pub async fn set(incoming: &Incoming<'_>, app: AppKey) -> Result<HandlerResponse, Problem> {
    let credentials = credentials(incoming, &app).await?;
    let before = read(incoming, &credentials).await?;
    let token = verify_token(incoming.env, incoming.settings, &app).await?;
    let token = match token {
        Some(token) => token,
        None => create_verify_token(incoming, &app).await?,
    };
    let url = &credentials.webhook_url;
    let entry = AuditEntry {
        at: clock::now(),
        action: format!("webhook of app {app} set to {url}"),
    };
    rpc::call(incoming.env, &Singleton, &PartnerRequest::Audit(entry)).await?;
    let fields = webhook_setup::fields_to_set(&before);
    let request = set_subscription(&credentials, &token, &fields).sign(&credentials);
    let graph = &incoming.settings.meta.graph;
    let response = fetch::send_graph_request(graph, &request).await;
    // What is read back counts, also after an unknown outcome.
    let set = decode::<Success>(response);
    let read = read(incoming, &credentials).await?;
    let status = webhook_setup::compare(url, &read);
    match set {
        Err(error) if !status.differences.is_empty() => Err(problem(&error)),
        _ => HandlerResponse::json(&status),
    }
}

async fn create_verify_token(incoming: &Incoming<'_>, app: &AppKey) -> Result<Secret, Problem> {
    let token = Secret::new(random::fresh_token());
    let key = kv::app_secret_key(app, VERIFY_TOKEN);
    let cx = incoming.settings.context();
    let secret = cx
        .keyring
        .seal(&key, &token, cx.nonce())
        .map_err(|_| Problem::new(ProblemCode::Internal))?;
    let request = PartnerRequest::PutSecret { key, secret };
    match rpc::call(incoming.env, &Singleton, &request).await? {
        // The handshake asks the object, not the copy.
        PartnerReply::Stored { .. } => Ok(token),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

async fn credentials(incoming: &Incoming<'_>, app: &AppKey) -> Result<AppCredentials, Problem> {
    if app_settings(incoming.env, app).await?.is_none() {
        return Err(Problem::new(ProblemCode::NotFound));
    }
    let credentials = app_credentials(incoming.env, incoming.settings, app).await?;
    credentials.ok_or_else(|| Problem::new(ProblemCode::AppMisconfigured))
}

async fn read(
    incoming: &Incoming<'_>,
    credentials: &AppCredentials,
) -> Result<WebhookSubscriptions, Problem> {
    let request = subscriptions(credentials).sign(credentials);
    let graph = &incoming.settings.meta.graph;
    let response = fetch::send_graph_request(graph, &request).await;
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
