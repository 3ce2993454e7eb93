//! Meta apps: their settings and quota, stored by the Partner object.

use super::{Deployment, Stored, invalid, other_key};
use crate::durable_objects::rpc;
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::rpc::{RpcError, Singleton};
use embark_onboarding::resources::settings_version::SettingsVersion;
use embark_protocol::admin::AppSettings;
use embark_protocol::quota::QuotaStatus;
use embark_protocol::{AppKey, Problem, ProblemCode, SolutionId};

/// The settings of all apps, without secrets.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn list(deployment: Deployment<'_>) -> Result<Vec<AppSettings>, Problem> {
    match rpc::call(deployment.env, &Singleton, &PartnerRequest::Apps).await? {
        PartnerReply::Apps { apps } => Ok(apps),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// The settings of an app, without secrets. `None`: there is no such app.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn find(
    deployment: Deployment<'_>,
    key: &AppKey,
) -> Result<Option<AppSettings>, Problem> {
    let request = PartnerRequest::GetApp { key: key.clone() };
    match rpc::call(deployment.env, &Singleton, &request).await? {
        PartnerReply::App { app } => Ok(app),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// The settings of an app, without secrets.
///
/// # Errors
/// `not_found`: there is no such app; `internal`: the Partner object did not reply.
pub async fn get(deployment: Deployment<'_>, key: &AppKey) -> Result<AppSettings, Problem> {
    let app = find(deployment, key).await?;
    app.ok_or_else(|| Problem::new(ProblemCode::NotFound))
}

/// Adds or replaces an app.
///
/// # Errors
/// `bad_request` for settings that are not valid or have another key; `settings_changed`: others are stored than those of the
/// version `expected`, if there is one; `internal`: the Partner object did not reply, and what was put may be stored.
pub async fn put(
    deployment: Deployment<'_>,
    key: &AppKey,
    app: AppSettings,
    expected: Option<SettingsVersion>,
) -> Result<Stored<AppSettings>, Problem> {
    if app.key != *key {
        return Err(other_key());
    }
    let request = PartnerRequest::PutApp {
        app: app.clone(),
        expected,
    };
    match rpc::call(deployment.env, &Singleton, &request).await? {
        PartnerReply::Stored { copied } => Ok(Stored { value: app, copied }),
        PartnerReply::Changed => Err(Problem::new(ProblemCode::SettingsChanged)),
        PartnerReply::Invalid { detail, errors } => Err(invalid(&detail, errors)),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// How many new businesses the app took on in the last seven days.
///
/// # Errors
/// `not_found`: there is no such app; `internal`: the Partner object did not reply.
pub async fn quota(deployment: Deployment<'_>, key: AppKey) -> Result<QuotaStatus, Problem> {
    get(deployment, &key).await?;
    read_quota(deployment, &PartnerRequest::Quota { key }).await
}

/// How many new businesses connected through a partner solution in the last seven days, of the 200 that Meta allows. Of a
/// solution that this deployment does not know there are 0.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn solution_quota(
    deployment: Deployment<'_>,
    solution: SolutionId,
) -> Result<QuotaStatus, Problem> {
    let request = PartnerRequest::SolutionQuota { solution };
    read_quota(deployment, &request).await
}

/// The same of all solutions that businesses connected through in that time.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn solution_quotas(
    deployment: Deployment<'_>,
) -> Result<Vec<(String, QuotaStatus)>, Problem> {
    match rpc::call(deployment.env, &Singleton, &PartnerRequest::Health).await? {
        PartnerReply::Health(health) => Ok(health
            .solutions
            .into_iter()
            .map(|solution| (solution.id, solution.quota.into()))
            .collect()),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

async fn read_quota(
    deployment: Deployment<'_>,
    request: &PartnerRequest,
) -> Result<QuotaStatus, Problem> {
    match rpc::call(deployment.env, &Singleton, request).await? {
        PartnerReply::Quota { quota } => Ok(quota.into()),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}
