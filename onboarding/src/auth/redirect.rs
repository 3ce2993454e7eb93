//! The login without a popup: the hosted page itself goes to Meta's dialog, which redirects to the one callback
//! of the deployment with the authorization code
//! (<https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow>).
//!
//! The `state` parameter is `<signup id>.<nonce>.<site>`. The nonce is known only to the browser that was redirected, by
//! a cookie of this origin, which prevents cross-site request forgery
//! (<https://www.rfc-editor.org/rfc/rfc6749#section-10.12>). The site is where a person whose browser does not have
//! the cookie begins again; it proves nothing.
//!
//! The way back to the hosted page is a second cookie, which the Worker reads and deletes when that page is opened: an
//! address could be sent to another browser.

use crate::auth::grant::Grant;
use crate::auth::return_cookie::{self, cookie};
use crate::crypto::Keyring;
use crate::time::UnixMillis;
use crate::web::request_url::query_parameter;
use embark_protocol::requests::{EndReason, EndedRequest};
use embark_protocol::{ProblemCode, SignupId, SiteId};
use form_urlencoded::Serializer;
use subtle::ConstantTimeEq;

/// The query parameters that Meta adds to the callback's URL.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct CallbackParams {
    /// The `state` that the dialog was opened with; empty if absent.
    pub state: String,
    /// The authorization code. `None`: the person did not finish.
    pub code: Option<String>,
    /// OAuth's error, e.g. `access_denied` (<https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1>).
    pub error: Option<String>,
    /// Meta's error code.
    pub error_code: Option<String>,
    /// Meta's `error_message`, or OAuth's `error_description`.
    pub error_message: Option<String>,
}

impl CallbackParams {
    /// Reads the parameters of the URL that was requested.
    pub fn from_url(url: &str) -> Self {
        let parameter = |name| query_parameter(url, name);
        Self {
            state: parameter("state").unwrap_or_default(),
            code: parameter("code"),
            error: parameter("error"),
            error_code: parameter("error_code"),
            error_message: parameter("error_message").or_else(|| parameter("error_description")),
        }
    }

    /// Verifies that this browser was redirected with this `state`, and returns the session that it stored in
    /// its cookie. `cookies` is the request's `Cookie` header.
    ///
    /// The cookie is `<nonce>.<grant>` or `<nonce>.<grant>|<query of the page>`.
    ///
    /// # Errors
    /// The problem to answer with: [`ProblemCode::GrantMissing`] without the cookie of this signup,
    /// [`ProblemCode::GrantMismatch`] for another nonce, and those of [`Grant::verify`].
    pub fn verify(
        &self,
        cookies: &str,
        keyring: &Keyring,
        now: UnixMillis,
    ) -> Result<RedirectSession, ProblemCode> {
        let (signup, rest) = self
            .state
            .split_once('.')
            .ok_or(ProblemCode::GrantInvalid)?;
        let nonce = rest.split_once('.').map_or(rest, |(nonce, _)| nonce);
        let signup = SignupId::parse(signup).map_err(|_| ProblemCode::GrantInvalid)?;
        let resume_token =
            cookie(cookies, &cookie_name(&signup)).ok_or(ProblemCode::GrantMissing)?;
        let (own_nonce, rest) = resume_token
            .split_once('.')
            .ok_or(ProblemCode::GrantInvalid)?;
        let (signed_grant, page_query) = rest.split_once('|').unwrap_or((rest, ""));
        let is_same = bool::from(own_nonce.as_bytes().ct_eq(nonce.as_bytes()));
        if nonce.len() < MIN_NONCE_LENGTH || !is_same {
            return Err(ProblemCode::GrantMismatch);
        }
        Ok(RedirectSession {
            grant: Grant::verify(signed_grant, &signup, keyring, now)?,
            signed_grant: signed_grant.to_owned(),
            page_query: page_query.to_owned(),
        })
    }

    /// The site whose hosted page was left, as the `state` names it. `None`: a page of an older build left it, or it
    /// is no site id.
    pub fn site(&self) -> Option<SiteId> {
        let site = self.state.splitn(3, '.').nth(2)?;
        SiteId::parse(site).ok()
    }

