//! The routes of the operator's console: pages, and what their forms post.

use super::ids::{app_key, phone_id, signup_id, site_id, waba_id};
use embark_protocol::{AppKey, PhoneNumberId, ProblemCode, SignupId, SiteId, WabaId};
use strum::IntoStaticStr;

/// A route of the console. Paths below `/console`.
#[derive(Debug, Clone, PartialEq, Eq, IntoStaticStr)]
pub enum ConsoleRoute {
    /// `GET /sign-in`: for nobody who is signed in.
    SignInPage,
    /// `POST /sign-in`
    SignIn,
    /// `POST /sign-out`
    SignOut,
    /// A page, by `GET`.
    Page(ConsolePage),
    /// What a form posts.
    Action(ConsoleAction),
}

/// A page of an operator who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, IntoStaticStr)]
pub enum ConsolePage {
    /// ``: the funnel, the quotas, and what needs someone.
    Overview,
    /// `/signups`
    Signups,
    /// `/sites/{site}/signups/{id}`
    Signup(SiteId, SignupId),
    /// `/sites/{site}/export`: the signups of a site as a file.
    Export(SiteId),
    /// `/sites`
    Sites,
    /// `/sites/{site}`
    Site(SiteId),
    /// `/sites/{site}/preview`: its button, for a frame.
    Preview(SiteId),
    /// `/apps`
    Apps,
    /// `/sites/{site}/doctor`
    SiteDoctor(SiteId),
    /// `/apps/{app}`
    App(AppKey),
    /// `/apps/{app}/doctor`
    AppDoctor(AppKey),
    /// `/apps/{app}/checklist`
    Checklist(AppKey),
    /// `/health`
    Health,
    /// `/accounts`
    Accounts,
    /// `/events`
    Events,
    /// `/unclaimed`
    Unclaimed,
    /// `/callbacks`
    Callbacks,
    /// `/numbers/{number}/transfer`
    Transfer(PhoneNumberId),
    /// `/audit`
    Audit,
    /// `/operators`
    Operators,
    /// `/keys`
    Keys,
}

/// What a form asks for in the operator's name. Each is posted to the path of a page, with a last segment of its own.
#[derive(Debug, Clone, PartialEq, Eq, IntoStaticStr)]
pub enum ConsoleAction {
    /// `/sites`: adds the site that the form names.
    AddSite,
    /// `/sites/{site}/…`
    OfSite(SiteId, SiteAction),
    /// `/apps`: adds the app that the form names.
    AddApp,
    /// `/apps/{app}/settings`
    ChangeApp(AppKey),
    /// `/apps/{app}/secret`
    SetAppSecret(AppKey),
    /// `/apps/{app}/webhook`
    SetAppWebhook(AppKey),
    /// `/apps/{app}/checklist/{step}`
    MarkStep(AppKey, String),
    /// `/unclaimed/{waba}/assign`
    Assign(WabaId),
    /// `/callbacks/{code}/close`
    CloseUserCallback(String),
    /// `/numbers/{number}/transfer`
    TransferNumber(PhoneNumberId),
    /// `/keys`: begins a rotation.
    RotateKeys,
    /// `/operators`
    AddOperator,
    /// `/operators/{id}/remove`
    RemoveOperator(String),
}

/// What a form posts about one site. Paths below `/sites/{site}`.
#[derive(Debug, Clone, PartialEq, Eq, IntoStaticStr)]
pub enum SiteAction {
    /// `/settings`
    ChangeSettings,
    /// `/secret`
    SetSecret,
    /// `/invite`
    Invite,
    /// `/endpoint`
    SetEndpoint,
    /// `/test`
    TestEndpoint,
    /// `/replay`
    ReplayEvents,
    /// `/tokens`
    CreateBackendToken,
    /// `/tokens/{id}/revoke`
    RevokeBackendToken(String),
    /// `/wabas/{waba}/token`
    ReadToken(WabaId),
    /// `/wabas/{waba}/renewal`
    CreateRenewal(WabaId),
    /// `/signups/{id}/link`
    CreateLink(SignupId),
    /// `/signups/{id}/cancel`
    CancelSignup(SignupId),
    /// `/signups/{id}/retry`
    RetrySignup(SignupId),
    /// `/signups/{id}/report`
    RefreshReport(SignupId),
}

/// The route of a path below `/console`, and the method that it answers.
///
/// # Errors
/// `not_found`, or `bad_id` for a parameter of the wrong shape.
pub fn find(method: &str, segments: &[&str]) -> Result<(&'static str, ConsoleRoute), ProblemCode> {
    match (method, segments) {
        ("POST", ["sign-in"]) => return Ok(("POST", ConsoleRoute::SignIn)),
        (_, ["sign-in"]) => return Ok(("GET", ConsoleRoute::SignInPage)),
        (_, ["sign-out"]) => return Ok(("POST", ConsoleRoute::SignOut)),
        _ => {}
    }
    match (method, action(segments)?, page(segments)?) {
        ("POST", Some(action), _) | (_, Some(action), None) => {
            Ok(("POST", ConsoleRoute::Action(action)))
        }
        (_, _, Some(page)) => Ok(("GET", ConsoleRoute::Page(page))),
        (_, None, None) => Err(ProblemCode::NotFound),
    }
}

