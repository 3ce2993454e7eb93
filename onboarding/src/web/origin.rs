//! Web origins, parsed and compared whole (<https://html.spec.whatwg.org/multipage/browsers.html#origin>). A
//! comparison by suffix would accept `https://evilfacebook.com` for `facebook.com`.

use url::{Host, Url};

/// `scheme://host[:port]` in the one spelling that a browser sends: lower case, Punycode, without the scheme's
/// default port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(Url);

impl Origin {
    /// Parses text that is exactly a serialised origin of a secure page: https, or http with a loopback host,
    /// which browsers treat as secure
    /// (<https://www.w3.org/TR/secure-contexts/#is-origin-trustworthy>).
    ///
    /// `None`: anything else, including other spellings of the same origin.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_LENGTH {
            return None;
        }
        let url = Url::parse(text).ok()?;
        let host = url.host()?;
        let is_secure = match url.scheme() {
            "https" => true,
            "http" => is_loopback(&host),
            _ => false,
        };
        let is_usable = match host {
            // A trailing dot makes another origin of the same host. Other characters stand in no host name, and mean
            // something of their own in a Content Security Policy.
            Host::Domain(name) => !name.ends_with('.') && name.bytes().all(is_host_byte),
            Host::Ipv4(_) => true,
            // The same host has an origin with its IPv4 address.
            Host::Ipv6(address) => address.to_ipv4_mapped().is_none(),
        };
        let is_exact = url.origin().ascii_serialization() == text;
        (is_secure && is_usable && is_exact).then_some(Self(url))
    }

    /// The origin of a URL. `None`: as for [`parse`](Self::parse).
    pub fn from_url(url: &Url) -> Option<Self> {
        Self::parse(&url.origin().ascii_serialization())
    }

    /// The ASCII serialisation, which is the text that was parsed.
    pub fn as_str(&self) -> &str {
        // A URL without path, query and fragment is serialised with the path `/`.
        self.0.as_str().trim_end_matches('/')
    }

    /// Whether a server on the public internet can have this origin: https at its default port, and a host
    /// name with several labels whose last one is not reserved for private use. Never an IP address.
    pub fn is_public(&self) -> bool {
        let Some(Host::Domain(name)) = self.0.host() else {
            return false;
        };
        let is_reserved = name
            .rsplit_once('.')
            .is_none_or(|(_, last)| RESERVED_LABELS.contains(&last));
        self.0.scheme() == "https" && self.0.port().is_none() && !is_reserved
    }

    /// `https`, or `http` of a loopback host.
    pub fn scheme(&self) -> &str {
        self.0.scheme()
    }

    /// The host, with the port if it is not the scheme's.
    pub fn authority(&self) -> &str {
        self.0.authority()
    }

    /// The host, without a port.
    pub fn hostname(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte)
}

/// Whether a host is this machine.
fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// Longer text is no origin: a host name has at most 253 characters.
const MAX_LENGTH: usize = 260;

