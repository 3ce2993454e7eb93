//! A request to another provider as a value, the destinations it may have, and the secrets in its headers. A
//! secret is named by a placeholder, `{secret:name}` or `{secret_base64:name}`, and substituted by whoever sends
//! the request, so that no rule holds one.

use crate::crypto::Secret;
use crate::web::origin::Origin;
use base64ct::{Base64, Encoding};
use core::fmt;
use core::time::Duration;
use embark_protocol::SiteId;
use url::Url;

/// A request, complete but for its secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderRequest {
    /// What the request is called in logs, e.g. `handoff`.
    pub name: &'static str,
    /// The site whose secrets the headers may name.
    pub site: SiteId,
    /// HTTP method.
    pub method: &'static str,
    /// URL; one that [`is_allowed_destination`] accepts.
    pub url: String,
    /// Names and values. Values may hold placeholders of secrets.
    pub headers: Vec<(String, String)>,
    /// Content type and text. `None`: no body.
    pub body: Option<(&'static str, String)>,
    /// How long the response may take.
    pub deadline: Duration,
}

/// How long a provider may take to respond. Providers are slower than Meta, but a Durable Object must not wait for
/// one call for long.
pub const DEADLINE: Duration = Duration::from_secs(25);

impl fmt::Debug for ProviderRequest {
    /// Without URL, headers and body, which hold data of customers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProviderRequest({} {})", self.name, self.method)
    }
}

/// Whether a URL may be requested: https, a public host name at the default port, neither user information nor a
/// fragment, and in the spelling that any parser reads alike. This prevents server-side request forgery
/// (<https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html>); redirects
/// are not followed.
pub fn is_allowed_destination(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'#' | b'\\');
    if text.len() > MAX_URL_LENGTH || !text.bytes().all(is_plain) {
        return false;
    }
    let Some(origin) = Url::parse(text).ok().as_ref().and_then(Origin::from_url) else {
        return false;
    };
    // The text begins with the origin as it was parsed: no user information, no other spelling of the host.
    let is_exact = text
        .strip_prefix(origin.as_str())
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    is_exact && is_public_destination(&origin)
}

fn is_public_destination(origin: &Origin) -> bool {
    // The sandbox runs on a developer's own machine, at http.
    #[cfg(feature = "local")]
    if origin.as_str().starts_with("http://") {
        return true;
    }
    origin.is_public()
}

/// The longest URL that is requested, in bytes.
const MAX_URL_LENGTH: usize = 2_000;

/// Whether text may be the name of a secret: up to 32 lower-case letters, digits and underscores.
pub fn is_secret_name(name: &str) -> bool {
    (1..=32).contains(&name.len())
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

/// The names of the secrets in a header's value, in order.
pub fn secret_names(value: &str) -> impl Iterator<Item = &str> {
    segments(value).filter_map(|segment| match segment {
        Segment::Secret { name, .. } => Some(name),
        Segment::Text(_) => None,
    })
}

/// Substitutes the secrets in a header's value. `None`: the site does not have one of them.
pub fn substitute_secrets(
    value: &str,
    find_secret: &dyn Fn(&str) -> Option<Secret>,
) -> Option<Secret> {
    let mut whole = String::new();
    for segment in segments(value) {
        match segment {
            Segment::Text(text) => whole.push_str(text),
            Segment::Secret { name, encoding } => {
                let secret = find_secret(name)?;
                let text = secret.expose_secret();
                match encoding {
                    SecretEncoding::Plain => whole.push_str(text),
                    SecretEncoding::Base64 => {
                        whole.push_str(&Base64::encode_string(text.as_bytes()));
                    }
                }
            }
        }
    }
    Some(Secret::new(whole))
}

/// A part of a header's value.
enum Segment<'a> {
    Text(&'a str),
    Secret {
        name: &'a str,
        encoding: SecretEncoding,
    },
}

/// How a secret is written into a header. Basic authentication wants Base64
/// (<https://www.rfc-editor.org/rfc/rfc7617>).
enum SecretEncoding {
    Plain,
    Base64,
}

fn segments(value: &str) -> impl Iterator<Item = Segment<'_>> {
    let mut rest = value;
    core::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((secret, tail)) = leading_secret(rest) {
            rest = tail;
            return Some(secret);
        }
        // Text up to the next brace, and at least one character.
        let first = rest.chars().next().map_or(1, char::len_utf8);
        let next = rest
            .get(first..)
            .and_then(|tail| tail.find('{'))
            .map_or(rest.len(), |at| first + at);
        let (text, tail) = rest.split_at_checked(next)?;
        rest = tail;
        Some(Segment::Text(text))
    })
}

/// The placeholder that text begins with, and what follows it. `None`: it begins with none.
fn leading_secret(text: &str) -> Option<(Segment<'_>, &str)> {
    let (inner, rest) = text.strip_prefix('{')?.split_once('}')?;
    let (kind, name) = inner.split_once(':')?;
    let encoding = match kind {
        "secret" => SecretEncoding::Plain,
        "secret_base64" => SecretEncoding::Base64,
        _ => return None,
    };
    is_secret_name(name).then_some((Segment::Secret { name, encoding }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destination_must_be_a_public_https_host_name() {
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
            ("https://provider.example/?x=https://10.0.0.1/", true),
            ("https://provider.example", true),
            ("https://evilfacebook.com/", true),
            ("https://xn--mnchen-3ya.example/", true),
            ("https://provider.example:443/", false),
            ("https://PROVIDER.example/", false),
            ("HTTPS://provider.example/", false),
            ("https://provider.example./", false),
            ("https://user:password@provider.example/", false),
            ("https://@provider.example/", false),
            ("https://provider.example@10.0.0.1/", false),
            ("https://provider.example:@10.0.0.1/", false),
            ("https:\\\\provider.example/", false),
            ("https:/provider.example/", false),
            ("https:///provider.example/", false),
            ("https://provider\t.example/", false),
            ("\thttps://provider.example/", false),
            ("https://provider.example/\n", false),
            ("https://127.0.0.1/", false),
            ("https://127.1/", false),
            ("https://0177.0.0.1/", false),
            ("https://0x7f000001/", false),
            ("https://0300.0250.1/", false),
            ("https://0/", false),
            ("https://[::ffff:a00:1]/", false),
            ("https://[::127.0.0.1]/", false),
            ("https://[fd00::1]/", false),
            ("https://[::]/", false),
            ("https://192.0.2.1.in-addr.arpa/", false),
            ("https://prov%69der.example/", false),
            ("https://münchen.example/", false),
            ("https://provider。example/", false),
            ("https://①0.0.0.1/", false),
            ("https://provider.example:0/", false),
            ("https://provider.example:/", false),
            ("https://", false),
            ("https://?x", false),
            ("file:///etc/passwd", false),
            ("data:text/plain,x", false),
            ("", false),
        ] {
            assert_eq!(is_allowed_destination(url), want, "{url}");
        }
    }

    #[test]
    fn secrets_are_substituted_by_name() {
        let known = |name: &str| (name == "twilio").then(|| Secret::new("AC1:tok".into()));
        let put = |value: &str| {
            substitute_secrets(value, &known).map(|whole| whole.expose_secret().to_owned())
        };
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
        let named: Vec<_> = secret_names("{secret:a}x{secret_base64:b}").collect();
        assert_eq!(named, ["a", "b"]);
    }
}
