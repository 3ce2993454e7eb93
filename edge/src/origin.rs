//! Web origins, compared as whole parsed values. Never by suffix: `evilfacebook.com` ends like the real one.

use core::net::{Ipv4Addr, Ipv6Addr};

/// `scheme://host[:port]`, lower case, punycode, default port left out, as a browser writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// Takes text that is exactly an origin: https with a host name, or http on this machine's names.
    /// Read by hand: the full parser's tables of Unicode would be a tenth of the Worker, and whatever they
    /// decide about, no browser writes into an origin.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 260 {
            return None;
        }
        let (scheme, rest) = text.split_once("://")?;
        let (host, port) = host_and_port(rest)?;
        let host = Host::parse(host)?;
        let (is_safe, default) = match scheme {
            "https" => (true, "443"),
            "http" => (host.is_this_machine(), "80"),
            _ => return None,
        };
        let is_exact = port.is_none_or(|port| port != default && is_port(port));
        (is_safe && is_exact).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A name on the public internet, at the scheme's own port: nobody's own network, no bare address.
    pub fn is_public(&self) -> bool {
        let name = self.0.strip_prefix("https://").unwrap_or_default();
        let is_name = matches!(Host::parse(name), Some(Host::Name(_)));
        let label = name.rsplit('.').next().unwrap_or_default();
        is_name && name.contains('.') && !PRIVATE.contains(&label)
    }

    /// The host alone, without a port.
    #[cfg(feature = "local")]
    pub fn host(&self) -> Option<&str> {
        let (_, rest) = self.0.split_once("://")?;
        host_and_port(rest).map(|(host, _)| host)
    }
}

/// Last labels of names that no public server has.
const PRIVATE: &[&str] = &[
    "localhost",
    "local",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "private",
    "arpa",
    "onion",
    "invalid",
];

fn host_and_port(rest: &str) -> Option<(&str, Option<&str>)> {
    let (host, rest) = match rest.find(']') {
        Some(end) => rest.split_at_checked(end + 1)?,
        None => rest.split_at_checked(rest.find(':').unwrap_or(rest.len()))?,
    };
    if rest.is_empty() {
        return Some((host, None));
    }
    rest.strip_prefix(':').map(|port| (host, Some(port)))
}

/// A number as it is printed: no sign, no zeros in front.
fn is_port(text: &str) -> bool {
    text.parse::<u16>()
        .is_ok_and(|number| number.to_string() == text)
}

enum Host<'a> {
    Name(&'a str),
    V4(Ipv4Addr),
    V6(Ipv6Addr),
}

impl<'a> Host<'a> {
    /// Takes only the one spelling that a browser writes.
    fn parse(text: &'a str) -> Option<Self> {
        if let Some(inner) = text.strip_prefix('[') {
            let inner = inner.strip_suffix(']')?;
            let ip: Ipv6Addr = inner.parse().ok()?;
            // Of an address that maps an IPv4 one there are two spellings; it is nobody's site.
            let is_exact = ip.to_ipv4_mapped().is_none() && ip.to_string() == inner;
            return is_exact.then_some(Self::V6(ip));
        }
        // A last label that is a number makes the whole an IPv4 address, in whatever base.
        let last = text.rsplit('.').next()?;
        let digits = last.strip_prefix("0x").map_or((last, 10), |hex| (hex, 16));
        if digits.0.chars().all(|c| c.is_digit(digits.1)) {
            // An empty label is "all digits" too, and no address.
            return text.parse().ok().map(Self::V4);
        }
        let is_label = |label: &str| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
        };
        text.split('.').all(is_label).then_some(Self::Name(text))
    }

    /// A page on a developer's own machine: the one place where browsers treat http as secure.
    fn is_this_machine(&self) -> bool {
        match self {
            Self::Name(name) => *name == "localhost" || name.ends_with(".localhost"),
            Self::V4(ip) => ip.is_loopback(),
            Self::V6(ip) => ip.is_loopback(),
        }
    }
}

/// `redirect_uri`s the exchange may be told: the SDK's own `xd_arbiter`, or our callback.
pub fn is_known_redirect(text: &str, callback: &str) -> bool {
    if text == callback {
        return true;
    }
    let arbiter = |origin: &&str| {
        text.strip_prefix(*origin)
            .and_then(|rest| rest.strip_prefix("/x/connect/xd_arbiter"))
            .map(|rest| rest.strip_prefix('/').unwrap_or(rest))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['?', '#']))
    };
    text.len() <= 2_000
        && ["https://staticxx.facebook.com", "https://www.facebook.com"]
            .iter()
            .any(arbiter)
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
            "https://[2001:db8::1]",
            "http://[::1]:8787",
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

    /// The full parser is the judge: the same texts are origins to both.
    #[test]
    fn the_full_parser_takes_the_same() {
        let hosts = "a a.b a-b.c_d xn--mnchen-3ya.de localhost x.localhost 1.2.3.4 127.0.0.1 01.2.3.4 1.2.3 1 \
                     256.1.1.1 0x1 0x 1.0x a.1 1.a [::1] [::] [1::2] [1:0:0:2:0:0:0:3] [::FFFF] \
                     [01::] [1:2] [::1 ::1] a. A ä a%41 a@b a/ a? a# a\\b -";
        let ends = "|:1|:80|:443|:0|:00|:+1|:65535|:65536|:|:x|/|:1/|?|@";
        for scheme in ["https", "http", "HTTPS", "ftp"] {
            for host in hosts.split_whitespace() {
                for end in ends.split('|') {
                    let text = [scheme, "://", host, end].concat();
                    assert_eq!(Origin::parse(&text).is_some(), judged(&text), "{text}");
                }
            }
        }
    }

    fn judged(text: &str) -> bool {
        use url::Host::{Domain, Ipv4, Ipv6};
        let Ok(url) = url::Url::parse(text) else {
            return false;
        };
        let is_here = match url.host() {
            Some(Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Ipv4(ip)) => ip.is_loopback(),
            Some(Ipv6(ip)) => ip.is_loopback(),
            None => false,
        };
        let is_whole = url.host_str().is_some_and(|name| !name.ends_with('.'));
        let is_safe = url.scheme() == "https" || url.scheme() == "http" && is_here;
        is_safe && is_whole && url.origin().ascii_serialization() == text
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
            "https://staticxx.facebook.com:8443/x/connect/xd_arbiter/",
            "https://staticxx.facebook.com/x/connect/xd_arbiter2",
            "https://staticxx.facebook.com/x/connect/xd_arbiter/../../x",
            "",
        ] {
            assert!(!is_known_redirect(bad, ours), "{bad}");
        }
    }
}
