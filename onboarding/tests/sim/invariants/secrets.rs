//! Secrets are stored sealed, and what is sealed opens under its own name.

use crate::state::world::World;
use crate::violation::{Check, ensure};
use embark_onboarding::crypto::Sealed;

/// No authorization code, token or PIN is in stored JSON in the clear. Meta's codes and tokens begin with `AQcode` and
/// `EAAtoken` here; a string of six digits is a PIN, except as one of Meta's error codes.
pub fn stored_json_has_no_secret(json: &str) -> Check {
    let bytes = json.as_bytes();
    let is_pin = |at: usize| {
        bytes.get(at + 7) == Some(&b'"')
            && bytes[at + 1..at + 7].iter().all(u8::is_ascii_digit)
            && !json[..at].ends_with(r#""meta_code":"#)
    };
    let is_secret = |(at, byte): &(usize, &u8)| match byte {
        b'E' => json[*at..].starts_with("EAAtoken"),
        b'A' => json[*at..].starts_with("AQcode"),
        b'"' => is_pin(*at),
        _ => false,
    };
    let found = bytes.iter().enumerate().find(is_secret);
    ensure(found.is_none(), "stored_json_has_no_secret", || {
        let at = found.map_or(0, |(at, _)| at);
        json.get(at..at + 8).unwrap_or_default().to_owned()
    })
}

/// A record that went through JSON is the same record.
pub fn json_loses_nothing(is_same: bool, json: &str) -> Check {
    ensure(is_same, "json_loses_nothing", || json.to_owned())
}

/// A sealed token opens under the name of the record it is stored in.
pub fn token_opens_under_its_name(world: &World, name: &str, sealed: &Sealed) -> Check {
    let token = world.keyring.open(name, sealed);
    let opens = token.is_ok_and(|token| token.expose_secret().starts_with("EAAtoken"));
    ensure(opens, "token_opens_under_its_name", || name.to_owned())
}
