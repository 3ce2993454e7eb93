//! The route table. Each route belongs to one of the deployment's two origins: the public one serves loader,
//! pages and signups, the operator's serves administration, and neither answers for the other.

#[cfg(test)]
mod tests;

use embark_protocol::{AppKey, InvitationId, PhoneNumberId, ProblemCode, SignupId, SiteId};

/// Who a route is for: which of the deployment's two origins it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Browsers and providers.
    Public,
    /// The partner's operator.
    Operator,
}

/// A route with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `OPTIONS /v1/…` of the public origin: a CORS preflight.
    Preflight,
    /// The path of a page with a slash too many: the page's own path.
    Moved(String),
    /// Of the public origin.
    Public(PublicRoute),
    /// Of the operator's origin.
    Operator(OperatorRoute),
}

/// A route of the public origin.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// `POST /v1/webhooks/infobip/{token}`.
    InfobipWebhook(String),
    /// `POST /v1/local/{command}`: fault injection.
    #[cfg(feature = "local")]
    Local(String),
}

/// What a page posts to a signup. See `embark_onboarding::resources::run::PagePost`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// A route of the operator's origin. Paths below `/v1/admin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperatorRoute {
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
    /// `POST /apps/{app}/webhook`
    CreateAppWebhook(AppKey),
    /// `GET /unclaimed`
    ListUnclaimed,
    /// `GET /solutions/{id}/quota`
    GetSolutionQuota(String),
    /// `GET /sites`
    ListSites,
    /// `GET /sites/{site}`
    GetSite(SiteId),
    /// `PUT /sites/{site}`
    PutSite(SiteId),
    /// `PATCH /sites/{site}`
    PatchSite(SiteId),
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

impl Route {
    /// The longest body that the route takes, in bytes.
    pub fn body_cap(&self) -> usize {
        match self {
            Self::Public(PublicRoute::MetaWebhook(_)) => META_BODY_CAP,
            _ => BODY_CAP,
        }
    }
}

/// The largest post has an authorization code and a redirect URI of 2 kB each.
pub const BODY_CAP: usize = 16_384;
/// Meta's own limit
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview>).
const META_BODY_CAP: usize = 3 << 20;

/// Whom an origin is for. Schemes are not compared: a proxy in front of the Worker may terminate TLS.
///
/// # Errors
/// `not_found`: it is neither of the deployment's origins.
pub fn audience_of(requested: &str, public: &str, operator: &str) -> Result<Audience, ProblemCode> {
    let authority = |origin: &str| origin.split_once("://").map(|(_, rest)| rest.to_owned());
    match authority(requested) {
        requested if requested == authority(public) => Ok(Audience::Public),
        requested if requested == authority(operator) => Ok(Audience::Operator),
        _ => Err(ProblemCode::NotFound),
    }
}

/// Finds the route of a request. `HEAD` has the route of `GET`.
///
/// # Errors
/// `not_found`, `method_not_allowed`, or `bad_id` for a parameter of the wrong shape.
pub fn find(audience: Audience, method: &str, path: &str) -> Result<Route, ProblemCode> {
    let method = if method == "HEAD" { "GET" } else { method };
    if let (Audience::Public, "GET", Some(page)) = (audience, method, path.strip_suffix('/'))
        && (page == "/frame" || page.starts_with("/go/"))
    {
        return find(audience, method, page).map(|_| Route::Moved(page.to_owned()));
    }
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let (allowed, route) = match audience {
        Audience::Public if method == "OPTIONS" && segments.first() == Some(&"v1") => {
            return Ok(Route::Preflight);
        }
        Audience::Public => {
            let (allowed, route) = public(method, &segments)?;
            (allowed, Route::Public(route))
        }
        Audience::Operator => {
            let ["v1", "admin", segments @ ..] = segments.as_slice() else {
                return Err(ProblemCode::NotFound);
            };
            let (allowed, route) = operator(method, segments)?;
            (allowed, Route::Operator(route))
        }
    };
    if method == allowed {
        Ok(route)
    } else {
        Err(ProblemCode::MethodNotAllowed)
    }
}