fn page(segments: &[&str]) -> Result<Option<ConsolePage>, ProblemCode> {
    Ok(Some(match segments {
        [] => ConsolePage::Overview,
        ["signups"] => ConsolePage::Signups,
        ["sites", site, "signups", id] => ConsolePage::Signup(site_id(site)?, signup_id(id)?),
        ["sites", site, "export"] => ConsolePage::Export(site_id(site)?),
        ["sites"] => ConsolePage::Sites,
        ["sites", site] => ConsolePage::Site(site_id(site)?),
        ["sites", site, "preview"] => ConsolePage::Preview(site_id(site)?),
        ["apps"] => ConsolePage::Apps,
        ["sites", site, "doctor"] => ConsolePage::SiteDoctor(site_id(site)?),
        ["apps", app] => ConsolePage::App(app_key(app)?),
        ["apps", app, "doctor"] => ConsolePage::AppDoctor(app_key(app)?),
        ["apps", app, "checklist"] => ConsolePage::Checklist(app_key(app)?),
        ["health"] => ConsolePage::Health,
        ["accounts"] => ConsolePage::Accounts,
        ["events"] => ConsolePage::Events,
        ["unclaimed"] => ConsolePage::Unclaimed,
        ["callbacks"] => ConsolePage::Callbacks,
        ["numbers", number, "transfer"] => ConsolePage::Transfer(phone_id(number)?),
        ["audit"] => ConsolePage::Audit,
        ["operators"] => ConsolePage::Operators,
        ["keys"] => ConsolePage::Keys,
        _ => return Ok(None),
    }))
}

fn action(segments: &[&str]) -> Result<Option<ConsoleAction>, ProblemCode> {
    Ok(Some(match segments {
        ["sites"] => ConsoleAction::AddSite,
        ["sites", site, rest @ ..] => match of_site(rest)? {
            Some(action) => ConsoleAction::OfSite(site_id(site)?, action),
            None => return Ok(None),
        },
        ["apps"] => ConsoleAction::AddApp,
        ["apps", app, "settings"] => ConsoleAction::ChangeApp(app_key(app)?),
        ["apps", app, "secret"] => ConsoleAction::SetAppSecret(app_key(app)?),
        ["apps", app, "webhook"] => ConsoleAction::SetAppWebhook(app_key(app)?),
        ["apps", app, "checklist", step] => {
            ConsoleAction::MarkStep(app_key(app)?, (*step).to_owned())
        }
        ["unclaimed", waba, "assign"] => ConsoleAction::Assign(waba_id(waba)?),
        ["callbacks", code, "close"] => ConsoleAction::CloseUserCallback((*code).to_owned()),
        ["numbers", number, "transfer"] => ConsoleAction::TransferNumber(phone_id(number)?),
        ["operators"] => ConsoleAction::AddOperator,
        ["keys"] => ConsoleAction::RotateKeys,
        ["operators", id, "remove"] => ConsoleAction::RemoveOperator((*id).to_owned()),
        _ => return Ok(None),
    }))
}

fn of_site(segments: &[&str]) -> Result<Option<SiteAction>, ProblemCode> {
    Ok(Some(match segments {
        ["settings"] => SiteAction::ChangeSettings,
        ["secret"] => SiteAction::SetSecret,
        ["invite"] => SiteAction::Invite,
        ["endpoint"] => SiteAction::SetEndpoint,
        ["test"] => SiteAction::TestEndpoint,
        ["replay"] => SiteAction::ReplayEvents,
        ["tokens"] => SiteAction::CreateBackendToken,
        ["tokens", id, "revoke"] => SiteAction::RevokeBackendToken((*id).to_owned()),
        ["wabas", waba, "token"] => SiteAction::ReadToken(waba_id(waba)?),
        ["wabas", waba, "renewal"] => SiteAction::CreateRenewal(waba_id(waba)?),
        ["signups", id, "link"] => SiteAction::CreateLink(signup_id(id)?),
        ["signups", id, "cancel"] => SiteAction::CancelSignup(signup_id(id)?),
        ["signups", id, "retry"] => SiteAction::RetrySignup(signup_id(id)?),
        ["signups", id, "report"] => SiteAction::RefreshReport(signup_id(id)?),
        _ => return Ok(None),
    }))
}

#[cfg(test)]
#[path = "console_tests.rs"]
mod tests;