    /// The report that the login ended without a code. `access_denied` means that the person cancelled.
    pub fn into_ended_request(self) -> EndedRequest {
        let denied = self.error.as_deref() == Some("access_denied");
        EndedRequest {
            reason: if denied {
                EndReason::Cancelled
            } else {
                EndReason::Error
            },
            attempt: None,
            current_step: None,
            error_code: self.error_code,
            error_message: self.error_message.filter(|_| !denied),
            session_id: None,
        }
    }
}

/// What the browser stored in its cookie before it was redirected to Meta's dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectSession {
    /// The verified grant.
    pub grant: Grant,
    /// The grant as it was signed, with the window's name if it has one.
    signed_grant: String,
    /// The query of the page that was left.
    page_query: String,
}

impl RedirectSession {
    /// The URL of the page that was left, at `origin`, with its query and without Meta's parameters.
    pub fn return_url(&self, origin: &str) -> String {
        // Parsed and serialised again: whatever the cookie holds, the result is a query and no more.
        let pairs = form_urlencoded::parse(self.page_query.trim_start_matches('?').as_bytes());
        let query = Serializer::new(String::new()).extend_pairs(pairs).finish();
        let mark = if query.is_empty() { "" } else { "?" };
        let query = [mark, &query].concat();
        [origin, "/go/", self.grant.site.as_str(), &query].concat()
    }

    /// The `Set-Cookie` headers of the way back, from an `origin` of ours: one deletes the cookie that the browser
    /// left with, the other tells the hosted page which signup to go on with.
    pub fn return_cookies(&self, origin: &str) -> Vec<String> {
        let signup = self.grant.signup.as_str();
        let left = [
            &cookie_name(&self.grant.signup),
            "=;path=/go/callback;max-age=0",
        ];
        let token = [signup, ".", &self.signed_grant].concat();
        vec![
            left.concat(),
            return_cookie::set(&token, &self.grant.site, origin),
        ]
    }
}

/// The name of the cookie that a signup's session is stored in. The widget writes it, or
/// [`DialogStart`](super::dialog_start::DialogStart).
pub fn cookie_name(signup: &SignupId) -> String {
    ["embark-", signup.as_str()].concat()
}

