//! The public keys that a team of Cloudflare Access publishes, and when they are read again.
//!
//! Cloudflare replaces them every six weeks, and goes on publishing the one before for seven days
//! (<https://developers.cloudflare.com/cloudflare-one/access-controls/applications/http-apps/authorization-cookie/validating-json/#access-signing-keys>).

use crate::time::UnixMillis;
use base64ct::{Base64UrlUnpadded, Encoding};
use core::fmt;
use core::time::Duration;
use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::signature::Verifier;
use rsa::{BoxedUint, PublicKey};
use serde::Deserialize;
use serde_json::Value;
use sha2::Sha256;
use std::rc::Rc;

/// A key that verifies signatures with RS256: RSASSA-PKCS1-v1_5 with SHA-256
/// (<https://www.rfc-editor.org/rfc/rfc7518#section-3.3>).
#[derive(Debug)]
pub struct AccessKey(VerifyingKey<Sha256>);

impl AccessKey {
    /// Whether this key signed the message.
    pub fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let signature = Signature::try_from(signature);
        signature.is_ok_and(|signature| self.0.verify(message, &signature).is_ok())
    }
}

/// The keys of a team, each with its id.
#[derive(Debug, Clone)]
pub struct AccessCerts(Vec<(String, Rc<AccessKey>)>);

/// A response is no list of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertsError {
    /// It is not the JSON of a JSON Web Key Set.
    NotJson,
    /// It has no key for RS256.
    NoKey,
}

impl fmt::Display for CertsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotJson => "it is not a JSON Web Key Set",
            Self::NoKey => "it has no key for RS256",
        })
    }
}

impl core::error::Error for CertsError {}

impl AccessCerts {
    /// Parses a JSON Web Key Set (<https://www.rfc-editor.org/rfc/rfc7517#section-5>). Keys for anything else than RS256, or of
    /// less than 2048 bits, are left out.
    ///
    /// # Errors
    /// It is none, or no key is left.
    pub fn parse(body: &[u8]) -> Result<Self, CertsError> {
        let set: KeySet = serde_json::from_slice(body).map_err(|_| CertsError::NotJson)?;
        let keys = set.keys.into_iter().take(MAX_KEYS);
        let keys: Vec<_> = keys.filter_map(usable_key).collect();
        match keys.is_empty() {
            true => Err(CertsError::NoKey),
            false => Ok(Self(keys)),
        }
    }

    /// The key with this id. `None`: it is not among them.
    fn find(&self, key_id: &str) -> Option<Rc<AccessKey>> {
        let found = self.0.iter().find(|(id, _)| id == key_id);
        found.map(|(_, key)| key.clone())
    }
}

/// `None`: the key is not for RS256.
fn usable_key(key: Value) -> Option<(String, Rc<AccessKey>)> {
    let key = Jwk::deserialize(key).ok()?;
    let is_for_signatures = key.usage.is_none_or(|usage| usage == "sig");
    let is_rs256 = key.algorithm.is_none_or(|algorithm| algorithm == "RS256");
    if key.key_type != "RSA" || !is_for_signatures || !is_rs256 {
        return None;
    }
    let number = |text: &str| {
        let bytes = Base64UrlUnpadded::decode_vec(text).ok()?;
        Some(BoxedUint::from_be_slice_vartime(&bytes))
    };
    let (modulus, exponent) = (number(&key.modulus)?, number(&key.exponent)?);
    let key_bits = MIN_KEY_BITS..=MAX_KEY_BITS;
    let public = PublicKey::new_with_size_limits(modulus, exponent, key_bits).ok()?;
    Some((key.id, Rc::new(AccessKey(VerifyingKey::new(public)))))
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

/// <https://www.rfc-editor.org/rfc/rfc7518#section-6.3>
#[derive(Deserialize)]
struct Jwk {
    #[serde(rename = "kty")]
    key_type: String,
    #[serde(rename = "kid")]
    id: String,
    #[serde(rename = "use")]
    usage: Option<String>,
    #[serde(rename = "alg")]
    algorithm: Option<String>,
    #[serde(rename = "n")]
    modulus: String,
    #[serde(rename = "e")]
    exponent: String,
}

/// The keys as an instance of the Worker keeps them in memory.
#[derive(Debug, Default)]
pub struct CertsCache {
    /// The keys and when they were read. `None`: never.
    read: Option<(AccessCerts, UnixMillis)>,
    /// When they were last asked for in vain.
    failed_at: Option<UnixMillis>,
}

/// What is known of a key.
#[derive(Debug)]
pub enum KeyLookup {
    /// This is the key.
    Found(Rc<AccessKey>),
    /// The keys are to be read, and the question to be put again.
    Read,
    /// The team does not have it: the keys were read within a minute.
    Unknown,
    /// The keys could not be read a moment ago.
    Unavailable,
}

impl CertsCache {
    /// What is known of the key with this id. Keys are valid for an hour; because of an id that is not among them they are read
    /// again, once in a minute.
    pub fn find(&self, key_id: &str, now: UnixMillis) -> KeyLookup {
        let failed_within = |wait: Duration| {
            let at = self.failed_at.filter(|at| now.since(*at) < wait);
            at.is_some()
        };
        let valid = self.read.as_ref();
        let valid = valid.filter(|(_, read_at)| now.since(*read_at) < VALID);
        let Some((certs, read_at)) = valid else {
            return match failed_within(READ_AGAIN_AFTER_FAILURE) {
                true => KeyLookup::Unavailable,
                false => KeyLookup::Read,
            };
        };
        match certs.find(key_id) {
            Some(key) => KeyLookup::Found(key),
            None if now.since(*read_at) < READ_FOR_UNKNOWN_KEY => KeyLookup::Unknown,
            None if failed_within(READ_FOR_UNKNOWN_KEY) => KeyLookup::Unknown,
            None => KeyLookup::Read,
        }
    }

    /// Keeps the keys that were read.
    pub fn store(&mut self, certs: AccessCerts, now: UnixMillis) {
        self.read = Some((certs, now));
        self.failed_at = None;
    }

    /// The keys could not be read.
    pub fn fail(&mut self, now: UnixMillis) {
        self.failed_at = Some(now);
    }
}

/// How long keys are kept.
const VALID: Duration = Duration::from_hours(1);
/// How often they are read because of ids that are not among them.
const READ_FOR_UNKNOWN_KEY: Duration = Duration::from_mins(1);
const READ_AGAIN_AFTER_FAILURE: Duration = Duration::from_secs(5);
/// Cloudflare publishes two.
const MAX_KEYS: usize = 16;
const MIN_KEY_BITS: usize = 2_048;
const MAX_KEY_BITS: usize = 4_096;
