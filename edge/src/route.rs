//! The one route table. Each route names its host: the public one serves loader, frames and signups, the
//! operator's serves administration, and neither answers for the other.

use embark_protocol::{AppKey, Code, InvitationId, PhoneNumberId, SignupId, SiteId};

/// Which of the deployment's two host names was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Public,
    Operator,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// The widget's frame; site and host stand in the query.
    Frame,
    /// The hosted page.
    Page(SiteId),
    /// Where Meta's dialog comes back to when it ran in the page's own window.
    Callback,
    /// The launch document, for inline pages and for renewal.
    Launch(SiteId),
    Post(SignupId, Post),
    Snapshot(SignupId),
    /// Infobip's news; the token is the only key to it.
    InfobipNews(String),
    PutApp(AppKey),
    PutSite(SiteId),
    PutSecret(AppKey, String),
    PutSiteSecret(SiteId, String),
    /// Draws the address that Infobip posts to.
    InfobipWebhook(SiteId),
    InfobipSender(SiteId),
    InfobipMessage(SiteId),
    InfobipReport(SiteId, String),
    GetReport(SignupId),
    ReadReport(SignupId),
    PostTransfer(PhoneNumberId),
    PostRenewal,
    Invite(SiteId),
    Invitations(SiteId),
    Uninvite(SiteId, InvitationId),
    GetQuota(AppKey),
    /// Harm, on purpose; only in local builds.
    #[cfg(feature = "local")]
    Local(String),
    /// A CORS preflight for a public API route.
    Preflight,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Post {
    Launched,
    Outcome,
    Assets,
    Ended,
    Input,
    Report,
}

/// Which side an origin is; scheme apart, because a proxy in front may end TLS.
pub fn side(asked: &str, public: &str, operator: &str) -> Result<Side, Code> {
    let host = |origin: &str| origin.split_once("://").map(|(_, host)| host.to_owned());
    match host(asked) {
        asked if asked == host(public) => Ok(Side::Public),
        asked if asked == host(operator) => Ok(Side::Operator),
        _ => Err(Code::NotFound),
    }
}

/// Finds the route, or the code that says why there is none.
pub fn route(side: Side, method: &str, path: &str) -> Result<Route, Code> {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let (want, route) = match (side, parts.as_slice()) {
        (Side::Public, ["frame"]) => ("GET", Route::Frame),
        (Side::Public, ["go", "callback"]) => ("GET", Route::Callback),
        (Side::Public, ["go", site]) => ("GET", Route::Page(site_id(site)?)),
        (Side::Public, ["v1", ..]) if method == "OPTIONS" => ("OPTIONS", Route::Preflight),
        (Side::Public, ["v1", "sites", site]) => ("GET", Route::Launch(site_id(site)?)),
        (Side::Public, ["v1", "signups", id]) => ("GET", Route::Snapshot(signup_id(id)?)),
        (Side::Public, ["v1", "signups", id, verb]) => {
            let post = match *verb {
                "launched" => Post::Launched,
                "outcome" => Post::Outcome,
                "assets" => Post::Assets,
                "ended" => Post::Ended,
                "input" => Post::Input,
                "report" => Post::Report,
                _ => return Err(Code::NotFound),
            };
            ("POST", Route::Post(signup_id(id)?, post))
        }
        (Side::Public, ["v1", "webhooks", "infobip", token]) => {
            ("POST", Route::InfobipNews((*token).to_owned()))
        }
        (Side::Operator, ["v1", "admin", "apps", app]) => ("PUT", Route::PutApp(app_key(app)?)),
        (Side::Operator, ["v1", "admin", "sites", site]) => ("PUT", Route::PutSite(site_id(site)?)),
        (Side::Operator, ["v1", "admin", "secrets", "app", app, name]) => {
            ("PUT", Route::PutSecret(app_key(app)?, (*name).to_owned()))
        }
        (Side::Operator, ["v1", "admin", "secrets", "site", site, name]) => (
            "PUT",
            Route::PutSiteSecret(site_id(site)?, (*name).to_owned()),
        ),
        (Side::Operator, ["v1", "admin", "sites", site, "infobip", what]) => {
            let site = site_id(site)?;
            let route = match *what {
                "webhook" => Route::InfobipWebhook(site),
                "senders" => Route::InfobipSender(site),
                "messages" => Route::InfobipMessage(site),
                _ => return Err(Code::NotFound),
            };
            ("POST", route)
        }
        (Side::Operator, ["v1", "admin", "sites", site, "infobip", "messages", id]) => (
            "GET",
            Route::InfobipReport(site_id(site)?, (*id).to_owned()),
        ),
        (Side::Operator, ["v1", "admin", "signups", id, "report"]) => match method {
            "GET" => ("GET", Route::GetReport(signup_id(id)?)),
            _ => ("POST", Route::ReadReport(signup_id(id)?)),
        },
        (Side::Operator, ["v1", "admin", "apps", app, "quota"]) => {
            ("GET", Route::GetQuota(app_key(app)?))
        }
        (Side::Operator, ["v1", "admin", "numbers", id, "transfer"]) => (
            "POST",
            Route::PostTransfer(PhoneNumberId::parse(id).map_err(|_| Code::BadId)?),
        ),
        (Side::Operator, ["v1", "admin", "sites", site, "invitations"]) => match method {
            "GET" => ("GET", Route::Invitations(site_id(site)?)),
            _ => ("POST", Route::Invite(site_id(site)?)),
        },
        (Side::Operator, ["v1", "admin", "sites", site, "invitations", id]) => (
            "DELETE",
            Route::Uninvite(
                site_id(site)?,
                InvitationId::parse(id).map_err(|_| Code::BadId)?,
            ),
        ),
        (Side::Operator, ["v1", "admin", "renewals"]) => ("POST", Route::PostRenewal),
        #[cfg(feature = "local")]
        (Side::Public, ["v1", "local", verb]) => ("POST", Route::Local((*verb).to_owned())),
        _ => return Err(Code::NotFound),
    };
    if method == want {
        Ok(route)
    } else {
        Err(Code::MethodNotAllowed)
    }
}

