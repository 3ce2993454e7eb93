//! Random texts that name their site, so that the site can be asked about them. Only digests are stored.

use crate::crypto::{Secret, sha256_hex};
use core::fmt;
use core::marker::PhantomData;
use embark_protocol::SiteId;

/// What such a text is for.
pub trait SecretKind {
    /// How it begins, e.g. `embark_`.
    const PREFIX: &'static str;
}

/// A text `<prefix><site>_<64 hexadecimal digits>`.
#[derive(Debug, Clone)]
pub struct SiteSecret<K> {
    /// The site.
    pub site: SiteId,
    text: Secret,
    kind: PhantomData<K>,
}

/// The text is not of that form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedSecret {
    prefix: &'static str,
}

impl fmt::Display for MalformedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = self.prefix;
        write!(f, "expected {prefix}<site>_<64 hexadecimal digits>")
    }
}

impl core::error::Error for MalformedSecret {}

impl<K: SecretKind> SiteSecret<K> {
    /// A text of 64 random hexadecimal digits.
    pub fn new(site: SiteId, random_hex: &str) -> Self {
        let text = Secret::new([K::PREFIX, site.as_str(), "_", random_hex].concat());
        Self {
            site,
            text,
            kind: PhantomData,
        }
    }

    /// Parses a text.
    ///
    /// # Errors
    /// It is not of that form.
    pub fn parse(text: &str) -> Result<Self, MalformedSecret> {
        let malformed = MalformedSecret { prefix: K::PREFIX };
        let rest = text.strip_prefix(K::PREFIX).ok_or(malformed)?;
        let (site, random) = rest.split_once('_').ok_or(malformed)?;
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if random.len() != 64 || !random.bytes().all(is_hex) {
            return Err(malformed);
        }
        let site = SiteId::parse(site).map_err(|_| malformed)?;
        Ok(Self::new(site, random))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    enum Kind {}

    impl SecretKind for Kind {
        const PREFIX: &'static str = "embark_";
    }

    #[test]
    fn secret_names_its_site_and_is_read_as_it_was_written() {
        let site = SiteId::parse("my-shop").unwrap();
        let secret = SiteSecret::<Kind>::new(site.clone(), &"0f".repeat(32));
        let parsed = SiteSecret::<Kind>::parse(secret.text().expose_secret()).unwrap();
        assert_eq!(
            (parsed.site.clone(), parsed.digest()),
            (site, secret.digest())
        );
        assert_eq!(format!("{:?}", secret.text()), "Secret(…)");
    }

    #[test]
    fn text_of_another_form_is_refused() {
        let hex = "0".repeat(64);
        for text in [
            String::new(),
            hex.clone(),
            format!("embark_{hex}"),
            format!("session_shop_{hex}"),
            format!("embark_shop_{}", "0".repeat(63)),
            format!("embark_shop_{}", "0".repeat(65)),
            format!("embark_shop_{}", "F".repeat(64)),
            format!("embark_Shop_{hex}"),
            format!("embark__{hex}"),
            format!("embark_shop_{hex}_"),
            format!("Embark_shop_{hex}"),
        ] {
            let error = SiteSecret::<Kind>::parse(&text).unwrap_err();
            assert_eq!(
                error.to_string(),
                "expected embark_<site>_<64 hexadecimal digits>",
                "{text}"
            );
        }
    }
}
