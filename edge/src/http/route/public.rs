//! The routes of the public origin.

use super::ids::{signup_id, site_id, waba_id};
use embark_protocol::user_callbacks::UserCallbackKind;
use embark_protocol::{AppKey, ProblemCode, SignupId, SiteId, WabaId};
use strum::IntoStaticStr;

/// A route of the public origin.
#[derive(Debug, Clone, PartialEq, Eq, IntoStaticStr)]
pub enum PublicRoute {
    /// `GET /frame?site=…&host=…`: the page in the widget's iframe.
    FramePage,
    /// `GET /go/{site}`: the hosted page.
    HostedPage(SiteId),
    /// `GET /go/{site}/dialog`: begins a signup in Meta's OAuth dialog.
    DialogStart(SiteId),
    /// `GET /go/callback`: the redirect URI of Meta's OAuth dialog.
    OauthCallback,
    /// `GET /favicon.ico`, which browsers request unasked.
    Favicon,
    /// `GET /v1/openapi.json`: the OpenAPI document of this origin.
    ApiDescription,
    /// `GET /v1/sites/{site}`: the launch document, for inline pages and for renewal.
    LaunchDocument(SiteId),
    /// `POST /v1/signups/{id}/{post}`.
    PostSignup(SignupId, SignupPost),
    /// `GET /v1/signups/{id}`: the snapshot.
    GetSnapshot(SignupId),
    /// `GET /v1/webhooks/meta/{app}`: Meta's verification of the callback URL.
    MetaHandshake(AppKey),
    /// `POST /v1/webhooks/meta/{app}`.
    MetaWebhook(AppKey),
    /// `POST /v1/callbacks/meta/{app}/{kind}`: a person removed the app, or wants their data deleted.
    UserCallback(AppKey, UserCallbackKind),
    /// `GET /v1/callbacks/meta/{app}/deletions/{code}`: how far a deletion is.
    DeletionPage(AppKey, String),
    /// `/v1/backend`: for the partner's back end.
    Backend(BackendRoute),
    /// `POST /v1/webhooks/infobip/{token}`.
    InfobipWebhook(String),
    /// `POST /v1/local/{command}`: fault injection.
    #[cfg(feature = "local")]
    Local(String),
}

/// A route for the partner's back end. Paths below `/v1/backend`, but for one.
#[derive(Debug, Clone, PartialEq, Eq, IntoStaticStr)]
pub enum BackendRoute {
    /// `GET` of the path itself: what the token permits.
    Identity,
    /// `GET /signups`
    ListSignups,
    /// `GET /signups/{id}`
    GetSignup(SignupId),
    /// `POST /signups/{id}/link`
    CreateLink(SignupId),
    /// `POST /v1/sites/{site}/sessions`
    CreateSession(SiteId),
    /// `GET /wabas`
    ListAccounts,
    /// `POST /invitations`
    CreateInvitation,
    /// `POST /renewals`
    CreateRenewal,
    /// `GET /events`
    ListEvents,
    /// `POST /events/replay`
    ReplayEvents,
    /// `GET /wabas/{waba}/token`
    GetToken(WabaId),
}

/// What a page posts to a signup. See `embark_onboarding::resources::run::PagePost`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
pub enum SignupPost {
    /// `launched`
    Launched,
    /// `outcome`
    Outcome,
    /// `assets`
    Assets,
    /// `ended`
    Ended,
    /// `input`
    Input,
    /// `report`
    Report,
}

/// The route of a path, and the method that it answers; of two routes at one path, that of `method`.
///
/// # Errors
/// `not_found`, or `bad_id` for a parameter of the wrong shape.
pub fn find(method: &str, segments: &[&str]) -> Result<(&'static str, PublicRoute), ProblemCode> {
    Ok(match segments {
        ["frame"] => ("GET", PublicRoute::FramePage),
        ["go", "callback"] => ("GET", PublicRoute::OauthCallback),
        ["go", site] => ("GET", PublicRoute::HostedPage(site_id(site)?)),
        ["favicon.ico"] => ("GET", PublicRoute::Favicon),
        ["v1", "openapi.json"] => ("GET", PublicRoute::ApiDescription),
        ["go", site, "dialog"] => ("GET", PublicRoute::DialogStart(site_id(site)?)),
        ["v1", "sites", site] => ("GET", PublicRoute::LaunchDocument(site_id(site)?)),
        ["v1", "sites", site, "sessions"] => {
            let route = BackendRoute::CreateSession(site_id(site)?);
            ("POST", PublicRoute::Backend(route))
        }
        ["v1", "signups", id] => ("GET", PublicRoute::GetSnapshot(signup_id(id)?)),
        ["v1", "signups", id, name] => {
            let post = signup_post(name)?;
            ("POST", PublicRoute::PostSignup(signup_id(id)?, post))
        }
        ["v1", "backend", segments @ ..] => {
            let (method, route) = backend(segments)?;
            (method, PublicRoute::Backend(route))
        }
        ["v1", "webhooks", "meta", app] => {
            // Whether the name could be an app's is not said.
            let app = AppKey::parse(app).map_err(|_| ProblemCode::NotFound)?;
            match method {
                "GET" => ("GET", PublicRoute::MetaHandshake(app)),
                _ => ("POST", PublicRoute::MetaWebhook(app)),
            }
        }
        ["v1", "callbacks", "meta", app, "deletions", code] => {
            let app = AppKey::parse(app).map_err(|_| ProblemCode::NotFound)?;
            ("GET", PublicRoute::DeletionPage(app, (*code).to_owned()))
        }
        ["v1", "callbacks", "meta", app, kind] => {
            let app = AppKey::parse(app).map_err(|_| ProblemCode::NotFound)?;
            let kind = UserCallbackKind::parse(kind).ok_or(ProblemCode::NotFound)?;
            ("POST", PublicRoute::UserCallback(app, kind))
        }
        ["v1", "webhooks", "infobip", token] => {
            ("POST", PublicRoute::InfobipWebhook((*token).to_owned()))
        }
        #[cfg(feature = "local")]
        ["v1", "local", command] => ("POST", PublicRoute::Local((*command).to_owned())),
        _ => return Err(ProblemCode::NotFound),
    })
}

/// The route, with the one method that it allows.
fn backend(segments: &[&str]) -> Result<(&'static str, BackendRoute), ProblemCode> {
    Ok(match segments {
        [] => ("GET", BackendRoute::Identity),
        ["signups"] => ("GET", BackendRoute::ListSignups),
        ["signups", id] => ("GET", BackendRoute::GetSignup(signup_id(id)?)),
        ["signups", id, "link"] => ("POST", BackendRoute::CreateLink(signup_id(id)?)),
        ["wabas"] => ("GET", BackendRoute::ListAccounts),
        ["invitations"] => ("POST", BackendRoute::CreateInvitation),
        ["renewals"] => ("POST", BackendRoute::CreateRenewal),
        ["events"] => ("GET", BackendRoute::ListEvents),
        ["events", "replay"] => ("POST", BackendRoute::ReplayEvents),
        ["wabas", waba, "token"] => ("GET", BackendRoute::GetToken(waba_id(waba)?)),
        _ => return Err(ProblemCode::NotFound),
    })
}

fn signup_post(name: &str) -> Result<SignupPost, ProblemCode> {
    Ok(match name {
        "launched" => SignupPost::Launched,
        "outcome" => SignupPost::Outcome,
        "assets" => SignupPost::Assets,
        "ended" => SignupPost::Ended,
        "input" => SignupPost::Input,
        "report" => SignupPost::Report,
        _ => return Err(ProblemCode::NotFound),
    })
}
