//! Meta apps: their settings and quota, stored by the Partner object.

use super::merge_patch;
use crate::durable_objects::rpc;
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::rpc::{RpcError, Singleton};
use embark_protocol::admin::AppSettings;
use embark_protocol::quota::QuotaStatus;
use embark_protocol::{AppKey, Problem, ProblemCode, SolutionId};

/// `PUT /v1/admin/apps/{app}`: adds or replaces an app. Responds with its settings.
///
/// # Errors
/// `bad_json` for a body that is no app's settings, `bad_request` for settings that are not valid or have another key than
/// the address, `internal`: the Partner object did not reply; what was put may be stored.
pub async fn put_app(incoming: &Incoming<'_>, key: AppKey) -> Result<HandlerResponse, Problem> {
    put(incoming, &key, incoming.parse_json()?).await
}

/// `PATCH /v1/admin/apps/{app}`: adds an app, or changes the settings that the patch names. Responds with all of them.
///
/// # Errors
/// `bad_json` for a body that is no object of settings, and for a new app without `app_id`; `bad_request` for settings that are
/// not valid or have another key than the address, `internal`: the Partner object did not reply; the change may be stored.
pub async fn patch_app(incoming: &Incoming<'_>, key: AppKey) -> Result<HandlerResponse, Problem> {
    let current = stored(incoming, &key).await?;
    let app = merge_patch::apply(current.as_ref(), incoming.parse_json()?)?;
    put(incoming, &key, app).await
}

/// `GET /v1/admin/apps`: the settings of all apps, without secrets.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn list_apps(incoming: &Incoming<'_>) -> Result<HandlerResponse, Problem> {
    match rpc::call(incoming.env, &Singleton, &PartnerRequest::Apps).await? {
        PartnerReply::Apps { apps } => HandlerResponse::json(&apps),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// `GET /v1/admin/apps/{app}`: the settings, without secrets.
///
/// # Errors
/// `not_found`: there is no such app; `internal`: the Partner object did not reply.
pub async fn get_app(incoming: &Incoming<'_>, key: AppKey) -> Result<HandlerResponse, Problem> {
    match stored(incoming, &key).await? {
        Some(app) => HandlerResponse::json(&app),
        None => Err(Problem::new(ProblemCode::NotFound)),
    }
}

async fn stored(incoming: &Incoming<'_>, key: &AppKey) -> Result<Option<AppSettings>, Problem> {
    let request = PartnerRequest::GetApp { key: key.clone() };
    match rpc::call(incoming.env, &Singleton, &request).await? {
        PartnerReply::App { app } => Ok(app),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

async fn put(
    incoming: &Incoming<'_>,
    key: &AppKey,
    app: AppSettings,
) -> Result<HandlerResponse, Problem> {
    let bad = |detail: &str| Problem::new(ProblemCode::BadRequest).with_detail(detail);
    if app.key != *key {
        return Err(bad("key: differs from the address"));
    }
    let request = PartnerRequest::PutApp { app: app.clone() };
    match rpc::call(incoming.env, &Singleton, &request).await? {
        PartnerReply::Stored { copied: true } => HandlerResponse::json(&app),
        // Stored. Pages are served with these settings once KV, which page views read, has its copy of them.
        PartnerReply::Stored { copied: false } => HandlerResponse::accepted(&app),
        PartnerReply::Invalid { detail } => Err(bad(&detail)),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// `GET /v1/admin/apps/{app}/quota`: how many new businesses the app took on in the last seven days.
///
/// # Errors
/// `not_found`: there is no such app; `internal`: the Partner object did not reply.
pub async fn get_quota(incoming: &Incoming<'_>, key: AppKey) -> Result<HandlerResponse, Problem> {
    if stored(incoming, &key).await?.is_none() {
        return Err(Problem::new(ProblemCode::NotFound));
    }
    quota(incoming, &PartnerRequest::Quota { key }).await
}

/// `GET /v1/admin/solutions/{id}/quota`: how many new businesses connected through a partner solution in the last seven
/// days, of the 200 that Meta allows. A solution that this deployment does not know is answered with 0 businesses.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn get_solution_quota(
    incoming: &Incoming<'_>,
    solution: SolutionId,
) -> Result<HandlerResponse, Problem> {
    let request = PartnerRequest::SolutionQuota { solution };
    quota(incoming, &request).await
}

async fn quota(
    incoming: &Incoming<'_>,
    request: &PartnerRequest,
) -> Result<HandlerResponse, Problem> {
    match rpc::call(incoming.env, &Singleton, request).await? {
        PartnerReply::Quota { quota } => HandlerResponse::json(&QuotaStatus::from(quota)),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}
