//! The routes of the operator's origin.

use super::ids::{app_key, invitation_id, phone_id, signup_id, site_id, solution_id, waba_id};
use embark_protocol::{
    AppKey, InvitationId, PhoneNumberId, ProblemCode, SignupId, SiteId, SolutionId, WabaId,
};
use strum::IntoStaticStr;

/// A route of the operator's origin. Paths below `/v1/admin`, but for one.
#[derive(Debug, Clone, PartialEq, Eq, IntoStaticStr)]
pub enum OperatorRoute {
    /// `GET /v1/openapi.json`: the OpenAPI document of this origin, for anyone.
    ApiDescription,
    /// `GET /`: whose token it is.
    Identity,
    /// `GET /operators`
    ListOperators,
    /// `POST /operators`
    AddOperator,
    /// `DELETE /operators/{id}`
    RemoveOperator(String),
    /// `GET /audit`
    ListAudit,
    /// `GET /keys`
    GetKeys,
    /// `POST /keys/rotation`
    RotateKeys,
    /// `POST /backup`
    BeginBackup,
    /// `GET /backup`
    ReadBackup,
    /// `POST /backup/restore`
    RestoreBackup,
    /// `POST /backup/activate`
    ActivateBackup,
    /// `GET /health`
    GetHealth,
    /// `GET /apps`
    ListApps,
    /// `GET /apps/{app}`
    GetApp(AppKey),
    /// `PUT /apps/{app}`
    PutApp(AppKey),
    /// `PATCH /apps/{app}`
    PatchApp(AppKey),
    /// `GET /apps/{app}/quota`
    GetQuota(AppKey),
    /// `GET /apps/{app}/doctor`
    CheckApp(AppKey),
    /// `GET /apps/{app}/checklist`
    GetChecklist(AppKey),
    /// `PUT /apps/{app}/checklist/{step}`
    MarkStep(AppKey, String),
    /// `GET /apps/{app}/webhook`
    GetAppWebhook(AppKey),
    /// `PUT /apps/{app}/webhook`
    PutAppWebhook(AppKey),
    /// `POST /apps/{app}/webhook`
    CreateAppWebhook(AppKey),
    /// `GET /signups`
    ListAllSignups,
    /// `GET /unclaimed`
    ListUnclaimed,
    /// `POST /unclaimed/{waba}/assign`
    AssignUnclaimed(WabaId),
    /// `GET /callbacks`
    ListUserCallbacks,
    /// `POST /callbacks/{code}`
    CloseUserCallback(String),
    /// `GET /solutions/{id}/quota`
    GetSolutionQuota(SolutionId),
    /// `GET /sites`
    ListSites,
    /// `GET /sites/{site}`
    GetSite(SiteId),
    /// `PUT /sites/{site}`
    PutSite(SiteId),
    /// `PATCH /sites/{site}`
    PatchSite(SiteId),
    /// `GET /secrets/app/{app}`
    ListAppSecrets(AppKey),
    /// `GET /secrets/site/{site}`
    ListSiteSecrets(SiteId),
    /// `PUT /secrets/app/{app}/{name}`
    PutAppSecret(AppKey, String),
    /// `PUT /secrets/site/{site}/{name}`
    PutSiteSecret(SiteId, String),
    /// `/sites/{site}/…`
    OfSite(SiteId, SiteRoute),
    /// `POST /renewals`
    CreateRenewal,
    /// `POST /numbers/{id}/transfer`
    TransferNumber(PhoneNumberId),
    /// `GET /signups/{id}/report`
    GetReport(SignupId),
    /// `POST /signups/{id}/report`
    RefreshReport(SignupId),
}

