//! The names of routes, and whom a route is about: what the log has of an address. Names have no parameters, as some of those
//! are secrets.

use super::{
    BackendRoute, ConsoleAction, ConsolePage, ConsoleRoute, OperatorRoute, PublicRoute, Route,
    SiteAction, SiteRoute,
};
use embark_onboarding::telemetry::Subject;
use embark_protocol::user_callbacks::UserCallbackKind;
use embark_protocol::{SignupId, SiteId};

impl Route {
    /// The name: of a route of an API, its `operationId` in the OpenAPI documents.
    pub fn name(&self) -> String {
        let (prefix, name): (&str, &'static str) = match self {
            Self::Preflight => ("", "preflight"),
            Self::Moved(_) => ("", "moved"),
            Self::Public(PublicRoute::PostSignup(_, post)) => ("signup", post.into()),
            Self::Public(PublicRoute::Backend(route)) => ("backend", route.into()),
            Self::Public(PublicRoute::UserCallback(_, kind)) => match kind {
                UserCallbackKind::Deauthorize => ("callback", "Deauthorize"),
                UserCallbackKind::Delete => ("callback", "Delete"),
            },
            Self::Public(route) => ("public", route.into()),
            Self::Operator(OperatorRoute::OfSite(_, route)) => ("admin", route.into()),
            Self::Operator(route) => ("admin", route.into()),
            Self::Console(ConsoleRoute::Page(page)) => ("consolePage", page.into()),
            Self::Console(ConsoleRoute::Action(ConsoleAction::OfSite(_, action))) => {
                ("console", action.into())
            }
            Self::Console(ConsoleRoute::Action(action)) => ("console", action.into()),
            Self::Console(route) => ("console", route.into()),
        };
        [prefix, name].concat()
    }

    /// Whom the address is about.
    pub fn subject(&self) -> Subject {
        match self {
            Self::Preflight | Self::Moved(_) => Subject::default(),
            Self::Public(route) => of_public(route),
            Self::Operator(OperatorRoute::OfSite(site, route)) => of_site(site, signup_of(route)),
            Self::Operator(route) => of_operator(route),
            Self::Console(ConsoleRoute::Page(page)) => of_page(page),
            Self::Console(ConsoleRoute::Action(action)) => of_action(action),
            Self::Console(_) => Subject::default(),
        }
    }
}

fn of_public(route: &PublicRoute) -> Subject {
    match route {
        PublicRoute::HostedPage(site)
        | PublicRoute::DialogStart(site)
        | PublicRoute::LaunchDocument(site)
        | PublicRoute::Backend(BackendRoute::CreateSession(site)) => Subject::site(site),
        PublicRoute::PostSignup(signup, _)
        | PublicRoute::GetSnapshot(signup)
        | PublicRoute::Backend(
            BackendRoute::GetSignup(signup) | BackendRoute::CreateLink(signup),
        ) => Subject::signup(signup),
        PublicRoute::MetaHandshake(app)
        | PublicRoute::MetaWebhook(app)
        | PublicRoute::UserCallback(app, _)
        | PublicRoute::DeletionPage(app, _) => Subject::app(app),
        _ => Subject::default(),
    }
}

fn of_operator(route: &OperatorRoute) -> Subject {
    match route {
        OperatorRoute::GetApp(app)
        | OperatorRoute::PutApp(app)
        | OperatorRoute::PatchApp(app)
        | OperatorRoute::GetQuota(app)
        | OperatorRoute::CheckApp(app)
        | OperatorRoute::GetChecklist(app)
        | OperatorRoute::MarkStep(app, _)
        | OperatorRoute::GetAppWebhook(app)
        | OperatorRoute::PutAppWebhook(app)
        | OperatorRoute::CreateAppWebhook(app)
        | OperatorRoute::ListAppSecrets(app)
        | OperatorRoute::PutAppSecret(app, _) => Subject::app(app),
        OperatorRoute::GetSite(site)
        | OperatorRoute::PutSite(site)
        | OperatorRoute::PatchSite(site)
        | OperatorRoute::ListSiteSecrets(site)
        | OperatorRoute::PutSiteSecret(site, _) => Subject::site(site),
        OperatorRoute::GetReport(signup) | OperatorRoute::RefreshReport(signup) => {
            Subject::signup(signup)
        }
        _ => Subject::default(),
    }
}

const fn signup_of(route: &SiteRoute) -> Option<&SignupId> {
    match route {
        SiteRoute::GetSignup(signup)
        | SiteRoute::ListCalls(signup)
        | SiteRoute::CreateLink(signup)
        | SiteRoute::CancelSignup(signup)
        | SiteRoute::RetrySignup(signup) => Some(signup),
        _ => None,
    }
}

