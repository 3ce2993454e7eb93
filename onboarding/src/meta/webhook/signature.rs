//! The signature of a webhook: `X-Hub-Signature-256: sha256=<HMAC-SHA256 of the raw body with the app secret>`
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/create-webhook-endpoint>).

use crate::crypto::{Secret, hmac_sha256};
use core::fmt;
use subtle::{Choice, ConstantTimeEq};

/// Why a webhook is not Meta's, as far as can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureError {
    /// There is no header.
    Missing,
    /// There are several headers, or it is not `sha256=` with 64 hexadecimal digits.
    Malformed,
    /// None of the secrets made it.
    Mismatch,
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "X-Hub-Signature-256 is missing",
            Self::Malformed => "X-Hub-Signature-256 is not one value of the form sha256=<64 hex>",
            Self::Mismatch => "X-Hub-Signature-256 is not that of the app",
        })
    }
}

impl core::error::Error for SignatureError {}

/// A signature that was sent. Whether it is right is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; LENGTH]);

impl Signature {
    /// Reads the header. Several headers come as one value, joined by commas
    /// (<https://fetch.spec.whatwg.org/#concept-header-list-get>), and are refused. Digits may have either case.
    ///
    /// # Errors
    /// `Missing` or `Malformed`.
    pub fn parse(header: Option<&str>) -> Result<Self, SignatureError> {
        let header = header.ok_or(SignatureError::Missing)?;
        let digits = header.strip_prefix("sha256=");
        let digits = digits.ok_or(SignatureError::Malformed)?;
        let mut mac = [0; LENGTH];
        match base16ct::mixed::decode(digits, &mut mac) {
            Ok(bytes) if bytes.len() == LENGTH => Ok(Self(mac)),
            _ => Err(SignatureError::Malformed),
        }
    }

    /// Checks it against the raw body, with each of these secrets. Takes as long whichever of them fits.
    ///
    /// # Errors
    /// `Mismatch`.
    pub fn verify(&self, body: &[u8], secrets: &[Secret]) -> Result<(), SignatureError> {
        let is_of = |secret: &Secret| {
            let mac = hmac_sha256(secret.expose_secret().as_bytes(), body);
            mac.ct_eq(&self.0)
        };
        let matches = secrets
            .iter()
            .map(is_of)
            .fold(Choice::from(0), |any, matches| any | matches);
        if matches.into() {
            Ok(())
        } else {
            Err(SignatureError::Mismatch)
        }
    }
}

/// Of HMAC-SHA256, in bytes.
const LENGTH: usize = 32;