fn site_id(text: &str) -> Result<SiteId, Code> {
    SiteId::parse(text).map_err(|_| Code::BadId)
}

fn app_key(text: &str) -> Result<AppKey, Code> {
    AppKey::parse(text).map_err(|_| Code::BadId)
}

fn signup_id(text: &str) -> Result<SignupId, Code> {
    SignupId::parse(text).map_err(|_| Code::BadId)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_answers_on_its_own_host_only() {
        let id = "a".repeat(32);
        let public = [
            "/frame",
            "/go/acme",
            "/go/callback",
            "/v1/sites/acme",
            &format!("/v1/signups/{id}"),
        ];
        for path in public {
            assert!(route(Side::Public, "GET", path).is_ok(), "{path}");
            assert_eq!(
                route(Side::Operator, "GET", path),
                Err(Code::NotFound),
                "{path}"
            );
        }
        for verb in ["launched", "outcome", "assets", "ended", "input", "report"] {
            let path = format!("/v1/signups/{id}/{verb}");
            assert!(route(Side::Public, "POST", &path).is_ok(), "{path}");
            assert_eq!(
                route(Side::Operator, "POST", &path),
                Err(Code::NotFound),
                "{path}"
            );
        }
        for path in [
            "/v1/admin/apps/main",
            "/v1/admin/sites/acme",
            "/v1/admin/secrets/app/main/app_secret",
            "/v1/admin/secrets/site/acme/infobip",
        ] {
            assert!(route(Side::Operator, "PUT", path).is_ok(), "{path}");
            assert_eq!(
                route(Side::Public, "PUT", path),
                Err(Code::NotFound),
                "{path}"
            );
        }
    }

    #[test]
    fn wrong_methods_and_ids_have_their_own_codes() {
        for (method, path, want) in [
            ("DELETE", "/frame", Code::MethodNotAllowed),
            ("GET", "/v1/signups/abc/outcome", Code::BadId),
            ("POST", "/v1/signups/NOTHEX", Code::BadId),
            ("GET", "/go/Not_A_Site", Code::BadId),
            ("GET", "/", Code::NotFound),
            ("GET", "/v1/signups", Code::NotFound),
            ("GET", "/frame/", Code::NotFound),
            (
                "POST",
                &format!("/v1/signups/{}/nothing", "a".repeat(32)),
                Code::NotFound,
            ),
        ] {
            assert_eq!(
                route(Side::Public, method, path),
                Err(want),
                "{method} {path}"
            );
        }
    }
}