fn of_page(page: &ConsolePage) -> Subject {
    match page {
        ConsolePage::Signup(site, signup) => of_site(site, Some(signup)),
        ConsolePage::Export(site) | ConsolePage::Site(site) | ConsolePage::SiteDoctor(site) => {
            Subject::site(site)
        }
        ConsolePage::App(app) | ConsolePage::AppDoctor(app) | ConsolePage::Checklist(app) => {
            Subject::app(app)
        }
        _ => Subject::default(),
    }
}

fn of_action(action: &ConsoleAction) -> Subject {
    match action {
        ConsoleAction::OfSite(
            site,
            SiteAction::CreateLink(signup)
            | SiteAction::CancelSignup(signup)
            | SiteAction::RetrySignup(signup)
            | SiteAction::RefreshReport(signup),
        ) => of_site(site, Some(signup)),
        ConsoleAction::OfSite(site, _) => Subject::site(site),
        ConsoleAction::ChangeApp(app)
        | ConsoleAction::SetAppSecret(app)
        | ConsoleAction::SetAppWebhook(app)
        | ConsoleAction::MarkStep(app, _) => Subject::app(app),
        _ => Subject::default(),
    }
}

fn of_site(site: &SiteId, signup: Option<&SignupId>) -> Subject {
    Subject {
        signup: signup.cloned(),
        ..Subject::site(site)
    }
}

#[cfg(test)]
mod tests {
    use crate::http::route::{Audience, find};

    const SIGNUP: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn name_has_no_parameter_and_subject_has_the_ids() {
        for (audience, method, path, name, ids) in [
            (
                Audience::Public,
                "GET",
                "/go/acme",
                "publicHostedPage",
                "acme,,",
            ),
            (
                Audience::Public,
                "POST",
                "/v1/signups/{signup}/outcome",
                "signupOutcome",
                ",{signup},",
            ),
            (
                Audience::Public,
                "POST",
                "/v1/webhooks/infobip/5ecre7",
                "publicInfobipWebhook",
                ",,",
            ),
            (
                Audience::Public,
                "POST",
                "/v1/callbacks/meta/main/delete",
                "callbackDelete",
                ",,main",
            ),
            (
                Audience::Public,
                "GET",
                "/v1/callbacks/meta/main/deletions/5ecre7",
                "publicDeletionPage",
                ",,main",
            ),
            (
                Audience::Public,
                "GET",
                "/v1/backend/signups/{signup}",
                "backendGetSignup",
                ",{signup},",
            ),
            (
                Audience::Public,
                "OPTIONS",
                "/v1/signups/{signup}",
                "preflight",
                ",,",
            ),
            (Audience::Public, "GET", "/go/acme/", "moved", ",,"),
            (
                Audience::Operator,
                "GET",
                "/v1/admin/health",
                "adminGetHealth",
                ",,",
            ),
            (
                Audience::Operator,
                "PUT",
                "/v1/admin/secrets/app/main/app_secret",
                "adminPutAppSecret",
                ",,main",
            ),
            (
                Audience::Operator,
                "POST",
                "/v1/admin/sites/acme/signups/{signup}/cancel",
                "adminCancelSignup",
                "acme,{signup},",
            ),
            (
                Audience::Operator,
                "GET",
                "/console",
                "consolePageOverview",
                ",,",
            ),
            (
                Audience::Operator,
                "GET",
                "/console/sites/acme/signups/{signup}",
                "consolePageSignup",
                "acme,{signup},",
            ),
            (
                Audience::Operator,
                "POST",
                "/console/sites/acme/tokens/5ecre7/revoke",
                "consoleRevokeBackendToken",
                "acme,,",
            ),
            (
                Audience::Operator,
                "POST",
                "/console/sign-in",
                "consoleSignIn",
                ",,",
            ),
        ] {
            let route = find(audience, method, &path.replace("{signup}", SIGNUP));
            let route = route.unwrap_or_else(|code| panic!("{method} {path}: {code:?}"));
            assert_eq!(route.name(), name, "{path}");
            assert!(!route.name().contains("5ecre7"), "{path}");
            let subject = route.subject();
            let text = |id: Option<String>| id.unwrap_or_default();
            let found = [
                text(subject.site.map(|id| id.to_string())),
                text(subject.signup.map(|id| id.to_string())),
                text(subject.app.map(|id| id.to_string())),
            ];
            assert_eq!(found.join(","), ids.replace("{signup}", SIGNUP), "{path}");
        }
    }
}
