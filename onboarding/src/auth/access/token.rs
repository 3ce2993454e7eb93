//! A token of Cloudflare Access: a JSON Web Token (<https://www.rfc-editor.org/rfc/rfc7519>) that a key of the team signed. The
//! types keep the order: nothing is read of the claims before the signature was verified.

use super::certs::AccessKey;
use super::settings::AccessSettings;
use crate::time::UnixMillis;
use base64ct::{Base64UrlUnpadded, Encoding};
use core::fmt;
use core::time::Duration;
use serde::Deserialize;
use serde_json::Value;

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessTokenError {
    /// It is longer than any of Cloudflare's.
    TooLong,
    /// It is not three parts in Base64url, of which the first is a JSON object.
    Malformed,
    /// It does not name RS256 as its algorithm, or demands an extension.
    Algorithm,
    /// It does not name the key that signed it.
    KeyId,
    /// That key did not sign it.
    Signature,
    /// What is signed is not an object with the claims that a token of Access has.
    Claims,
    /// Another team issued it.
    Issuer,
    /// It was made for another application.
    Audience,
    /// It has expired.
    Expired,
    /// It is not valid yet.
    NotYetValid,
    /// It names no e-mail address: it is that of a program.
    Email,
}

impl fmt::Display for AccessTokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the token is too long",
            Self::Malformed => "the token is not a JSON Web Token",
            Self::Algorithm => "the token is not signed with RS256",
            Self::KeyId => "the token does not name its key",
            Self::Signature => "the signature is not that of the team’s key",
            Self::Claims => "the claims are not those of a token of Access",
            Self::Issuer => "another team has issued the token: see ACCESS_TEAM_DOMAIN",
            Self::Audience => "the token is for another application: see ACCESS_AUD",
            Self::Expired => "the token has expired",
            Self::NotYetValid => "the token is not valid yet",
            Self::Email => "the token names no e-mail address",
        })
    }
}

impl core::error::Error for AccessTokenError {}

/// A token that was sent. Whether it is Cloudflare's is not known.
#[derive(Debug)]
pub struct AccessToken<'a> {
    /// The part that is signed: header and claims.
    signed: &'a str,
    claims: &'a str,
    signature: Vec<u8>,
    key_id: String,
}

/// A token that a key of the team has signed.
#[derive(Debug)]
pub struct VerifiedToken<'a> {
    claims: &'a str,
}

/// Who has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessIdentity {
    /// The person's e-mail address, in lower case.
    pub email: String,
    /// Until when the token says so.
    pub expires_at: UnixMillis,
}

impl<'a> AccessToken<'a> {
    /// Reads the header `Cf-Access-Jwt-Assertion`.
    ///
    /// # Errors
    /// `TooLong`, `Malformed`, `Algorithm`, `KeyId`.
    pub fn parse(text: &'a str) -> Result<Self, AccessTokenError> {
        if text.len() > MAX_LENGTH {
            return Err(AccessTokenError::TooLong);
        }
        let malformed = AccessTokenError::Malformed;
        let (signed, signature) = text.rsplit_once('.').ok_or(malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(malformed)?;
        if claims.contains('.') {
            return Err(malformed);
        }
        let header: Header = decode_json(header).ok_or(malformed)?;
        if header.algorithm.as_deref() != Some(ALGORITHM) || header.critical.is_some() {
            return Err(AccessTokenError::Algorithm);
        }
        let key_id = header.key_id.filter(|id| !id.is_empty());
        Ok(Self {
            signed,
            claims,
            signature: Base64UrlUnpadded::decode_vec(signature).map_err(|_| malformed)?,
            key_id: key_id.ok_or(AccessTokenError::KeyId)?,
        })
    }

    /// The id of the key that signed it, as it says itself.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Checks the signature with the key of that id.
    ///
    /// # Errors
    /// `Signature`.
    pub fn verify(self, key: &AccessKey) -> Result<VerifiedToken<'a>, AccessTokenError> {
        match key.has_signed(self.signed.as_bytes(), &self.signature) {
            true => Ok(VerifiedToken {
                claims: self.claims,
            }),
            false => Err(AccessTokenError::Signature),
        }
    }
}

impl VerifiedToken<'_> {
    /// Whom it names, if it was made for this application and is valid now.
    ///
    /// # Errors
    /// `Claims`, `Issuer`, `Audience`, `Expired`, `NotYetValid`, `Email`.
    pub fn identity(
        &self,
        settings: &AccessSettings,
        now: UnixMillis,
    ) -> Result<AccessIdentity, AccessTokenError> {
        let claims: Claims = decode_json(self.claims).ok_or(AccessTokenError::Claims)?;
        if claims.issuer != settings.issuer() {
            return Err(AccessTokenError::Issuer);
        }
        if !claims.audience.contains(settings.audience()) {
            return Err(AccessTokenError::Audience);
        }
        let expires_at = UnixMillis::from_secs(claims.expires_at);
        if now >= expires_at + LEEWAY {
            return Err(AccessTokenError::Expired);
        }
        let not_before = claims.not_before.map(UnixMillis::from_secs);
        if not_before.is_some_and(|at| now + LEEWAY < at) {
            return Err(AccessTokenError::NotYetValid);
        }
        let email = claims.email.filter(|email| !email.is_empty());
        let email = email.ok_or(AccessTokenError::Email)?;
        Ok(AccessIdentity {
            email: email.to_lowercase(),
            expires_at,
        })
    }
}

/// <https://www.rfc-editor.org/rfc/rfc7515#section-4.1>
#[derive(Deserialize)]
struct Header {
    #[serde(rename = "alg")]
    algorithm: Option<String>,
    #[serde(rename = "kid")]
    key_id: Option<String>,
    /// Extensions that a reader must know; none is.
    #[serde(rename = "crit")]
    critical: Option<Value>,
}

/// <https://www.rfc-editor.org/rfc/rfc7519#section-4.1>
#[derive(Deserialize)]
struct Claims {
    #[serde(rename = "iss")]
    issuer: String,
    #[serde(rename = "aud")]
    audience: Audience,
    /// In seconds since 1970.
    #[serde(rename = "exp")]
    expires_at: u64,
    /// Likewise.
    #[serde(rename = "nbf")]
    not_before: Option<u64>,
    email: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn contains(&self, audience: &str) -> bool {
        match self {
            Self::One(one) => one == audience,
            Self::Several(several) => several.iter().any(|one| one == audience),
        }
    }
}

/// `None`: it is not Base64url without padding, or not the JSON of a `T`.
fn decode_json<T: for<'de> Deserialize<'de>>(part: &str) -> Option<T> {
    let bytes = Base64UrlUnpadded::decode_vec(part).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// The one algorithm: the header does not choose it.
const ALGORITHM: &str = "RS256";
/// How much the clocks of Cloudflare and of the Worker may differ.
const LEEWAY: Duration = Duration::from_secs(60);
/// In bytes. The token is a cookie too, which browsers keep up to 4096.
const MAX_LENGTH: usize = 8_192;
