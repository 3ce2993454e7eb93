//! The way to Meta's dialog without a script: a redirect with the cookie that [`redirect`](super::redirect) reads on the
//! way back, as the widget writes it when it goes there.

use crate::auth::redirect::cookie_name;
use embark_protocol::launch::LaunchDocument;
use embark_protocol::{Problem, ProblemCode};

/// A redirect to Meta's dialog.
#[derive(Debug, PartialEq, Eq)]
pub struct DialogStart {
    /// URL of the dialog, with its `state`.
    pub location: String,
    /// `Set-Cookie` with the session of the signup.
    pub cookie: String,
}

impl DialogStart {
    /// Begins the signup of a launch document. `nonce` must be random. `query` is that of the page that is left; one that
    /// does not fit into a cookie is left out. `origin`: ours.
    ///
    /// # Errors
    /// The problem of the launch document; [`ProblemCode::AppMisconfigured`] if it has no dialog.
    pub fn new(
        launch: LaunchDocument,
        nonce: &str,
        query: &str,
        origin: &str,
    ) -> Result<Self, Problem> {
        let LaunchDocument {
            signup,
            site,
            grant,
            dialog_url,
            problem,
            ..
        } = launch;
        if let Some(problem) = problem {
            return Err(problem);
        }
        let dialog = dialog_url.ok_or_else(|| Problem::new(ProblemCode::AppMisconfigured))?;
        let state = [signup.as_str(), nonce, site.as_str()].join(".");
        let query = if query.len() < MAX_QUERY {
            query.replace(';', "%3B")
        } else {
            String::new()
        };
        let name = cookie_name(&signup);
        let session = [nonce, ".", &grant, "|", &query].concat();
        let secure = if origin.starts_with("https:") {
            ";secure"
        } else {
            ""
        };
        Ok(Self {
            location: [&dialog, "&state=", &state].concat(),
            cookie: [&name, "=", &session, ATTRIBUTES, secure].concat(),
        })
    }
}

/// As the widget's cookie has them, and `httponly`: no script needs to read this one.
const ATTRIBUTES: &str = ";path=/go/callback;max-age=86400;httponly;samesite=lax";

/// A query of this many bytes or more is not kept in the cookie.
const MAX_QUERY: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::grant::Grant;
    use crate::auth::redirect::CallbackParams;
    use crate::crypto::tests::keyring;
    use crate::time::UnixMillis;
    use embark_protocol::{AppKey, SignupId, SiteId};
    use serde_json::json;

    const NONCE: &str = "00000000000000000000000000000001";
    const ORIGIN: &str = "https://e.example";

    fn launch() -> LaunchDocument {
        let grant = Grant::new(
            SignupId::parse(&"a".repeat(32)).unwrap(),
            SiteId::parse("acme").unwrap(),
            AppKey::parse("main").unwrap(),
            ORIGIN.into(),
            UnixMillis(1_000),
        );
        serde_json::from_value(json!({
            "v": 1, "site": "acme", "signup": grant.signup, "grant": grant.sign(&keyring()).unwrap(),
            "renew_in_ms": 1, "edge": ORIGIN, "host": ORIGIN, "mode": "page",
            "sdk": {"url": "", "app_id": "1000000000000001", "version": "v25.0", "origins": []},
            "login": {"config_id": "3000000000000001", "response_type": "code",
                      "override_default_response_type": true, "extras": {"setup": {}, "sessionInfoVersion": "3"}},
            "dialog": "https://www.facebook.com/v25.0/dialog/oauth?client_id=1", "lang": "en", "build": "/b/1"
        }))
        .unwrap()
    }

    fn start(query: &str, origin: &str) -> DialogStart {
        DialogStart::new(launch(), NONCE, query, origin).unwrap()
    }

    #[test]
    fn redirect_has_state_and_cookie_of_the_signup() {
        let signup = launch().signup;
        let started = start("?lang=de", ORIGIN);
        assert_eq!(
            started.location,
            format!(
                "https://www.facebook.com/v25.0/dialog/oauth?client_id=1&state={signup}.{NONCE}.acme"
            )
        );
        let grant = launch().grant;
        assert_eq!(
            started.cookie,
            format!(
                "embark-{signup}={NONCE}.{grant}|?lang=de;path=/go/callback;max-age=86400;httponly;samesite=lax;secure"
            )
        );
        assert!(!start("", "http://localhost:8787").cookie.contains("secure"));
    }

    #[test]
    fn callback_accepts_the_cookie_and_returns_to_the_page() {
        let long = format!("?a={}", "x".repeat(MAX_QUERY));
        for (query, page) in [
            ("", "/go/acme"),
            ("?lang=de", "/go/acme?lang=de"),
            // Neither ends the cookie's value.
            ("?a=1;path=/", "/go/acme?a=1%3Bpath%3D%2F"),
            ("?a=b|c", "/go/acme?a=b%7Cc"),
            (&long, "/go/acme"),
        ] {
            let DialogStart { location, cookie } = start(query, ORIGIN);
            let callback = location.replace("https://www.facebook.com/", "https://e.example/");
            let (pair, _) = cookie.split_once(';').unwrap();
            let session = CallbackParams::from_url(&callback)
                .verify(pair, &keyring(), UnixMillis(2_000))
                .unwrap();
            assert_eq!(
                session.return_url(ORIGIN),
                [ORIGIN, page].concat(),
                "{query}"
            );
        }
    }

    #[test]
    fn launch_document_without_dialog_or_with_problem_is_refused() {
        let code =
            |launch| DialogStart::new(launch, NONCE, "", ORIGIN).map_err(|problem| problem.code);
        let mut none = launch();
        none.dialog_url = None;
        assert_eq!(code(none), Err(ProblemCode::AppMisconfigured));
        let mut refused = launch();
        refused.problem = Some(Problem::new(ProblemCode::SiteDisabled));
        assert_eq!(code(refused), Err(ProblemCode::SiteDisabled));
    }
}
