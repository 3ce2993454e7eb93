//! `signed_request`: how Meta says that a person removed the app, or wants their data deleted
//! (<https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow#deauth-callback>,
//! <https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback>). A form field of two
//! parts in Base64url, joined by a dot: the HMAC-SHA256 of the second part with the app secret, and a JSON object.
//!
//! The types keep the order: nothing is decoded of a request whose signature was not verified.

use super::response::is_user_id;
use crate::crypto::{Secret, hex, hmac_sha256, sha256_hex};
use crate::meta::response::TextOrNumber;
use crate::time::UnixMillis;
use base64ct::{Base64UrlUnpadded, Encoding};
use core::fmt;
use core::time::Duration;
use serde::Deserialize;
use subtle::{Choice, ConstantTimeEq};

/// Why a request is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedRequestError {
    /// The form does not have the field.
    Missing,
    /// The form has the field several times.
    Doubled,
    /// It is not two parts in Base64url, the first of 32 bytes.
    Malformed,
    /// None of the secrets signed it.
    Mismatch,
    /// What is signed is not a JSON object.
    NotJson,
    /// It names no algorithm, or another one than HMAC-SHA256.
    Algorithm,
    /// It names no person.
    User,
    /// It does not say when it was issued, or that lies in the future or too long ago.
    IssuedAt,
}

impl fmt::Display for SignedRequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "signed_request: missing",
            Self::Doubled => "signed_request: more than once",
            Self::Malformed => "signed_request: not <base64url of 32 bytes>.<base64url>",
            Self::Mismatch => "signed_request: not signed with the secret of the app",
            Self::NotJson => "signed_request: what is signed is not a JSON object",
            Self::Algorithm => "signed_request: algorithm is not HMAC-SHA256",
            Self::User => "signed_request: user_id is missing or not digits",
            Self::IssuedAt => "signed_request: issued_at is missing, in the future or too long ago",
        })
    }
}

impl core::error::Error for SignedRequestError {}

/// A request that was sent. Whether it is Meta's is not known.
#[derive(Debug)]
pub struct SignedRequest {
    signature: [u8; LENGTH],
    payload: String,
}

/// A request that the app's secret signed.
#[derive(Debug)]
pub struct VerifiedRequest {
    signature: [u8; LENGTH],
    payload: String,
}

/// Whom it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedUser {
    /// Meta's id of the person for the app, digits only.
    pub user_id: String,
    /// When Meta issued the request, in whole seconds.
    pub issued_at: UnixMillis,
}

impl SignedRequest {
    /// Reads the body of the request, a form.
    ///
    /// # Errors
    /// `Missing`, `Doubled` or `Malformed`.
    pub fn from_form(body: &[u8]) -> Result<Self, SignedRequestError> {
        let mut fields = form_urlencoded::parse(body).filter(|(name, _)| name == FIELD);
        let (_, value) = fields.next().ok_or(SignedRequestError::Missing)?;
        if fields.next().is_some() {
            return Err(SignedRequestError::Doubled);
        }
        let (signature, payload) = value.split_once('.').ok_or(SignedRequestError::Malformed)?;
        let mut bytes = [0; LENGTH];
        match Base64UrlUnpadded::decode(unpadded(signature), &mut bytes) {
            Ok(decoded) if decoded.len() == LENGTH && !payload.is_empty() => Ok(Self {
                signature: bytes,
                payload: payload.to_owned(),
            }),
            _ => Err(SignedRequestError::Malformed),
        }
    }

    /// Checks it with each of these secrets. Takes as long whichever of them fits.
    ///
    /// # Errors
    /// `Mismatch`, with the request: other secrets may fit.
    pub fn verify(self, secrets: &[Secret]) -> Result<VerifiedRequest, Self> {
        let is_of = |secret: &Secret| {
            let key = secret.expose_secret().as_bytes();
            hmac_sha256(key, self.payload.as_bytes()).ct_eq(&self.signature)
        };
        let matches = secrets
            .iter()
            .map(is_of)
            .fold(Choice::from(0), |any, matches| any | matches);
        if matches.into() {
            Ok(VerifiedRequest {
                signature: self.signature,
                payload: self.payload,
            })
        } else {
            Err(self)
        }
    }
}

impl VerifiedRequest {
    /// Whom it is about.
    ///
    /// # Errors
    /// `Malformed`, `NotJson`, `Algorithm`, `User` or `IssuedAt`.
    pub fn user(&self, now: UnixMillis) -> Result<SignedUser, SignedRequestError> {
        let json = Base64UrlUnpadded::decode_vec(unpadded(&self.payload))
            .map_err(|_| SignedRequestError::Malformed)?;
        let payload: Payload =
            serde_json::from_slice(&json).map_err(|_| SignedRequestError::NotJson)?;
        let algorithm = payload.algorithm.ok_or(SignedRequestError::Algorithm)?;
        if !algorithm.eq_ignore_ascii_case(ALGORITHM) {
            return Err(SignedRequestError::Algorithm);
        }
        let user = payload.user_id.filter(|id| is_user_id(&id.0));
        let user_id = user.ok_or(SignedRequestError::User)?.0;
        let issued_at = payload.issued_at.map(UnixMillis::from_secs);
        let issued_at = issued_at
            .filter(|at| *at <= now + CLOCK_SKEW && now.since(*at) <= OLDEST)
            .ok_or(SignedRequestError::IssuedAt)?;
        Ok(SignedUser { user_id, issued_at })
    }

    /// A code for it: the same whenever it is sent again, and nothing that somebody without it could know. `purpose`: what
    /// it was sent for.
    pub fn code(&self, purpose: &str) -> String {
        let text = [purpose, &hex(&self.signature), &self.payload].join("\n");
        sha256_hex(text.as_bytes()).chars().take(CODE).collect()
    }
}

/// Any other JSON than an object is refused.
#[derive(Deserialize)]
struct Payload {
    algorithm: Option<String>,
    user_id: Option<TextOrNumber>,
    issued_at: Option<u64>,
}

/// Meta leaves the padding out; its libraries accept it.
fn unpadded(text: &str) -> &str {
    text.trim_end_matches('=')
}

const FIELD: &str = "signed_request";
const ALGORITHM: &str = "HMAC-SHA256";
/// Of HMAC-SHA256, in bytes.
const LENGTH: usize = 32;
/// By how much Meta's clock may be ahead.
const CLOCK_SKEW: Duration = Duration::from_mins(10);
/// An older one ends nothing that is newer than it, so that its age alone does no harm.
const OLDEST: Duration = Duration::from_hours(30 * 24);
/// Of a code, in hexadecimal digits.
const CODE: usize = 32;
