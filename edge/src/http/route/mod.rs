//! The route table. Each route belongs to one of the deployment's two origins: the public one serves loader,
//! pages and signups, the operator's serves administration, and neither answers for the other.

mod console;
mod ids;
mod names;
mod operator;
mod public;
#[cfg(test)]
mod tests;

pub use console::{ConsoleAction, ConsolePage, ConsoleRoute, SiteAction};
pub use operator::{OperatorRoute, SiteRoute};
pub use public::{BackendRoute, PublicRoute, SignupPost};

use embark_onboarding::resources::backup;
use embark_protocol::ProblemCode;

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
    /// Of the operator's origin: the API.
    Operator(OperatorRoute),
    /// Of the operator's origin: the console.
    Console(ConsoleRoute),
}

impl Route {
    /// The longest body that the route takes, in bytes.
    pub fn body_cap(&self) -> usize {
        match self {
            Self::Public(PublicRoute::MetaWebhook(_)) => META_BODY_CAP,
            Self::Operator(OperatorRoute::RestoreBackup) => backup::REQUEST_CAP,
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

/// The methods that a path takes.
pub fn allowed_methods(audience: Audience, path: &str) -> Vec<&'static str> {
    let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
    methods
        .into_iter()
        .filter(|method| find(audience, method, path).is_ok())
        .collect()
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
            let (allowed, route) = public::find(method, &segments)?;
            (allowed, Route::Public(route))
        }
        Audience::Operator if segments.first() == Some(&"console") => {
            let segments = segments.get(1..).unwrap_or_default();
            let (allowed, route) = console::find(method, segments)?;
            (allowed, Route::Console(route))
        }
        Audience::Operator => {
            let (allowed, route) = operator::find(method, &segments)?;
            (allowed, Route::Operator(route))
        }
    };
    if method == allowed {
        Ok(route)
    } else {
        Err(ProblemCode::MethodNotAllowed)
    }
}
