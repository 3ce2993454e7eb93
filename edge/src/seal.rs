//! Secrets at rest: AES-256-GCM, a fresh 96-bit nonce each time, the key's number in front, and the
//! record's own name as associated data, so that a ciphertext moved to another record does not open.
//! There is no plaintext fallback. Sealing is synchronous: no await stands between reading and sealing.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use core::fmt;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Text that must not be seen: it cannot be printed or serialised, and its memory is wiped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself. Every use is worth a look in review.
    pub fn secret(&self) -> &str {
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
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a record did not open, or a vault was not made. Carries nothing of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealError {
    /// No key was configured, or one is not 32 bytes of base64.
    BadKey,
    /// The record names a key this deployment does not have.
    UnknownKey,
    /// Not our format, another record's, or changed.
    Unreadable,
}

/// The deployment's keys, by number. The highest seals; all of them open.
pub struct Vault {
    keys: Vec<(u32, Zeroizing<Vec<u8>>)>,
}

impl Vault {
    /// Takes `(number, base64 of 32 bytes)` of every `EMBARK_KEY_<n>`.
    pub fn parse(keys: &[(u32, String)]) -> Result<Self, SealError> {
        let mut parsed = Vec::new();
        for (number, text) in keys {
            let bytes = Base64::decode_vec(text.trim()).map_err(|_| SealError::BadKey)?;
            if bytes.len() != 32 {
                return Err(SealError::BadKey);
            }
            parsed.push((*number, Zeroizing::new(bytes)));
        }
        parsed.sort_by_key(|(number, _)| *number);
        if parsed.is_empty() {
            Err(SealError::BadKey)
        } else {
            Ok(Self { keys: parsed })
        }
    }

    /// Seals `plain` as the record `name`. `nonce` must be fresh randomness.
    pub fn seal(&self, name: &str, plain: &Secret, nonce: [u8; 12]) -> Result<Sealed, SealError> {
        let (number, key) = self.keys.last().ok_or(SealError::BadKey)?;
        let cipher = Aes256Gcm::new_from_slice(key).map_err(|_| SealError::BadKey)?;
        let payload = Payload {
            msg: plain.secret().as_bytes(),
            aad: name.as_bytes(),
        };
        let nonce = Nonce::from(nonce);
        let sealed = cipher
            .encrypt(&nonce, payload)
            .map_err(|_| SealError::BadKey)?;
        let mut bytes = nonce.to_vec();
        bytes.extend_from_slice(&sealed);
        let text = Base64UrlUnpadded::encode_string(&bytes);
        Ok(Sealed(["v1.", &number.to_string(), ".", &text].concat()))
    }

    /// Opens a record under the name it was sealed with.
    pub fn open(&self, name: &str, sealed: &Sealed) -> Result<Secret, SealError> {
        let mut parts = sealed.0.splitn(3, '.');
        let (Some("v1"), Some(number), Some(text)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(SealError::Unreadable);
        };
        let number: u32 = number.parse().map_err(|_| SealError::Unreadable)?;
        let (_, key) = self
            .keys
            .iter()
            .find(|(held, _)| *held == number)
            .ok_or(SealError::UnknownKey)?;
        let bytes = Base64UrlUnpadded::decode_vec(text).map_err(|_| SealError::Unreadable)?;
        let (nonce, msg) = bytes.split_at_checked(12).ok_or(SealError::Unreadable)?;
        let nonce: [u8; 12] = nonce.try_into().map_err(|_| SealError::Unreadable)?;
        let cipher = Aes256Gcm::new_from_slice(key).map_err(|_| SealError::BadKey)?;
        let plain = cipher
            .decrypt(
                &Nonce::from(nonce),
                Payload {
                    msg,
                    aad: name.as_bytes(),
                },
            )
            .map_err(|_| SealError::Unreadable)?;
        String::from_utf8(plain)
            .map(Secret::new)
            .map_err(|_| SealError::Unreadable)
    }

    /// HMAC-SHA256 under a key derived from key `number` for one purpose (grants). Newest key if `None`.
    pub fn mac(
        &self,
        number: Option<u32>,
        purpose: &str,
        message: &[u8],
    ) -> Option<(u32, [u8; 32])> {
        let (number, key) = match number {
            Some(wanted) => self.keys.iter().find(|(held, _)| *held == wanted)?,
            None => self.keys.last()?,
        };
        Some((
            *number,
            hmac_sha256(&hmac_sha256(key, purpose.as_bytes()), message),
        ))
    }
}

/// HMAC-SHA256.
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    // HMAC takes a key of any length; the error arm cannot be reached and yields a tag nothing matches.
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mut mac) => {
            mac.update(message);
            mac.finalize().into_bytes().into()
        }
        Err(_) => [0; 32],
    }
}

/// Lower-case hex of SHA-256.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|nibble| DIGITS.get(usize::from(nibble)))
        .collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn vault() -> Vault {
        Vault::parse(&[(1, Base64::encode_string(&[7; 32]))]).unwrap()
    }

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[test]
    fn a_record_opens_under_its_own_name_only() {
        let vault = vault();
        let sealed = vault
            .seal("sealed/app/a/app_secret", &secret("s3cret"), [1; 12])
            .unwrap();
        assert_eq!(
            vault
                .open("sealed/app/a/app_secret", &sealed)
                .unwrap()
                .secret(),
            "s3cret"
        );
        assert_eq!(
            vault.open("sealed/app/b/app_secret", &sealed).unwrap_err(),
            SealError::Unreadable
        );
        assert!(!sealed.as_str().contains("s3cret"));
    }

    #[test]
    fn every_changed_byte_is_refused() {
        let vault = vault();
        let sealed = vault.seal("n", &secret("token"), [9; 12]).unwrap();
        for at in 0..sealed.as_str().len() {
            let mut bytes = sealed.as_str().as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = Sealed(String::from_utf8(bytes).unwrap());
            assert!(vault.open("n", &changed).is_err(), "byte {at}");
        }
        for bad in [
            "",
            "v1",
            "v1.1",
            "v1.1.",
            "v2.1.AAAA",
            "v1.9.AAAA",
            "v1.1.AAAA",
        ] {
            assert!(vault.open("n", &Sealed(bad.into())).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_older_key_still_opens_and_the_newest_seals() {
        let (old, new) = (
            Base64::encode_string(&[1; 32]),
            Base64::encode_string(&[2; 32]),
        );
        let before = Vault::parse(&[(1, old.clone())]).unwrap();
        let sealed = before.seal("n", &secret("x"), [0; 12]).unwrap();
        let after = Vault::parse(&[(2, new.clone()), (1, old)]).unwrap();
        assert_eq!(after.open("n", &sealed).unwrap().secret(), "x");
        assert!(
            after
                .seal("n", &secret("x"), [0; 12])
                .unwrap()
                .as_str()
                .starts_with("v1.2.")
        );
        let without = Vault::parse(&[(2, new)]).unwrap();
        assert_eq!(
            without.open("n", &sealed).unwrap_err(),
            SealError::UnknownKey
        );
    }

    #[test]
    fn bad_keys_are_refused_at_start() {
        for bad in [
            vec![],
            vec![(1, "short".to_owned())],
            vec![(1, Base64::encode_string(&[0; 31]))],
        ] {
            assert_eq!(Vault::parse(&bad).err(), Some(SealError::BadKey));
        }
    }

    #[test]
    fn a_secret_does_not_print() {
        assert_eq!(format!("{:?}", secret("EAAtoken")), "Secret(…)");
    }

    #[test]
    fn hmac_is_rfc_4231() {
        let tag = hmac_sha256(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(
            hex(&tag),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
