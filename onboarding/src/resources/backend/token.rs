//! Back-end tokens: bearer tokens of one site. Only digests are stored.

use crate::crypto::{Secret, sha256_hex};
use crate::time::UnixMillis;
use core::fmt;
use embark_protocol::SiteId;
use embark_protocol::backend::{BackendScope, BackendTokenDetails};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// A token as the Site object stores it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackendToken {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What it permits.
    pub scopes: Vec<BackendScope>,
    /// SHA-256 of its text.
    pub digest: String,
    /// When it was created.
    pub created_at: UnixMillis,
}

impl BackendToken {
    /// Whether it is the token with this digest. Takes as long whether it is or not.
    pub fn has_digest(&self, digest: &str) -> bool {
        self.digest.as_bytes().ct_eq(digest.as_bytes()).into()
    }

    /// As the operator sees it. `token`: its text, if it was just created.
    pub fn details(&self, token: Option<&Secret>) -> BackendTokenDetails {
        BackendTokenDetails {
            id: self.id.clone(),
            name: self.name.clone(),
            scopes: self.scopes.clone(),
            created_at: self.created_at.0,
            token: token.map(|token| token.expose_secret().to_owned()),
        }
    }
}

/// The text of a token: `embark_<site>_<64 hexadecimal digits>`. It names its site, so that the site can be asked.
#[derive(Debug, Clone)]
pub struct BackendTokenSecret {
    /// The site.
    pub site: SiteId,
    text: Secret,
}

/// The text is not a back-end token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedToken;

impl fmt::Display for MalformedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a back-end token: expected embark_<site>_<64 hexadecimal digits>")
    }
}

impl core::error::Error for MalformedToken {}

impl BackendTokenSecret {
    /// A token of 64 random hexadecimal digits.
    pub fn new(site: SiteId, random_hex: &str) -> Self {
        let text = Secret::new([PREFIX, site.as_str(), "_", random_hex].concat());
        Self { site, text }
    }

    /// Parses the text of a token.
    ///
    /// # Errors
    /// It is not of that form.
    pub fn parse(text: &str) -> Result<Self, MalformedToken> {
        let rest = text.strip_prefix(PREFIX).ok_or(MalformedToken)?;
        let (site, random) = rest.split_once('_').ok_or(MalformedToken)?;
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if random.len() != 64 || !random.bytes().all(is_hex) {
            return Err(MalformedToken);
        }
        Ok(Self {
            site: SiteId::parse(site).map_err(|_| MalformedToken)?,
            text: Secret::new(text.to_owned()),
        })
    }

    /// The text.
    pub fn text(&self) -> &Secret {
        &self.text
    }

    /// SHA-256 of the text.
    pub fn digest(&self) -> String {
        sha256_hex(self.text.expose_secret().as_bytes())
    }
}

/// Whether the operator may call a token this.
pub fn is_valid_name(name: &str) -> bool {
    (1..=80).contains(&name.chars().count()) && !name.chars().any(char::is_control)
}

const PREFIX: &str = "embark_";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_names_its_site_and_is_known_by_its_digest() {
        let site = SiteId::parse("my-shop").unwrap();
        let secret = BackendTokenSecret::new(site.clone(), &"0f".repeat(32));
        let parsed = BackendTokenSecret::parse(secret.text().expose_secret()).unwrap();
        assert_eq!(
            (parsed.site.clone(), parsed.digest()),
            (site, secret.digest())
        );
        assert_eq!(format!("{:?}", secret.text()), "Secret(…)");
        let stored = BackendToken {
            id: "1".into(),
            name: "crm".into(),
            scopes: vec![BackendScope::Read],
            digest: secret.digest(),
            created_at: UnixMillis(1),
        };
        assert!(stored.has_digest(&parsed.digest()));
        assert!(!stored.has_digest(&sha256_hex(b"another")));
        assert!(!stored.has_digest(""));
        assert_eq!(stored.details(None).token, None);
    }

    #[test]
    fn text_of_another_form_is_refused() {
        let hex = "0".repeat(64);
        for text in [
            String::new(),
            hex.clone(),
            format!("embark_{hex}"),
            format!("embark_shop_{}", "0".repeat(63)),
            format!("embark_shop_{}", "0".repeat(65)),
            format!("embark_shop_{}", "F".repeat(64)),
            format!("embark_Shop_{hex}"),
            format!("embark__{hex}"),
            format!("embark_shop_{hex}_"),
            format!("Embark_shop_{hex}"),
        ] {
            assert_eq!(
                BackendTokenSecret::parse(&text).err(),
                Some(MalformedToken),
                "{text}"
            );
        }
    }

    #[test]
    fn name_is_short_and_printable() {
        for (name, valid) in [
            ("CRM", true),
            ("", false),
            ("a\nb", false),
            (&"é".repeat(80), true),
            (&"é".repeat(81), false),
        ] {
            assert_eq!(is_valid_name(name), valid, "{name:?}");
        }
    }
}
