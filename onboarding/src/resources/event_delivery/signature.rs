//! Signatures of Standard Webhooks with a shared secret.

use crate::crypto::Secret;
use base64ct::{Base64, Encoding};
use core::fmt;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// A key that deliveries are signed with. Its text is `whsec_` and the Base64 of 24 to 64 bytes.
#[derive(Clone)]
pub struct SigningSecret(Zeroizing<Vec<u8>>);

/// The text is not a signing secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidSigningSecret;

impl fmt::Display for InvalidSigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a signing secret: expected whsec_ and the Base64 of 24 to 64 bytes")
    }
}

impl core::error::Error for InvalidSigningSecret {}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(…)")
    }
}

impl SigningSecret {
    /// A secret of these random bytes.
    pub fn from_random(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    /// Parses the text of a secret.
    ///
    /// # Errors
    /// It is not of that form.
    pub fn parse(text: &str) -> Result<Self, InvalidSigningSecret> {
        let encoded = text.strip_prefix(PREFIX).ok_or(InvalidSigningSecret)?;
        let bytes = Base64::decode_vec(encoded).map_err(|_| InvalidSigningSecret)?;
        if (24..=64).contains(&bytes.len()) {
            Ok(Self(Zeroizing::new(bytes)))
        } else {
            Err(InvalidSigningSecret)
        }
    }

    /// The text, as a receiver configures it.
    pub fn to_text(&self) -> Secret {
        Secret::new([PREFIX, &Base64::encode_string(&self.0)].concat())
    }

    /// The signature of one message, with its version: `v1,<Base64 of HMAC-SHA256>`. `None` for a key of a length that
    /// HMAC does not take, which [`parse`](Self::parse) does not return.
    fn sign(&self, message: &[u8]) -> Option<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(message);
        let tag = mac.finalize().into_bytes();
        Some(["v1,", &Base64::encode_string(&tag)].concat())
    }
}

/// The header `webhook-signature`: one signature for each secret, so that receivers can change theirs in their own time.
pub fn signature_header(secrets: &[SigningSecret], id: &str, seconds: u64, body: &str) -> String {
    let message = [id, ".", &seconds.to_string(), ".", body].concat();
    let signatures = secrets
        .iter()
        .filter_map(|secret| secret.sign(message.as_bytes()));
    signatures.collect::<Vec<_>>().join(" ")
}

const PREFIX: &str = "whsec_";

#[cfg(test)]
mod tests {
    use super::*;
    use standardwebhooks::Webhook;

    #[test]
    fn signature_is_that_of_the_specification() {
        // The example of the specification's reference implementations.
        let secret = SigningSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = r#"{"test": 2432232314}"#;
        let header = signature_header(
            &[secret],
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            body,
        );
        assert_eq!(header, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn published_library_signs_alike_with_every_secret() {
        for seed in 0..20 {
            let secret = SigningSecret::from_random(&[seed; 32]);
            let text = secret.to_text();
            let webhook = Webhook::new(text.expose_secret()).unwrap();
            let expected = webhook.sign("evt_1", 1_764_000_000, b"{}").unwrap();
            let header = signature_header(&[secret], "evt_1", 1_764_000_000, "{}");
            assert_eq!(header, expected);
        }
    }

    #[test]
    fn two_secrets_make_two_signatures() {
        let secrets = [1, 2].map(|seed| SigningSecret::from_random(&[seed; 32]));
        let header = signature_header(&secrets, "evt_1", 1, "{}");
        let of_one = |secret: &SigningSecret| {
            signature_header(core::slice::from_ref(secret), "evt_1", 1, "{}")
        };
        assert_eq!(header, [of_one(&secrets[0]), of_one(&secrets[1])].join(" "));
    }

    #[test]
    fn text_of_another_form_is_refused() {
        let short = ["whsec_", &Base64::encode_string(&[1; 23])].concat();
        let long = ["whsec_", &Base64::encode_string(&[1; 65])].concat();
        for text in [
            "",
            "whsec_",
            "whsec_?",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            &short,
            &long,
        ] {
            assert_eq!(
                SigningSecret::parse(text).err(),
                Some(InvalidSigningSecret),
                "{text}"
            );
        }
        let secret = SigningSecret::from_random(&[7; 32]);
        assert!(SigningSecret::parse(secret.to_text().expose_secret()).is_ok());
        assert_eq!(format!("{secret:?}"), "SigningSecret(…)");
    }
}