/// A route of what belongs to one site. Paths below `/v1/admin/sites/{site}`.
#[derive(Debug, Clone, PartialEq, Eq, IntoStaticStr)]
pub enum SiteRoute {
    /// `POST /messages`
    ApplyMessages,
    /// `POST /invitations`
    CreateInvitation,
    /// `GET /invitations`
    ListInvitations,
    /// `DELETE /invitations/{id}`
    RevokeInvitation(InvitationId),
    /// `POST /sessions`
    CreateSession,
    /// `POST /tokens`
    CreateBackendToken,
    /// `GET /tokens`
    ListBackendTokens,
    /// `DELETE /tokens/{id}`
    RevokeBackendToken(String),
    /// `PUT /endpoint`
    PutEndpoint,
    /// `GET /endpoint`
    GetEndpoint,
    /// `DELETE /endpoint`
    DeleteEndpoint,
    /// `POST /endpoint/secret`
    RotateEndpointSecret,
    /// `POST /endpoint/test`
    TestEndpoint,
    /// `GET /signups`
    ListSignups,
    /// `GET /signups/export`
    ExportSignups,
    /// `GET /signups/{id}`
    GetSignup(SignupId),
    /// `GET /signups/{id}/calls`
    ListCalls(SignupId),
    /// `GET /counts`
    GetCounts,
    /// `GET /doctor`
    CheckSite,
    /// `POST /signups/{id}/link`
    CreateLink(SignupId),
    /// `POST /signups/{id}/cancel`
    CancelSignup(SignupId),
    /// `POST /signups/{id}/retry`
    RetrySignup(SignupId),
    /// `GET /wabas`
    ListAccounts,
    /// `GET /wabas/{waba}/token`
    GetToken(WabaId),
    /// `GET /events`
    ListEvents,
    /// `POST /events/replay`
    ReplayEvents,
    /// `GET /audit`
    ListTokenReads,
    /// `POST /infobip/webhook`
    CreateInfobipWebhook,
    /// `POST /infobip/senders`
    AddInfobipSender,
    /// `POST /infobip/messages`
    SendInfobipMessage,
    /// `GET /infobip/messages/{id}`
    GetInfobipMessage(String),
}

/// The route of a path, and the method that it answers. At a path with several routes, each for a method of its own, it is
/// that of `method`, or any of them if none answers `method`: the caller then refuses the request.
///
/// # Errors
/// `not_found`, or `bad_id` for a parameter of the wrong shape.
pub fn find(method: &str, segments: &[&str]) -> Result<(&'static str, OperatorRoute), ProblemCode> {
    let segments = match segments {
        ["v1", "openapi.json"] => return Ok(("GET", OperatorRoute::ApiDescription)),
        ["v1", "admin", segments @ ..] => segments,
        _ => return Err(ProblemCode::NotFound),
    };
    Ok(match segments {
        [] => ("GET", OperatorRoute::Identity),
        ["operators"] => match method {
            "POST" => ("POST", OperatorRoute::AddOperator),
            _ => ("GET", OperatorRoute::ListOperators),
        },
        ["operators", id] => ("DELETE", OperatorRoute::RemoveOperator((*id).to_owned())),
        ["audit"] => ("GET", OperatorRoute::ListAudit),
        ["keys"] => ("GET", OperatorRoute::GetKeys),
        ["keys", "rotation"] => ("POST", OperatorRoute::RotateKeys),
        ["backup"] => match method {
            "GET" => ("GET", OperatorRoute::ReadBackup),
            _ => ("POST", OperatorRoute::BeginBackup),
        },
        ["backup", "restore"] => ("POST", OperatorRoute::RestoreBackup),
        ["backup", "activate"] => ("POST", OperatorRoute::ActivateBackup),
        ["health"] => ("GET", OperatorRoute::GetHealth),
        ["apps"] => ("GET", OperatorRoute::ListApps),
        ["apps", app] => match method {
            "GET" => ("GET", OperatorRoute::GetApp(app_key(app)?)),
            "PATCH" => ("PATCH", OperatorRoute::PatchApp(app_key(app)?)),
            _ => ("PUT", OperatorRoute::PutApp(app_key(app)?)),
        },
        ["apps", app, "quota"] => ("GET", OperatorRoute::GetQuota(app_key(app)?)),
        ["apps", app, "doctor"] => ("GET", OperatorRoute::CheckApp(app_key(app)?)),
        ["apps", app, "checklist"] => ("GET", OperatorRoute::GetChecklist(app_key(app)?)),
        ["apps", app, "checklist", step] => {
            let step = (*step).to_owned();
            ("PUT", OperatorRoute::MarkStep(app_key(app)?, step))
        }
        ["apps", app, "webhook"] => match method {
            "GET" => ("GET", OperatorRoute::GetAppWebhook(app_key(app)?)),
            "PUT" => ("PUT", OperatorRoute::PutAppWebhook(app_key(app)?)),
            _ => ("POST", OperatorRoute::CreateAppWebhook(app_key(app)?)),
        },
        ["unclaimed"] => ("GET", OperatorRoute::ListUnclaimed),
        ["unclaimed", id, "assign"] => ("POST", OperatorRoute::AssignUnclaimed(waba_id(id)?)),
        ["callbacks"] => ("GET", OperatorRoute::ListUserCallbacks),
        ["callbacks", code] => {
            let code = (*code).to_owned();
            ("POST", OperatorRoute::CloseUserCallback(code))
        }
        ["solutions", id, "quota"] => ("GET", OperatorRoute::GetSolutionQuota(solution_id(id)?)),
        ["sites"] => ("GET", OperatorRoute::ListSites),
        ["sites", site] => match method {
            "GET" => ("GET", OperatorRoute::GetSite(site_id(site)?)),
            "PATCH" => ("PATCH", OperatorRoute::PatchSite(site_id(site)?)),
            _ => ("PUT", OperatorRoute::PutSite(site_id(site)?)),
        },
        ["secrets", "app", app] => ("GET", OperatorRoute::ListAppSecrets(app_key(app)?)),
        ["secrets", "site", site] => ("GET", OperatorRoute::ListSiteSecrets(site_id(site)?)),
        ["secrets", "app", app, name] => {
            let name = (*name).to_owned();
            ("PUT", OperatorRoute::PutAppSecret(app_key(app)?, name))
        }
        ["secrets", "site", site, name] => {
            let name = (*name).to_owned();
            ("PUT", OperatorRoute::PutSiteSecret(site_id(site)?, name))
        }
        ["signups"] => ("GET", OperatorRoute::ListAllSignups),
        ["renewals"] => ("POST", OperatorRoute::CreateRenewal),
        ["numbers", id, "transfer"] => ("POST", OperatorRoute::TransferNumber(phone_id(id)?)),
        ["signups", id, "report"] => match method {
            "GET" => ("GET", OperatorRoute::GetReport(signup_id(id)?)),
            _ => ("POST", OperatorRoute::RefreshReport(signup_id(id)?)),
        },
        ["sites", site, segments @ ..] => {
            let (method, route) = find_of_site(method, segments)?;
            (method, OperatorRoute::OfSite(site_id(site)?, route))
        }
        _ => return Err(ProblemCode::NotFound),
    })
}

