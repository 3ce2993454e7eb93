//! Meta apps: their settings and quota, which the Partner object has.

use crate::durable_objects::rpc;
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::rpc::{RpcError, Singleton};
use embark_protocol::admin::AppSettings;
use embark_protocol::{AppKey, Problem, ProblemCode};

/// `PUT /v1/admin/apps/{app}`: adds or replaces an app. Responds with its settings.
///
/// # Errors
/// `bad_request` for settings that are not valid.
pub async fn put_app(incoming: &Incoming<'_>, key: AppKey) -> Result<HandlerResponse, Problem> {
    let app: AppSettings = incoming.parse_json()?;
    let bad = |detail: &str| Problem::new(ProblemCode::BadRequest).with_detail(detail);
    if app.key != key {
        return Err(bad("key: differs from the address"));
    }
    let request = PartnerRequest::PutApp { app: app.clone() };
    match rpc::call(incoming.env, &Singleton, &request).await? {
        PartnerReply::Stored { copied: true } => HandlerResponse::json(&app),
        // The settings hold; pages are served with them once KV has its copy.
        PartnerReply::Stored { copied: false } => HandlerResponse::accepted(&app),
        PartnerReply::Invalid { detail } => Err(bad(&detail)),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// `GET /v1/admin/apps/{app}/quota`: how many new businesses the app took on in the last seven days.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn get_quota(incoming: &Incoming<'_>, key: AppKey) -> Result<HandlerResponse, Problem> {
    let request = PartnerRequest::Quota { key };
    match rpc::call(incoming.env, &Singleton, &request).await? {
        PartnerReply::Quota { quota } => HandlerResponse::json(&quota),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}
