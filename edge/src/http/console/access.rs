//! Signing in by Cloudflare Access, which may stand before the operator's host.

use super::session::{self, Session};
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use crate::operations::access;
use embark_onboarding::auth::access::AccessSettings;
use embark_protocol::Problem;
use worker::Method;

/// A session that Cloudflare Access has opened.
pub struct AccessSession {
    /// The session.
    pub session: Session,
    /// Its `Set-Cookie` header.
    cookie: String,
}

impl AccessSession {
    /// Opens a session for whoever signed in at Cloudflare Access, if the request reads a page and has its token. `None`: Access
    /// says nothing of the request.
    ///
    /// # Errors
    /// Those of [`access::open_session`].
    pub async fn open(incoming: &Incoming<'_>) -> Result<Option<Self>, Problem> {
        let Some((settings, token)) = token_of(incoming) else {
            return Ok(None);
        };
        // A form of a session that is over is not sent in the name of a new one.
        if incoming.request.method() != Method::Get {
            return Ok(None);
        }
        let opened = access::open_session(incoming.deployment(), settings, &token).await?;
        let cookie = session::set_cookie(
            &opened.text,
            opened.valid_for,
            &incoming.settings.operator_origin,
        );
        let session = Session::opened(opened.text, opened.operator);
        Ok(Some(Self { session, cookie }))
    }

    /// The page, with the cookie of the session. There is no redirect in between: after a navigation from another site, which
    /// Access's own sign-in is, browsers do not send a cookie of `SameSite=Strict` along with it.
    pub fn add_cookie(self, mut response: HandlerResponse) -> HandlerResponse {
        if let HandlerResponse::Page(page) = &mut response {
            page.headers.push(("set-cookie", self.cookie));
        }
        response
    }
}

/// Whether Cloudflare Access has let the request through, as far as its header says.
pub fn is_named(incoming: &Incoming<'_>) -> bool {
    token_of(incoming).is_some()
}

fn token_of<'a>(incoming: &'a Incoming<'_>) -> Option<(&'a AccessSettings, String)> {
    let settings = incoming.settings.access.as_ref().ok()?.as_ref()?;
    Some((settings, incoming.header(ASSERTION)?))
}

/// <https://developers.cloudflare.com/cloudflare-one/access-controls/applications/http-apps/authorization-cookie/application-token/>
const ASSERTION: &str = "cf-access-jwt-assertion";
