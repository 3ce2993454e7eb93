//! Random bytes of the runtime, and ids made of them.

/// Thirty-two fresh random bytes.
pub fn random_bytes() -> [u8; 32] {
    let mut bytes = [0; 32];
    // The runtime's generator does not fail. If it did, the zeros must not serve as a nonce: the call ends here.
    if getrandom::fill(&mut bytes).is_err() {
        wasm_bindgen::throw_str("no randomness");
    }
    bytes
}

/// A fresh id of a signup or an invitation: 128 random bits as 32 hexadecimal digits.
pub fn fresh_id() -> String {
    fresh_token().chars().take(32).collect()
}

/// A fresh bearer token: 256 random bits as 64 hexadecimal digits.
pub fn fresh_token() -> String {
    base16ct::lower::encode_string(&random_bytes())
}
