//! A request to another provider as a value, and where one may go: https, a public name, no redirects.
//! Secrets stand in it by name; the host puts them in as it sends, so that no rule ever holds one.

use crate::origin::Origin;
use crate::seal::Secret;
use base64ct::{Base64, Encoding};
use core::fmt;
use embark_protocol::SiteId;

/// Ready to be sent, but for its secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// For logs and journals, e.g. `handoff`.
    pub name: &'static str,
    /// Whose secrets it may name.
    pub site: SiteId,
    pub method: &'static str,
    pub url: String,
    pub headers: Vec<(String, String)>,
    /// Content type and text.
    pub body: Option<(&'static str, String)>,
    /// Milliseconds until the call counts as unheard.
    pub deadline_ms: u32,
}

/// Providers are slower than Meta; an object must not be pinned by one call.
pub const DEADLINE_MS: u32 = 25_000;

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({} {})", self.name, self.method)
    }
}

/// Whether this is an address that may be called.
pub fn is_allowed(url: &str) -> bool {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let host_ends = url.len() - rest.len() + rest.find(['/', '?']).unwrap_or(rest.len());
    let (origin, path) = url.split_at(host_ends);
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'#' | b'\\');
    url.len() <= 2_000 && path.bytes().all(is_plain) && Origin::parse(origin).is_some_and(may_go)
}

fn may_go(origin: Origin) -> bool {
    // A developer's own machine, where the sandbox is.
    #[cfg(feature = "local")]
    if origin.as_str().starts_with("http://") {
        return true;
    }
    origin.is_public()
}

/// A secret's name, as a header may hold it.
pub fn is_secret_name(name: &str) -> bool {
    (1..=32).contains(&name.len())
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

/// The secrets a header's value names, in its order.
pub fn secrets(value: &str) -> impl Iterator<Item = &str> {
    pieces(value).filter_map(|piece| match piece {
        Piece::Secret { name, .. } => Some(name),
        Piece::Text(_) => None,
    })
}

/// Puts the secrets into a header's value. `None`: one is not there.
pub fn unlock(value: &str, secret: &dyn Fn(&str) -> Option<Secret>) -> Option<Secret> {
    let mut whole = String::new();
    for piece in pieces(value) {
        match piece {
            Piece::Text(text) => whole.push_str(text),
            Piece::Secret { name, encoded } => {
                let found = secret(name)?;
                match encoded {
                    true => whole.push_str(&Base64::encode_string(found.secret().as_bytes())),
                    false => whole.push_str(found.secret()),
                }
            }
        }
    }
    Some(Secret::new(whole))
}

enum Piece<'a> {
    Text(&'a str),
    Secret { name: &'a str, encoded: bool },
}

fn pieces(value: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = value;
    core::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some(secret) = leading_secret(rest) {
            rest = secret.1;
            return Some(secret.0);
        }
        // At least one character, so that this ends.
        let first = rest.chars().next().map_or(1, char::len_utf8);
        let next = rest
            .get(first..)
            .and_then(|tail| tail.find('{'))
            .map_or(rest.len(), |at| first + at);
        let (text, tail) = rest.split_at_checked(next)?;
        rest = tail;
        Some(Piece::Text(text))
    })
}

fn leading_secret(text: &str) -> Option<(Piece<'_>, &str)> {
    let (inner, rest) = text.strip_prefix('{')?.split_once('}')?;
    let (kind, name) = inner.split_once(':')?;
    let encoded = match kind {
        "secret" => false,
        "secret_base64" => true,
        _ => return None,
    };
    is_secret_name(name).then_some((Piece::Secret { name, encoded }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_names_over_https_are_called() {
        for (url, want) in [
            ("https://messaging.twilio.com/v2/Channels/Senders", true),
            ("https://xk3v.api.infobip.com", true),
            ("https://provider.example/a?b=c", true),
            ("http://provider.example/", false),
            ("https://localhost/", false),
            ("https://printer.local/", false),
            ("https://metadata.google.internal/", false),
            ("https://10.0.0.1/", false),
            ("https://169.254.169.254/latest", false),
            ("https://2130706433/", false),
            ("https://0x7f.1/", false),
            ("https://[::1]/", false),
            ("https://[::ffff:10.0.0.1]/", false),
            ("https://intranet/", false),
            ("https://provider.example:8443/", false),
            ("https://user@provider.example/", false),
            ("https://provider.example/#x", false),
            ("https://provider.example/a b", false),
            ("https://provider.example\\@10.0.0.1/", false),
            ("ftp://provider.example/", false),
            ("//provider.example/", false),
            ("", false),
        ] {
            assert_eq!(is_allowed(url), want, "{url}");
        }
    }

    #[test]
    fn secrets_are_put_in_by_name() {
        let known = |name: &str| (name == "twilio").then(|| Secret::new("AC1:tok".into()));
        let put = |value: &str| unlock(value, &known).map(|whole| whole.secret().to_owned());
        for (value, want) in [
            ("App {secret:twilio}", Some("App AC1:tok")),
            ("Basic {secret_base64:twilio}", Some("Basic QUMxOnRvaw==")),
            ("{secret:other}", None),
            ("plain", Some("plain")),
            ("{not a placeholder} {", Some("{not a placeholder} {")),
            ("{secret:Not a name}", Some("{secret:Not a name}")),
        ] {
            assert_eq!(put(value).as_deref(), want, "{value}");
        }
        let named: Vec<_> = secrets("{secret:a}x{secret_base64:b}").collect();
        assert_eq!(named, ["a", "b"]);
    }
}
