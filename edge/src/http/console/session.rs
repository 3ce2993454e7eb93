//! The browser's session: its cookie, and the token against cross-site request forgery.

use crate::http::incoming::Incoming;
use crate::operations::operators;
use core::time::Duration;
use embark_onboarding::auth::return_cookie::cookie;
use embark_onboarding::crypto::{Secret, sha256_hex};
use embark_protocol::Problem;
use embark_protocol::operators::OperatorIdentity;
use subtle::ConstantTimeEq;

/// An operator who is signed in.
pub struct Session {
    /// The text of the cookie.
    text: Secret,
    /// Who it is.
    pub operator: OperatorIdentity,
}

impl Session {
    /// The session of the request. `None`: nobody is signed in.
    ///
    /// # Errors
    /// `internal`: the Partner object did not reply.
    pub async fn of(incoming: &Incoming<'_>) -> Result<Option<Self>, Problem> {
        let cookies = incoming.header("cookie").unwrap_or_default();
        let Some(text) = cookie(&cookies, name(&incoming.settings.operator_origin)) else {
            return Ok(None);
        };
        // Nothing else is looked up: the object is not asked by strangers.
        if text.len() != TEXT_LENGTH || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(None);
        }
        let text = Secret::new(text.to_owned());
        let found = operators::session(incoming.deployment(), &text).await?;
        Ok(found.map(|operator| Self { text, operator }))
    }

    /// A session that was just opened.
    pub const fn opened(text: Secret, operator: OperatorIdentity) -> Self {
        Self { text, operator }
    }

    /// The text of the cookie.
    pub const fn text(&self) -> &Secret {
        &self.text
    }

    /// What every form of the session's pages has in the field `csrf`.
    pub fn csrf_token(&self) -> String {
        sha256_hex(["csrf/", self.text.expose_secret()].concat().as_bytes())
    }

    /// Whether a form came from a page of this session.
    pub fn has_csrf_token(&self, token: &str) -> bool {
        let expected = self.csrf_token();
        expected.as_bytes().ct_eq(token.as_bytes()).into()
    }
}

/// The `Set-Cookie` header of a new session.
pub fn set_cookie(text: &Secret, valid_for: Duration, origin: &str) -> String {
    let seconds = valid_for.as_secs();
    with_attributes(
        &format!("{};max-age={seconds}", text.expose_secret()),
        origin,
    )
}

/// The `Set-Cookie` header that deletes it.
pub fn delete_cookie(origin: &str) -> String {
    with_attributes(";max-age=0", origin)
}

/// Whether the request came from a page of the console: browsers send `Origin` with every post.
pub fn is_own_page(incoming: &Incoming<'_>) -> bool {
    incoming.origin == Some(incoming.settings.operator_origin.as_str())
}

fn with_attributes(value: &str, origin: &str) -> String {
    let secure = if is_https(origin) { ";secure" } else { "" };
    let rest = ";path=/;httponly;samesite=strict";
    [name(origin), "=", value, rest, secure].concat()
}

/// A cookie of this prefix is set by this host alone, over https
/// (<https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes>). On this machine there is
/// no https.
fn name(origin: &str) -> &'static str {
    if is_https(origin) {
        "__Host-embark-console"
    } else {
        "embark-console"
    }
}

fn is_https(origin: &str) -> bool {
    origin.starts_with("https:")
}

/// Of [`fresh_token`](crate::random::fresh_token).
const TEXT_LENGTH: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookie_is_of_the_host_alone_and_unreadable_for_scripts() {
        let text = Secret::new("0f".repeat(32));
        let valid_for = Duration::from_hours(12);
        let set = set_cookie(&text, valid_for, "https://operator.partner.example");
        assert!(set.starts_with("__Host-embark-console=0f0f"), "{set}");
        for attribute in [
            ";path=/;",
            ";httponly",
            ";samesite=strict",
            ";secure",
            ";max-age=43200",
        ] {
            assert!(set.contains(attribute), "{set}");
        }
        assert!(!set.contains("domain"));
        let local = set_cookie(&text, valid_for, "http://operator.localhost:8787");
        assert!(
            !local.contains("secure") && !local.contains("__Host-"),
            "{local}"
        );
        assert!(delete_cookie("https://operator.partner.example").contains("=;max-age=0"));
    }

    #[test]
    fn form_of_another_session_is_refused() {
        let session = |digit: &str| Session {
            text: Secret::new(digit.repeat(64)),
            operator: embark_onboarding::resources::operators::deployment_owner(),
        };
        let (one, other) = (session("1"), session("2"));
        assert!(one.has_csrf_token(&one.csrf_token()));
        for token in [other.csrf_token(), String::new(), "1".repeat(64)] {
            assert!(!one.has_csrf_token(&token), "{token}");
        }
    }
}