/// The shortest nonce that is accepted, in bytes. The widget's is a UUID.
const MIN_NONCE_LENGTH: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::tests::keyring;
    use embark_protocol::{AppKey, SiteId};

    const NONCE: &str = "7b1f0c0e-9d3a-4a57-8a57-000000000001";

    fn grant(signup: &str) -> (Grant, String) {
        let signup = SignupId::parse(&signup.repeat(32)).unwrap();
        let (site, app) = (
            SiteId::parse("acme").unwrap(),
            AppKey::parse("main").unwrap(),
        );
        let grant = Grant::new(
            signup,
            site,
            app,
            "https://shop.example".into(),
            UnixMillis(1_000),
        );
        let text = grant.sign(&keyring()).unwrap();
        (grant, text)
    }

    #[test]
    fn callback_is_accepted_only_from_the_redirected_browser() {
        let (own, text) = grant("a");
        let (other, foreign) = grant("b");
        let name = cookie_name(&own.signup);
        let state = format!("{}.{NONCE}", own.signup);
        let verify = |state: &str, cookies: &str| {
            let params = CallbackParams {
                state: state.to_owned(),
                ..CallbackParams::default()
            };
            params
                .verify(cookies, &keyring(), UnixMillis(2_000))
                .map(|session| session.grant.signup)
        };
        let good = format!("x=1; {name}={NONCE}.{text}; y=2");
        assert_eq!(verify(&state, &good), Ok(own.signup.clone()));
        let with_site = format!("{state}.acme");
        assert_eq!(verify(&with_site, &good), Ok(own.signup.clone()));
        for (state, cookies, want) in [
            (state.as_str(), "", ProblemCode::GrantMissing),
            (&state, "x=1", ProblemCode::GrantMissing),
            // Another person's signup, brought into this browser.
            (
                &format!("{}.{NONCE}", other.signup),
                &good,
                ProblemCode::GrantMissing,
            ),
            // A known signup with a guessed nonce.
            (
                &format!("{}.{}", own.signup, "0".repeat(36)),
                &good,
                ProblemCode::GrantMismatch,
            ),
            (
                &format!("{}.", own.signup),
                &format!("{name}=.{text}"),
                ProblemCode::GrantMismatch,
            ),
            (
                &state,
                &format!("{name}={NONCE}"),
                ProblemCode::GrantInvalid,
            ),
            (
                &state,
                &format!("{name}={NONCE}.{foreign}"),
                ProblemCode::GrantMismatch,
            ),
            (
                &state,
                &format!("{name}={NONCE}.{text}x"),
                ProblemCode::GrantInvalid,
            ),
            ("", &good, ProblemCode::GrantInvalid),
            (NONCE, &good, ProblemCode::GrantInvalid),
        ] {
            assert_eq!(verify(state, cookies), Err(want), "{state} {cookies}");
        }
    }

    #[test]
    fn return_url_keeps_the_query_of_the_page() {
        let (own, text) = grant("a");
        let return_url = |page_query: &str| {
            let params = CallbackParams {
                state: format!("{}.{NONCE}", own.signup),
                ..CallbackParams::default()
            };
            let cookies = format!("{}={NONCE}.{text}{page_query}", cookie_name(&own.signup));
            let session = params
                .verify(&cookies, &keyring(), UnixMillis(2_000))
                .unwrap();
            session.return_url("https://e.example")
        };
        for (page_query, want) in [
            // A page of an older build stores no query.
            ("", "/go/acme"),
            ("|", "/go/acme"),
            ("|?", "/go/acme"),
            (
                "|?lang=de%2Cen&esVersion=v3",
                "/go/acme?lang=de%2Cen&esVersion=v3",
            ),
            (
                "|?prefill=%7B%22city%22%3A%22K%C3%B6ln%22%7D",
                "/go/acme?prefill=%7B%22city%22%3A%22K%C3%B6ln%22%7D",
            ),
            // It stays a query, whatever is in it.
            ("|#x", "/go/acme?%23x="),
            ("|@evil.example/", "/go/acme?%40evil.example%2F="),
            ("|?a=\t//x|y", "/go/acme?a=%09%2F%2Fx%7Cy"),
        ] {
            assert_eq!(
                return_url(page_query),
                format!("https://e.example{want}"),
                "{page_query}"
            );
        }
    }

    #[test]
    fn site_of_state_is_read_only_if_it_is_one() {
        for (state, want) in [
            ("a.b.acme", Some("acme")),
            ("a.b", None),
            ("a.b.", None),
            ("a.b.../evil", None),
            ("a.b.acme.x", None),
            ("", None),
        ] {
            let params = CallbackParams {
                state: state.into(),
                ..CallbackParams::default()
            };
            assert_eq!(
                params.site(),
                want.and_then(|site| SiteId::parse(site).ok())
            );
        }
    }

    #[test]
    fn return_of_a_handover_keeps_the_window_name() {
        let (mut own, _) = grant("a");
        own.handover = Some(0);
        let text = [&own.sign(&keyring()).unwrap(), "~", NONCE].concat();
        let params = CallbackParams {
            state: format!("{}.{NONCE}", own.signup),
            ..CallbackParams::default()
        };
        let cookies = format!("{}={NONCE}.{text}|", cookie_name(&own.signup));
        let session = params
            .verify(&cookies, &keyring(), UnixMillis(2_000))
            .unwrap();
        assert!(session.grant.holder.is_some());
        let [deleted, set] = &session.return_cookies("https://e.example")[..] else {
            panic!("two cookies");
        };
        assert!(deleted.starts_with(&cookie_name(&own.signup)), "{deleted}");
        let (signup, path) = (
            &own.signup,
            "path=/go/acme;max-age=600;samesite=lax;httponly",
        );
        assert_eq!(*set, format!("embark-return={signup}.{text};{path};secure"));
        let local = session.return_cookies("http://localhost:8787");
        assert!(local.iter().all(|cookie| !cookie.contains("secure")));
    }

    #[test]
    fn access_denied_is_cancelled_and_other_errors_are_errors() {
        let params =
            |text: &str| CallbackParams::from_url(&format!("https://e.example/go/callback?{text}"));
        let denied = params(
            "error=access_denied&error_reason=user_denied&error_description=Permissions+error&state=s#_=_",
        );
        assert_eq!(denied.into_ended_request().reason, EndReason::Cancelled);
        let failed =
            params("error_code=1349048&error_message=Can%27t+load&state=s").into_ended_request();
        assert_eq!(failed.reason, EndReason::Error);
        assert_eq!(failed.error_code.as_deref(), Some("1349048"));
        assert_eq!(failed.error_message.as_deref(), Some("Can't load"));
    }
}
