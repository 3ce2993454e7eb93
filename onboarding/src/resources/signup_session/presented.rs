//! A session as a page names it: its text, and how it is passed on to the hosted page.

use crate::auth::site_secret::{SecretKind, SiteSecret};
use crate::crypto::{Keyring, hex};
use subtle::ConstantTimeEq;

/// The text of a session: `session_<site>_<64 hexadecimal digits>`.
pub type SessionSecret = SiteSecret<SessionText>;

/// The kind of [`SessionSecret`].
#[derive(Debug, Clone, Copy)]
pub enum SessionText {}

impl SecretKind for SessionText {
    const PREFIX: &'static str = "session_";
}

/// A session as an address names it.
#[derive(Debug)]
pub struct PresentedSession {
    /// Its text.
    pub secret: SessionSecret,
    /// A page that may use it passed it on to the hosted page, as [`pass_on`] does.
    pub is_passed_on: bool,
}

impl PresentedSession {
    /// Parses the text of a session, or what [`pass_on`] made of it. `None`: it is neither.
    pub fn parse(text: &str, keyring: &Keyring) -> Option<Self> {
        let (text, pass) = match text.split_once('.') {
            Some((text, pass)) => (text, Some(pass)),
            None => (text, None),
        };
        let secret = SessionSecret::parse(text).ok()?;
        if let Some(pass) = pass {
            let (number, tag) = pass.split_once('.')?;
            let expected = keyring.mac(number.parse().ok()?, PASS, secret.digest().as_bytes())?;
            if !bool::from(hex(&expected).as_bytes().ct_eq(tag.as_bytes())) {
                return None;
            }
        }
        Some(Self {
            secret,
            is_passed_on: pass.is_some(),
        })
    }
}

/// The text by which a page that may use the session passes it on to the hosted page, also if it is bound to the page's
/// origin: `<text>.<key number>.<HMAC-SHA256>`.
pub fn pass_on(secret: &SessionSecret, keyring: &Keyring) -> String {
    let (number, tag) = keyring.sign(PASS, secret.digest().as_bytes());
    let text = secret.text().expose_secret();
    [text, ".", &number.to_string(), ".", &hex(&tag)].concat()
}

/// What the key of [`pass_on`] is derived for.
const PASS: &str = "embark session passed on v1";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::tests::keyring;
    use embark_protocol::SiteId;

    fn secret() -> SessionSecret {
        SessionSecret::new(SiteId::parse("acme").unwrap(), &"0f".repeat(32))
    }

    #[test]
    fn session_is_passed_on_by_this_service_only() {
        let keyring = keyring();
        let text = secret().text().expose_secret().to_owned();
        let passed = pass_on(&secret(), &keyring);
        let parse = |text: &str| {
            PresentedSession::parse(text, &keyring).map(|session| session.is_passed_on)
        };
        assert_eq!((parse(&text), parse(&passed)), (Some(false), Some(true)));
        let other = passed.replacen("0f", "1f", 1);
        for bad in [
            "",
            "x",
            &other,
            &passed[..passed.len() - 1],
            &format!("{text}."),
            &format!("{text}.1."),
            &format!("{text}.9.{}", "0".repeat(64)),
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
