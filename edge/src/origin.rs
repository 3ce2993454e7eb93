//! Web origins, compared as whole parsed values. Never by suffix: `evilfacebook.com` ends like the real one.

use url::{Host, Url};

/// `scheme://host[:port]`, lower case, punycode, default port left out, as a browser writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// Takes text that is exactly an origin: https with a host name, or http on this machine's names.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.len() <= 260 && text.bytes().all(|byte| byte.is_ascii_graphic());
        if !plain {
            return None;
        }
        let url = Url::parse(text).ok()?;
        let origin = url.origin().ascii_serialization();
        // Anything beyond the origin (path, user, query, a trailing slash, another spelling) is refused.
        if origin != text {
            return None;
        }
        let secure = match (url.scheme(), url.host()?) {
            ("https", Host::Domain(name)) => !name.ends_with('.'),
            ("https", Host::Ipv4(_) | Host::Ipv6(_)) => true,
            ("http", host) => is_this_machine(&host),
            _ => false,
        };
        secure.then_some(Self(origin))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A page on a developer's own machine: the one place where browsers treat http as secure.
fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

/// `redirect_uri`s the exchange may be told: the SDK's own `xd_arbiter`, or our callback.
pub fn is_known_redirect(text: &str, callback: &str) -> bool {
    if text == callback {
        return true;
    }
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    text.len() <= 2_000
        && url.scheme() == "https"
        && url.username().is_empty()
        && url.port().is_none()
        && matches!(
            url.host_str(),
            Some("staticxx.facebook.com" | "www.facebook.com")
        )
        && matches!(
            url.path(),
            "/x/connect/xd_arbiter/" | "/x/connect/xd_arbiter"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_origins_are_origins() {
        for ok in [
            "https://shop.example",
            "https://shop.example:8443",
            "https://xn--mnchen-3ya.example",
            "http://localhost",
            "http://localhost:8787",
            "http://operator.localhost:8787",
            "http://127.0.0.1:3000",
            "https://192.0.2.1",
        ] {
            assert!(Origin::parse(ok).is_some(), "{ok}");
        }
        for bad in [
            "",
            "null",
            "*",
            "shop.example",
            "//shop.example",
            "http://shop.example",
            "https://shop.example/",
            "https://shop.example/x",
            "https://shop.example?x",
            "https://shop.example#x",
            "https://shop.example:443",
            "https://Shop.example",
            "HTTPS://shop.example",
            "https://münchen.example",
            "https://user@shop.example",
            "https://shop.example.",
            "https://shop.example ",
            " https://shop.example",
            "https://shop.example\n",
            "https://shop.example\\@evil.example",
            "https:/shop.example",
            "https:shop.example",
            "https://",
            "http://localhost.evil.example",
            "http://evil-localhost",
            "ftp://shop.example",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "data:text/html,x",
            "blob:https://shop.example",
            "https://0x7f.1",
            "http://2130706433",
        ] {
            assert!(Origin::parse(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn redirect_uris_are_metas_or_ours() {
        let ours = "https://signup.partner.example/go/callback";
        let sdk = "https://staticxx.facebook.com/x/connect/xd_arbiter/?version=46#cb=f1&domain=d";
        for ok in [ours, sdk] {
            assert!(is_known_redirect(ok, ours), "{ok}");
        }
        for bad in [
            "https://signup.partner.example/go/callback2",
            "https://staticxx.facebook.com.evil.example/x/connect/xd_arbiter/",
            "https://evilfacebook.com/x/connect/xd_arbiter/",
            "http://staticxx.facebook.com/x/connect/xd_arbiter/",
            "https://a@staticxx.facebook.com/x/connect/xd_arbiter/",
            "https://staticxx.facebook.com/other",
            "",
        ] {
            assert!(!is_known_redirect(bad, ours), "{bad}");
        }
    }
}
