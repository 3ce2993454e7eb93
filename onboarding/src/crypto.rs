//! Secrets at rest, and the hashes that the rules need.
//!
//! A record is sealed with AES-256-GCM (<https://csrc.nist.gov/pubs/sp/800/38/d/final>) under a fresh 96-bit
//! nonce. The number of the key stands in front, so that keys can be rotated, and the name of the record is the
//! associated data, so that a ciphertext that was moved to another record does not open. Sealing is synchronous:
//! no secret is held across an await before it is sealed.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use core::fmt;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Secret text. It cannot be serialised, its `Debug` form is redacted, and its memory is wiped on drop.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself, named so that every use stands out in a review.
    pub fn expose_secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A sealed record: `v1.<key number>.<base64url(nonce ‖ ciphertext ‖ tag)>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl Sealed {
    /// Takes text as it was stored. Whether it is a sealed record shows when it is opened.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The text to store.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number of the key that it was sealed with. `None`: it is not a sealed record.
    pub fn key_number(&self) -> Option<u32> {
        let mut parts = self.0.splitn(3, '.');
        let (Some("v1"), Some(number), Some(_)) = (parts.next(), parts.next(), parts.next()) else {
            return None;
        };
        number.parse().ok()
    }
}

/// Why a keyring could not be made of the deployment's configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyringError {
    /// No key is configured.
    Empty,
    /// The key of this number is not Base64.
    NotBase64(u32),
    /// The key of this number is not 32 bytes long.
    WrongLength(u32),
}

impl fmt::Display for KeyringError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("no sealing key is configured"),
            Self::NotBase64(number) => write!(f, "sealing key {number} is not Base64"),
            Self::WrongLength(number) => write!(f, "sealing key {number} is not 32 bytes long"),
        }
    }
}

impl core::error::Error for KeyringError {}

/// Why a record could not be sealed or opened. Carries nothing of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealError {
    /// The record is longer than AES-GCM allows.
    TooLong,
    /// The record was sealed with a key of this number, which the deployment does not have.
    UnknownKey(u32),
    /// The text is not a sealed record.
    Malformed,
    /// The record was changed, or sealed under another name.
    NotAuthentic,
    /// The record is authentic, but not UTF-8 text.
    NotText,
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => f.write_str("the record is too long to be sealed"),
            Self::UnknownKey(number) => write!(f, "the record is sealed with unknown key {number}"),
            Self::Malformed => f.write_str("not a sealed record"),
            Self::NotAuthentic => {
                f.write_str("the sealed record was changed, or belongs to another name")
            }
            Self::NotText => f.write_str("the sealed record is not text"),
        }
    }
}

impl core::error::Error for SealError {}

/// The deployment's sealing keys by number: the one with the highest number seals, all of them open.
pub struct Keyring {
    newest: SealingKey,
    older: Vec<SealingKey>,
}

struct SealingKey {
    number: u32,
    bytes: Zeroizing<[u8; 32]>,
    /// Of these bytes: its key schedule is computed once.
    cipher: Aes256Gcm,
}

impl Keyring {
    /// Takes the number and value of every `EMBARK_KEY_<number>`; a value is the Base64 of 32 random bytes.
    ///
    /// # Errors
    /// There is no key, or one is not the Base64 of 32 bytes.
    pub fn parse(keys: &[(u32, String)]) -> Result<Self, KeyringError> {
        let mut parsed = keys
            .iter()
            .map(|(number, text)| SealingKey::parse(*number, text))
            .collect::<Result<Vec<_>, _>>()?;
        parsed.sort_by_key(|key| key.number);
        let newest = parsed.pop().ok_or(KeyringError::Empty)?;
        Ok(Self {
            newest,
            older: parsed,
        })
    }

    /// The numbers of the keys, ascending; the last one seals.
    pub fn numbers(&self) -> Vec<u32> {
        let keys = self.older.iter().chain([&self.newest]);
        keys.map(|key| key.number).collect()
    }

    /// Seals `plain` as the record `name` with the newest key. `nonce` must be fresh randomness: the same nonce
    /// used twice with a key gives both records away.
    ///
    /// # Errors
    /// [`SealError::TooLong`].
    pub fn seal(&self, name: &str, plain: &Secret, nonce: [u8; 12]) -> Result<Sealed, SealError> {
        self.newest.seal(name, plain, nonce)
    }

    /// Seals `plain` once with each key, the newest last. A key that refuses it is left out.
    pub fn seal_with_each(
        &self,
        name: &str,
        plain: &Secret,
        nonce: impl Fn() -> [u8; 12],
    ) -> impl Iterator<Item = Sealed> {
        let keys = self.older.iter().chain([&self.newest]);
        keys.filter_map(move |key| key.seal(name, plain, nonce()).ok())
    }

    /// Opens a record under the name that it was sealed with.
    ///
    /// # Errors
    /// The text is not a sealed record of this name, or its key is not in the keyring; see [`SealError`].
    pub fn open(&self, name: &str, sealed: &Sealed) -> Result<Secret, SealError> {
        let mut parts = sealed.0.splitn(3, '.');
        let (Some("v1"), Some(number), Some(text)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(SealError::Malformed);
        };
        let number: u32 = number.parse().map_err(|_| SealError::Malformed)?;
        let key = self.find(number).ok_or(SealError::UnknownKey(number))?;
        let bytes = Base64UrlUnpadded::decode_vec(text).map_err(|_| SealError::Malformed)?;
        let (nonce, msg) = bytes.split_at_checked(12).ok_or(SealError::Malformed)?;
        let nonce: [u8; 12] = nonce.try_into().map_err(|_| SealError::Malformed)?;
        let aad = name.as_bytes();
        let plain = key
            .cipher
            .decrypt(&Nonce::from(nonce), Payload { msg, aad })
            .map_err(|_| SealError::NotAuthentic)?;
        String::from_utf8(plain)
            .map(Secret::new)
            .map_err(|_| SealError::NotText)
    }

    /// Seals with the newest key what an older one sealed. `None`: the newest one did.
    ///
    /// # Errors
    /// As [`open`](Self::open) and [`seal`](Self::seal).
    pub fn reseal(
        &self,
        name: &str,
        sealed: &Sealed,
        nonce: impl FnOnce() -> [u8; 12],
    ) -> Result<Option<Sealed>, SealError> {
        if sealed.key_number() == Some(self.newest.number) {
            return Ok(None);
        }
        let plain = self.open(name, sealed)?;
        self.seal(name, &plain, nonce()).map(Some)
    }

    /// The number of the key that seals.
    pub const fn newest_number(&self) -> u32 {
        self.newest.number
    }

    /// The HMAC-SHA256 of a message with a key derived from the newest one for this purpose, and the number of
    /// that key.
    pub fn sign(&self, purpose: &str, message: &[u8]) -> (u32, [u8; 32]) {
        (self.newest.number, self.newest.mac(purpose, message))
    }

    /// The same with the key of a number, to verify what [`sign`](Self::sign) signed. `None`: the keyring has no
    /// such key.
    pub fn mac(&self, number: u32, purpose: &str, message: &[u8]) -> Option<[u8; 32]> {
        Some(self.find(number)?.mac(purpose, message))
    }

    fn find(&self, number: u32) -> Option<&SealingKey> {
        core::iter::once(&self.newest)
            .chain(&self.older)
            .find(|key| key.number == number)
    }
}

impl SealingKey {
    fn parse(number: u32, text: &str) -> Result<Self, KeyringError> {
        let bytes = Base64::decode_vec(text.trim())
            .map(Zeroizing::new)
            .map_err(|_| KeyringError::NotBase64(number))?;
        let bytes = <[u8; 32]>::try_from(bytes.as_slice())
            .map(Zeroizing::new)
            .map_err(|_| KeyringError::WrongLength(number))?;
        let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*bytes));
        Ok(Self {
            number,
            bytes,
            cipher,
        })
    }

    fn seal(&self, name: &str, plain: &Secret, nonce: [u8; 12]) -> Result<Sealed, SealError> {
        let payload = Payload {
            msg: plain.expose_secret().as_bytes(),
            aad: name.as_bytes(),
        };
        let nonce = Nonce::from(nonce);
        let ciphertext = self
            .cipher
            .encrypt(&nonce, payload)
            .map_err(|_| SealError::TooLong)?;
        let mut bytes = nonce.to_vec();
        bytes.extend_from_slice(&ciphertext);
        let text = Base64UrlUnpadded::encode_string(&bytes);
        let number = self.number.to_string();
        Ok(Sealed(["v1.", &number, ".", &text].concat()))
    }

    fn mac(&self, purpose: &str, message: &[u8]) -> [u8; 32] {
        hmac_sha256(&hmac_sha256(&*self.bytes, purpose.as_bytes()), message)
    }
}

/// HMAC-SHA256 (<https://www.rfc-editor.org/rfc/rfc2104>).
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    // HMAC takes keys of any length: the error cannot occur, and its value would match no tag.
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mut mac) => {
            mac.update(message);
            mac.finalize().into_bytes().into()
        }
        Err(_) => [0; 32],
    }
}

/// SHA-256 in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}

#[cfg(test)]
#[path = "crypto_tests.rs"]
pub(crate) mod tests;
