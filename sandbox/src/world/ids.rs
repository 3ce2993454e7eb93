//! Ids, digests of secrets, and random or repeatable text.

use rand::Rng;
use sha2::{Digest, Sha256};

/// Leading digit of the ids of each kind.
#[derive(Debug, Clone, Copy)]
pub enum IdKind {
    /// Ad accounts, pages and other assets that are no part of the world.
    ExtraAsset = 2,
    Business = 4,
    Waba = 5,
    Phone = 6,
    User = 8,
    /// Allocations of a credit line, and their receiving credentials.
    Allocation = 9,
}

impl IdKind {
    /// A Meta-like id of sixteen digits: the kind's digit, then 1, then `count`.
    pub fn id(self, count: u64) -> String {
        (self as u64 * 1_000_000_000_000_000 + 100_000_000_000_000 + count).to_string()
    }
}

/// First 8 hex digits of SHA-256: how the log and the world name a secret.
pub fn digest(secret: &str) -> String {
    base16ct::lower::encode_string(&Sha256::digest(secret.as_bytes())[..4])
}

/// The digits of a phone number as people write it, which identify the number.
pub fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

/// `len` random ASCII letters and digits.
pub fn random_alphanumeric(len: usize) -> String {
    rand::rng()
        .sample_iter(rand::distr::Alphanumeric)
        .take(len)
        .map(char::from)
        .collect()
}

/// The verification code in the `nth` message to `recipient` (a number's id, or a dialog's): six digits, the same for
/// the same arguments.
pub fn verification_code(recipient: &str, nth: u32) -> String {
    let hash = Sha256::digest(format!("{recipient}:{nth}").as_bytes());
    let number = hash
        .iter()
        .take(4)
        .fold(0u32, |sum, byte| (sum << 8) | u32::from(*byte));
    format!("{:06}", number % 1_000_000)
}