fn find_of_site(method: &str, segments: &[&str]) -> Result<(&'static str, SiteRoute), ProblemCode> {
    Ok(match segments {
        ["messages"] => ("POST", SiteRoute::ApplyMessages),
        ["invitations"] => match method {
            "GET" => ("GET", SiteRoute::ListInvitations),
            _ => ("POST", SiteRoute::CreateInvitation),
        },
        ["invitations", id] => ("DELETE", SiteRoute::RevokeInvitation(invitation_id(id)?)),
        ["sessions"] => ("POST", SiteRoute::CreateSession),
        ["tokens"] => match method {
            "GET" => ("GET", SiteRoute::ListBackendTokens),
            _ => ("POST", SiteRoute::CreateBackendToken),
        },
        ["tokens", id] => ("DELETE", SiteRoute::RevokeBackendToken((*id).to_owned())),
        ["endpoint"] => match method {
            "GET" => ("GET", SiteRoute::GetEndpoint),
            "DELETE" => ("DELETE", SiteRoute::DeleteEndpoint),
            _ => ("PUT", SiteRoute::PutEndpoint),
        },
        ["endpoint", "secret"] => ("POST", SiteRoute::RotateEndpointSecret),
        ["endpoint", "test"] => ("POST", SiteRoute::TestEndpoint),
        ["signups"] => ("GET", SiteRoute::ListSignups),
        ["signups", "export"] => ("GET", SiteRoute::ExportSignups),
        ["signups", id] => ("GET", SiteRoute::GetSignup(signup_id(id)?)),
        ["signups", id, "calls"] => ("GET", SiteRoute::ListCalls(signup_id(id)?)),
        ["counts"] => ("GET", SiteRoute::GetCounts),
        ["doctor"] => ("GET", SiteRoute::CheckSite),
        ["signups", id, "link"] => ("POST", SiteRoute::CreateLink(signup_id(id)?)),
        ["signups", id, "cancel"] => ("POST", SiteRoute::CancelSignup(signup_id(id)?)),
        ["signups", id, "retry"] => ("POST", SiteRoute::RetrySignup(signup_id(id)?)),
        ["wabas"] => ("GET", SiteRoute::ListAccounts),
        ["wabas", id, "token"] => ("GET", SiteRoute::GetToken(waba_id(id)?)),
        ["events"] => ("GET", SiteRoute::ListEvents),
        ["events", "replay"] => ("POST", SiteRoute::ReplayEvents),
        ["audit"] => ("GET", SiteRoute::ListTokenReads),
        ["infobip", "webhook"] => ("POST", SiteRoute::CreateInfobipWebhook),
        ["infobip", "senders"] => ("POST", SiteRoute::AddInfobipSender),
        ["infobip", "messages"] => ("POST", SiteRoute::SendInfobipMessage),
        ["infobip", "messages", id] => ("GET", SiteRoute::GetInfobipMessage((*id).to_owned())),
        _ => return Err(ProblemCode::NotFound),
    })
}
