//! The cookie by which the hosted page knows, after the way back from Meta's dialog, which signup to go on with. Only the
//! Worker writes and reads it. An address could be sent to another browser.

use crate::auth::grant::Grant;
use crate::crypto::Keyring;
use crate::time::UnixMillis;
use embark_protocol::{SignupId, SiteId};

/// The `Set-Cookie` header with the resume token, `<signup>.<grant>`, from an `origin` of ours.
pub fn set(resume_token: &str, site: &SiteId, origin: &str) -> String {
    let secure = if origin.starts_with("https:") {
        ";secure"
    } else {
        ""
    };
    let path = [";path=/go/", site.as_str()].concat();
    let rest = ";max-age=600;samesite=lax;httponly";
    [RETURN_COOKIE, "=", resume_token, &path, rest, secure].concat()
}

/// The resume token, `<signup>.<grant>`, of the signup that this browser comes back to from Meta's dialog; verified,
/// and of this site. `None`: it does not come back, or the signup is over its time.
pub fn returned_session(
    cookies: &str,
    site: &SiteId,
    keyring: &Keyring,
    now: UnixMillis,
) -> Option<String> {
    let token = cookie(cookies, RETURN_COOKIE)?;
    let (signup, signed) = token.split_once('.')?;
    let signup = SignupId::parse(signup).ok()?;
    let grant = Grant::verify(signed, &signup, keyring, now).ok()?;
    (grant.site == *site).then(|| token.to_owned())
}

/// The `Set-Cookie` header that deletes the cookie of [`returned_session`]. `None`: the request does not have it.
pub fn delete_return_cookie(cookies: &str, site: &SiteId) -> Option<String> {
    cookie(cookies, RETURN_COOKIE)?;
    Some([RETURN_COOKIE, "=;path=/go/", site.as_str(), ";max-age=0"].concat())
}

/// The value of a cookie in a `Cookie` header. `None`: it is not there.
pub fn cookie<'a>(cookies: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = cookies
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// The name of the cookie that the hosted page reads after the way back. Only the Worker writes and reads it.
const RETURN_COOKIE: &str = "embark-return";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::tests::keyring;
    use embark_protocol::AppKey;

    const NONCE: &str = "7b1f0c0e-9d3a-4a57-8a57-000000000001";

    fn grant(signup: &str) -> (Grant, String) {
        let signup = SignupId::parse(&signup.repeat(32)).unwrap();
        let site = SiteId::parse("acme").unwrap();
        let app = AppKey::parse("main").unwrap();
        let origin = "https://shop.example".into();
        let grant = Grant::new(signup, site, app, origin, UnixMillis(1_000));
        let text = grant.sign(&keyring()).unwrap();
        (grant, text)
    }

    #[test]
    fn hosted_page_goes_on_only_with_the_signup_of_this_browser_and_site() {
        let (own, text) = grant("a");
        let site = |name| SiteId::parse(name).unwrap();
        let returned = |cookies: &str, name| {
            returned_session(cookies, &site(name), &keyring(), UnixMillis(2_000))
        };
        let token = format!("{}.{text}", own.signup);
        let good = format!("x=1; embark-return={token}");
        assert_eq!(returned(&good, "acme"), Some(token.clone()));
        for (cookies, name) in [
            ("", "acme"),
            (good.as_str(), "other"),
            (&format!("embark-return={token}x"), "acme"),
            (&format!("embark-return={}.{text}", "b".repeat(32)), "acme"),
            // A page's own grant with a window's name: it was not issued to that window.
            (&format!("embark-return={token}~{NONCE}"), "acme"),
            ("embark-return=", "acme"),
        ] {
            assert_eq!(returned(cookies, name), None, "{cookies} {name}");
        }
        assert!(delete_return_cookie("embark-return=x", &site("acme")).is_some());
        assert_eq!(delete_return_cookie("x=1", &site("acme")), None);
    }
}
