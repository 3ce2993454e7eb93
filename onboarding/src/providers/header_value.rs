//! The value of a request's header. Its secrets are found in the template, before any value of an account is filled in,
//! so that no such value can name one. They are filled in by whoever sends the request: no rule holds a secret.

use crate::crypto::Secret;
use base64ct::{Base64, Encoding};
use core::fmt;

/// A value that is complete but for its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderValue(Vec<HeaderPart>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum HeaderPart {
    Text(String),
    Secret {
        name: String,
        encoding: SecretEncoding,
    },
}

impl HeaderValue {
    /// The value of a template, which may have the placeholders `{secret:name}` and `{secret_base64:name}`; `fill`
    /// substitutes all others in the text between them.
    ///
    /// # Errors
    /// Those of `fill`.
    pub(super) fn from_template<E>(
        template: &str,
        fill: impl Fn(&str) -> Result<String, E>,
    ) -> Result<Self, E> {
        let parts = segments(template).map(|segment| match segment {
            Segment::Text(text) => fill(text).map(HeaderPart::Text),
            Segment::Secret { name, encoding } => Ok(HeaderPart::Secret {
                name: name.to_owned(),
                encoding,
            }),
        });
        parts.collect::<Result<_, E>>().map(Self)
    }

    /// A template without other placeholders than those of secrets.
    pub(super) fn parse(template: &str) -> Self {
        let unchanged = |text: &str| Ok::<_, core::convert::Infallible>(text.to_owned());
        match Self::from_template(template, unchanged) {
            Ok(value) => value,
            Err(never) => match never {},
        }
    }

    /// The names of the secrets, in order.
    pub fn secret_names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            HeaderPart::Secret { name, .. } => Some(name.as_str()),
            HeaderPart::Text(_) => None,
        })
    }

    /// The whole value. `None`: the site does not have one of the secrets.
    pub fn with_secrets(&self, find_secret: &dyn Fn(&str) -> Option<Secret>) -> Option<Secret> {
        let mut whole = String::new();
        for part in &self.0 {
            match part {
                HeaderPart::Text(text) => whole.push_str(text),
                HeaderPart::Secret { name, encoding } => {
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
}

impl fmt::Display for HeaderValue {
    /// With the placeholders of the secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.0 {
            match part {
                HeaderPart::Text(text) => f.write_str(text)?,
                HeaderPart::Secret { name, encoding } => match encoding {
                    SecretEncoding::Plain => write!(f, "{{secret:{name}}}")?,
                    SecretEncoding::Base64 => write!(f, "{{secret_base64:{name}}}")?,
                },
            }
        }
        Ok(())
    }
}

/// Whether text may be the name of a secret: up to 32 lower-case letters, digits and underscores.
pub fn is_secret_name(name: &str) -> bool {
    (1..=32).contains(&name.len())
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    fn secrets_are_substituted_by_name() {
        let known = |name: &str| (name == "twilio").then(|| Secret::new("AC1:tok".into()));
        let put = |value: &str| {
            let whole = HeaderValue::parse(value).with_secrets(&known);
            whole.map(|whole| whole.expose_secret().to_owned())
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
            assert_eq!(HeaderValue::parse(value).to_string(), value);
        }
        let value = HeaderValue::parse("{secret:a}x{secret_base64:b}");
        let named: Vec<_> = value.secret_names().collect();
        assert_eq!(named, ["a", "b"]);
    }

    #[test]
    fn value_that_looks_like_a_secret_names_none() {
        let fill = |text: &str| Ok::<_, ()>(text.replace("{name}", "{secret:other}"));
        let value = HeaderValue::from_template("{secret:own} {name}", fill).unwrap();
        assert_eq!(value.secret_names().collect::<Vec<_>>(), ["own"]);
        let whole = value.with_secrets(&|name| Some(Secret::new(name.to_uppercase())));
        assert_eq!(whole.unwrap().expose_secret(), "OWN {secret:other}");
    }
}
