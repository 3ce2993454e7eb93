//! Back-end tokens: bearer tokens of one site. Only digests are stored.

use crate::auth::site_secret::{SecretKind, SiteSecret};
use crate::crypto::Secret;
use crate::time::UnixMillis;
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
    /// From when on it does not work any more. `None`: it works until it is revoked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<UnixMillis>,
}

impl BackendToken {
    /// Whether it is the token with this digest. Takes as long whether it is or not.
    pub fn has_digest(&self, digest: &str) -> bool {
        self.digest.as_bytes().ct_eq(digest.as_bytes()).into()
    }

    /// Whether it does not work any more.
    pub fn is_expired(&self, now: UnixMillis) -> bool {
        self.expires_at.is_some_and(|at| now >= at)
    }

    /// As the operator sees it. `token`: its text, if it was just created.
    pub fn details(&self, token: Option<&Secret>) -> BackendTokenDetails {
        BackendTokenDetails {
            id: self.id.clone(),
            name: self.name.clone(),
            scopes: self.scopes.clone(),
            created_at: self.created_at.0,
            expires_at: self.expires_at.map(|at| at.0),
            token: token.map(|token| token.expose_secret().to_owned()),
        }
    }
}

/// The text of a token: `embark_<site>_<64 hexadecimal digits>`.
pub type BackendTokenSecret = SiteSecret<TokenText>;

/// The kind of [`BackendTokenSecret`].
#[derive(Debug, Clone, Copy)]
pub enum TokenText {}

impl SecretKind for TokenText {
    const PREFIX: &'static str = "embark_";
}

/// Whether the operator may call a token this.
pub fn is_valid_name(name: &str) -> bool {
    (1..=80).contains(&name.chars().count()) && !name.chars().any(char::is_control)
}

/// How many days a token may be valid.
pub const LIFETIME_DAYS: core::ops::RangeInclusive<u32> = 1..=3_650;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::sha256_hex;
    use embark_protocol::SiteId;

    #[test]
    fn token_is_known_by_its_digest_until_it_expires() {
        let site = SiteId::parse("my-shop").unwrap();
        let secret = BackendTokenSecret::new(site, &"0f".repeat(32));
        let mut stored = BackendToken {
            id: "1".into(),
            name: "crm".into(),
            scopes: vec![BackendScope::Read],
            digest: secret.digest(),
            created_at: UnixMillis(1),
            expires_at: None,
        };
        assert!(stored.has_digest(&secret.digest()));
        assert!(!stored.has_digest(&sha256_hex(b"another")));
        assert!(!stored.has_digest(""));
        assert_eq!(stored.details(None).token, None);
        assert!(!stored.is_expired(UnixMillis(u64::MAX)));
        stored.expires_at = Some(UnixMillis(100));
        assert!(!stored.is_expired(UnixMillis(99)) && stored.is_expired(UnixMillis(100)));
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
