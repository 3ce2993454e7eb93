//! What the ids and secrets of a result are made of.

use crate::random;
use embark_onboarding::crypto::sha256_hex;
use sha2::{Digest, Sha256};

/// 256 random bits. The same seed makes the same ids and secrets, so that a write that is repeated with it changes nothing
/// more.
pub struct Seed(String);

impl Seed {
    /// A new one.
    pub fn fresh() -> Self {
        Self(random::fresh_token())
    }

    /// One that was made before. `text`: what [`text`](Self::text) returned.
    pub const fn from_text(text: String) -> Self {
        Self(text)
    }

    /// The seed itself, which is a secret.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// 32 bytes, for a secret.
    pub fn secret_bytes(&self) -> [u8; 32] {
        Sha256::digest([&self.0, "/secret"].concat()).into()
    }

    /// 64 hexadecimal digits, for a secret.
    pub fn token(&self) -> String {
        sha256_hex([&self.0, "/token"].concat().as_bytes())
    }

    /// 32 hexadecimal digits, for an id. They say nothing of the token.
    pub fn id(&self) -> String {
        let mut id = sha256_hex([&self.0, "/id"].concat().as_bytes());
        id.truncate(32);
        id
    }
}