/// The route, with the one method that it allows; of two routes at one path, that of `method`.
fn public(method: &str, segments: &[&str]) -> Result<(&'static str, PublicRoute), ProblemCode> {
    Ok(match segments {
        ["frame"] => ("GET", PublicRoute::FramePage),
        ["go", "callback"] => ("GET", PublicRoute::OauthCallback),
        ["go", site] => ("GET", PublicRoute::HostedPage(site_id(site)?)),
        ["favicon.ico"] => ("GET", PublicRoute::Favicon),
        ["go", site, "dialog"] => ("GET", PublicRoute::DialogStart(site_id(site)?)),
        ["v1", "sites", site] => ("GET", PublicRoute::LaunchDocument(site_id(site)?)),
        ["v1", "signups", id] => ("GET", PublicRoute::GetSnapshot(signup_id(id)?)),
        ["v1", "signups", id, name] => {
            let post = signup_post(name)?;
            ("POST", PublicRoute::PostSignup(signup_id(id)?, post))
        }
        ["v1", "webhooks", "meta", app] => {
            // Whether the name could be an app's is not said.
            let app = AppKey::parse(app).map_err(|_| ProblemCode::NotFound)?;
            match method {
                "GET" => ("GET", PublicRoute::MetaHandshake(app)),
                _ => ("POST", PublicRoute::MetaWebhook(app)),
            }
        }
        ["v1", "webhooks", "infobip", token] => {
            ("POST", PublicRoute::InfobipWebhook((*token).to_owned()))
        }
        #[cfg(feature = "local")]
        ["v1", "local", command] => ("POST", PublicRoute::Local((*command).to_owned())),
        _ => return Err(ProblemCode::NotFound),
    })
}

/// The route, with the one method that it allows; of two routes at one path, that of `method`.
fn operator(method: &str, segments: &[&str]) -> Result<(&'static str, OperatorRoute), ProblemCode> {
    Ok(match segments {
        ["apps"] => ("GET", OperatorRoute::ListApps),
        ["apps", app] => match method {
            "GET" => ("GET", OperatorRoute::GetApp(app_key(app)?)),
            "PATCH" => ("PATCH", OperatorRoute::PatchApp(app_key(app)?)),
            _ => ("PUT", OperatorRoute::PutApp(app_key(app)?)),
        },
        ["apps", app, "quota"] => ("GET", OperatorRoute::GetQuota(app_key(app)?)),
        ["apps", app, "webhook"] => ("POST", OperatorRoute::CreateAppWebhook(app_key(app)?)),
        ["unclaimed"] => ("GET", OperatorRoute::ListUnclaimed),
        ["solutions", id, "quota"] => ("GET", OperatorRoute::GetSolutionQuota((*id).to_owned())),
        ["sites"] => ("GET", OperatorRoute::ListSites),
        ["sites", site] => match method {
            "GET" => ("GET", OperatorRoute::GetSite(site_id(site)?)),
            "PATCH" => ("PATCH", OperatorRoute::PatchSite(site_id(site)?)),
            _ => ("PUT", OperatorRoute::PutSite(site_id(site)?)),
        },
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

fn site_id(text: &str) -> Result<SiteId, ProblemCode> {
    SiteId::parse(text).map_err(|_| ProblemCode::BadId)
}

fn app_key(text: &str) -> Result<AppKey, ProblemCode> {
    AppKey::parse(text).map_err(|_| ProblemCode::BadId)
}

fn signup_id(text: &str) -> Result<SignupId, ProblemCode> {
    SignupId::parse(text).map_err(|_| ProblemCode::BadId)
}

fn phone_id(text: &str) -> Result<PhoneNumberId, ProblemCode> {
    PhoneNumberId::parse(text).map_err(|_| ProblemCode::BadId)
}

fn invitation_id(text: &str) -> Result<InvitationId, ProblemCode> {
    InvitationId::parse(text).map_err(|_| ProblemCode::BadId)
}
