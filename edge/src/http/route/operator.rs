//! The routes of the operator's origin.

use super::ids::{app_key, invitation_id, phone_id, signup_id, site_id, solution_id, waba_id};
use embark_protocol::{
    AppKey, InvitationId, PhoneNumberId, ProblemCode, SignupId, SiteId, SolutionId, WabaId,
};

/// A route of the operator's origin. Paths below `/v1/admin`, but for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperatorRoute {
    /// `GET /v1/openapi.json`: the OpenAPI document of this origin, for anyone.
    ApiDescription,
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
    /// `GET /apps/{app}/webhook`
    GetAppWebhook(AppKey),
    /// `PUT /apps/{app}/webhook`
    PutAppWebhook(AppKey),
    /// `POST /apps/{app}/webhook`
    CreateAppWebhook(AppKey),
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
    /// `POST /sites/{site}/messages`
    ApplyMessages(SiteId),
    /// `PUT /secrets/app/{app}/{name}`
    PutAppSecret(AppKey, String),
    /// `PUT /secrets/site/{site}/{name}`
    PutSiteSecret(SiteId, String),
    /// `POST /sites/{site}/invitations`
    CreateInvitation(SiteId),
    /// `GET /sites/{site}/invitations`
    ListInvitations(SiteId),
    /// `DELETE /sites/{site}/invitations/{id}`
    RevokeInvitation(SiteId, InvitationId),
    /// `POST /sites/{site}/sessions`
    CreateSession(SiteId),
    /// `POST /sites/{site}/tokens`
    CreateBackendToken(SiteId),
    /// `GET /sites/{site}/tokens`
    ListBackendTokens(SiteId),
    /// `DELETE /sites/{site}/tokens/{id}`
    RevokeBackendToken(SiteId, String),
    /// `PUT /sites/{site}/endpoint`
    PutEndpoint(SiteId),
    /// `GET /sites/{site}/endpoint`
    GetEndpoint(SiteId),
    /// `DELETE /sites/{site}/endpoint`
    DeleteEndpoint(SiteId),
    /// `POST /sites/{site}/endpoint/secret`
    RotateEndpointSecret(SiteId),
    /// `POST /sites/{site}/endpoint/test`
    TestEndpoint(SiteId),
    /// `GET /sites/{site}/signups`
    ListSignups(SiteId),
    /// `GET /sites/{site}/events`
    ListEvents(SiteId),
    /// `POST /sites/{site}/events/replay`
    ReplayEvents(SiteId),
    /// `GET /sites/{site}/audit`
    GetAudit(SiteId),
    /// `POST /renewals`
    CreateRenewal,
    /// `POST /numbers/{id}/transfer`
    TransferNumber(PhoneNumberId),
    /// `GET /signups/{id}/report`
    GetReport(SignupId),
    /// `POST /signups/{id}/report`
    RefreshReport(SignupId),
    /// `POST /sites/{site}/infobip/webhook`
    CreateInfobipWebhook(SiteId),
    /// `POST /sites/{site}/infobip/senders`
    AddInfobipSender(SiteId),
    /// `POST /sites/{site}/infobip/messages`
    SendInfobipMessage(SiteId),
    /// `GET /sites/{site}/infobip/messages/{id}`
    GetInfobipMessage(SiteId, String),
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
        ["apps"] => ("GET", OperatorRoute::ListApps),
        ["apps", app] => match method {
            "GET" => ("GET", OperatorRoute::GetApp(app_key(app)?)),
            "PATCH" => ("PATCH", OperatorRoute::PatchApp(app_key(app)?)),
            _ => ("PUT", OperatorRoute::PutApp(app_key(app)?)),
        },
        ["apps", app, "quota"] => ("GET", OperatorRoute::GetQuota(app_key(app)?)),
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
        ["sites", site, "messages"] => ("POST", OperatorRoute::ApplyMessages(site_id(site)?)),
        ["secrets", "app", app, name] => {
            let name = (*name).to_owned();
            ("PUT", OperatorRoute::PutAppSecret(app_key(app)?, name))
        }
        ["secrets", "site", site, name] => {
            let name = (*name).to_owned();
            ("PUT", OperatorRoute::PutSiteSecret(site_id(site)?, name))
        }
        ["sites", site, "invitations"] => match method {
            "GET" => ("GET", OperatorRoute::ListInvitations(site_id(site)?)),
            _ => ("POST", OperatorRoute::CreateInvitation(site_id(site)?)),
        },
        ["sites", site, "invitations", id] => {
            let (site, id) = (site_id(site)?, invitation_id(id)?);
            ("DELETE", OperatorRoute::RevokeInvitation(site, id))
        }
        ["sites", site, "sessions"] => ("POST", OperatorRoute::CreateSession(site_id(site)?)),
        ["sites", site, "tokens"] => match method {
            "GET" => ("GET", OperatorRoute::ListBackendTokens(site_id(site)?)),
            _ => ("POST", OperatorRoute::CreateBackendToken(site_id(site)?)),
        },
        ["sites", site, "tokens", id] => {
            let id = (*id).to_owned();
            (
                "DELETE",
                OperatorRoute::RevokeBackendToken(site_id(site)?, id),
            )
        }
        ["sites", site, "endpoint"] => match method {
            "GET" => ("GET", OperatorRoute::GetEndpoint(site_id(site)?)),
            "DELETE" => ("DELETE", OperatorRoute::DeleteEndpoint(site_id(site)?)),
            _ => ("PUT", OperatorRoute::PutEndpoint(site_id(site)?)),
        },
        ["sites", site, "endpoint", "secret"] => {
            ("POST", OperatorRoute::RotateEndpointSecret(site_id(site)?))
        }
        ["sites", site, "endpoint", "test"] => {
            ("POST", OperatorRoute::TestEndpoint(site_id(site)?))
        }
        ["sites", site, "signups"] => ("GET", OperatorRoute::ListSignups(site_id(site)?)),
        ["sites", site, "events"] => ("GET", OperatorRoute::ListEvents(site_id(site)?)),
        ["sites", site, "events", "replay"] => {
            ("POST", OperatorRoute::ReplayEvents(site_id(site)?))
        }
        ["sites", site, "audit"] => ("GET", OperatorRoute::GetAudit(site_id(site)?)),
        ["renewals"] => ("POST", OperatorRoute::CreateRenewal),
        ["numbers", id, "transfer"] => ("POST", OperatorRoute::TransferNumber(phone_id(id)?)),
        ["signups", id, "report"] => match method {
            "GET" => ("GET", OperatorRoute::GetReport(signup_id(id)?)),
            _ => ("POST", OperatorRoute::RefreshReport(signup_id(id)?)),
        },
        ["sites", site, "infobip", "webhook"] => {
            ("POST", OperatorRoute::CreateInfobipWebhook(site_id(site)?))
        }
        ["sites", site, "infobip", "senders"] => {
            ("POST", OperatorRoute::AddInfobipSender(site_id(site)?))
        }
        ["sites", site, "infobip", "messages"] => {
            ("POST", OperatorRoute::SendInfobipMessage(site_id(site)?))
        }
        ["sites", site, "infobip", "messages", id] => {
            let id = (*id).to_owned();
            ("GET", OperatorRoute::GetInfobipMessage(site_id(site)?, id))
        }
        _ => return Err(ProblemCode::NotFound),
    })
}