/// Last labels that no public server has: special-use names
/// (<https://www.rfc-editor.org/rfc/rfc6761>, <https://www.rfc-editor.org/rfc/rfc6762>) and those that private
/// networks use.
const RESERVED_LABELS: &[&str] = &[
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

#[cfg(test)]
mod tests {
    use super::*;
    use core::net::{Ipv4Addr, Ipv6Addr};

    #[test]
    fn exact_origin_is_parsed() {
        for text in [
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
            let origin = Origin::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(origin.as_str(), text);
        }
    }

    #[test]
    fn anything_but_an_exact_origin_is_rejected() {
        for text in [
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
            "https://user:password@shop.example",
            "https://:@shop.example",
            "https://@shop.example",
            "https:\\\\shop.example",
            "https://shop.example\\",
            "https://shop\t.example",
            "\thttps://shop.example",
            "https://sh\nop.example",
            "https://shop.example\r\n",
            "http://0177.0.0.1",
            "http://0x7f.0.0.1",
            "http://127.1",
            "http://127.0.1",
            "http://0x7f000001",
            "http://017700000001",
            "http://127.0.0.1.",
            "http://localhost.",
            "https://[::ffff:127.0.0.1]",
            "https://[0:0:0:0:0:0:0:1]",
            "https://[::1%25lo]",
            "https://shop.example:0443",
            "https://shop.example:",
            "https://shop.example:65536",
            "https://shop.example:-1",
            "https://SHOP.EXAMPLE",
            "https://XN--MNCHEN-3YA.example",
            "https://shop.example%2eevil.example",
            "https://shop。example",
            "https://ｓhop.example",
            "https://shop.example\u{ad}",
            "https://*.example",
            "https://shop;script-src",
            "https://shop,example",
            "https://'none'",
        ] {
            assert!(Origin::parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn public_origin_needs_a_registered_looking_name_and_the_default_port() {
        for (text, want) in [
            ("https://evilfacebook.com", true),
            ("https://xn--mnchen-3ya.example", true),
            ("https://a.b.c.example", true),
            ("https://provider.example:8443", false),
            ("https://intranet", false),
            ("https://printer.local", false),
            ("https://metadata.google.internal", false),
            ("https://4.3.2.1.in-addr.arpa", false),
            ("https://192.0.2.1", false),
            ("https://[2001:db8::1]", false),
            ("http://operator.localhost:8787", false),
            ("https://operator.localhost", false),
        ] {
            assert_eq!(Origin::parse(text).unwrap().is_public(), want, "{text}");
        }
    }

    /// A reader of its own, written from the rules alone, accepts the same texts.
    #[test]
    fn origin_parser_agrees_with_an_independent_reader() {
        let hosts = "a a.b a-b.c_d xn--mnchen-3ya.de localhost x.localhost 1.2.3.4 127.0.0.1 01.2.3.4 1.2.3 1 \
                     256.1.1.1 0x1 0x 1.0x a.1 1.a [::1] [::] [1::2] [1:0:0:2:0:0:0:3] [::FFFF] \
                     [01::] [1:2] [::1 ::1] a. A ä a%41 a@b a/ a? a# a\\b - 0X1 0x7f.1 017.1 1.2.3.4. \
                     [::ffff:1.2.3.4] [::1.2.3.4] [::ffff:102:304] u:p@a @a a\tb \ta a%2eb evilfacebook.com";
        let ends = "|:1|:80|:443|:0|:00|:+1|:65535|:65536|:|:x|/|:1/|?|@|\\|.";
        for scheme in ["https", "http", "HTTPS", "ftp"] {
            for host in hosts.split(' ').filter(|host| !host.is_empty()) {
                for end in ends.split('|') {
                    let text = [scheme, "://", host, end].concat();
                    assert_eq!(Origin::parse(&text).is_some(), judged(&text), "{text:?}");
                }
            }
        }
    }

    fn judged(text: &str) -> bool {
        let Some((scheme, rest)) = text.split_once("://") else {
            return false;
        };
        let host_end = rest.find(']').map(|end| end + 1).or(rest.find(':'));
        let (host, port) = rest.split_at(host_end.unwrap_or(rest.len()));
        let Some(is_loopback) = loopback_of_exact_host(host) else {
            return false;
        };
        let (is_secure, default) = match scheme {
            "https" => (true, "443"),
            "http" => (is_loopback, "80"),
            _ => return false,
        };
        let is_port = |text: &str| text.parse::<u16>().is_ok_and(|n| n.to_string() == text);
        let is_exact = match port.strip_prefix(':') {
            Some(port) => port != default && is_port(port),
            None => port.is_empty(),
        };
        is_secure && is_exact
    }

    /// Whether a host is this machine. `None`: it is no host, or not in a browser's spelling.
    fn loopback_of_exact_host(text: &str) -> Option<bool> {
        if let Some(inner) = text.strip_prefix('[') {
            let inner = inner.strip_suffix(']')?;
            let ip: Ipv6Addr = inner.parse().ok()?;
            // Browsers write an IPv4 tail in hexadecimal, where `Ipv6Addr` writes dots.
            let [.., high, low] = ip.segments();
            let printed = match ip.to_string().rsplit_once(':') {
                Some((head, tail)) if tail.contains('.') => format!("{head}:{high:x}:{low:x}"),
                _ => ip.to_string(),
            };
            let is_exact = printed == inner && ip.to_ipv4_mapped().is_none();
            return is_exact.then_some(ip.is_loopback());
        }
        // A last label that is a number makes the whole an IPv4 address, in whatever base.
        let last = text.rsplit('.').next()?;
        let (digits, base) = last.strip_prefix("0x").map_or((last, 10), |hex| (hex, 16));
        if digits.chars().all(|digit| digit.is_digit(base)) {
            let ip: Ipv4Addr = text.parse().ok()?;
            return Some(ip.is_loopback());
        }
        let is_byte = |b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
        let is_label = |label: &str| !label.is_empty() && label.bytes().all(is_byte);
        let is_local = text == "localhost" || text.ends_with(".localhost");
        text.split('.').all(is_label).then_some(is_local)
    }
}
