//! What every record that a test stores must be: one whose secrets can all be sealed again with another key.

use embark_onboarding::crypto::Keyring;
use embark_onboarding::resources::key_rotation::{ResealCount, SealedContents};
use embark_onboarding::retention::Retention;
use embark_onboarding::time::UnixMillis;
use embark_onboarding::workflow::Context;
use serde::Serialize;

/// The key of every test.
pub const KEY_1: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
/// One that replaces it.
const KEY_2: &str = "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg=";

/// Seals the secrets of a copy of the record again: afterwards nothing of it needs the old key, and the new one alone opens
/// everything. `object`: the name of its object. `reseal`: seals them again.
pub fn assert_resealable<R>(
    record: &R,
    object: &str,
    reseal: impl Fn(&mut R, &Context<'_>) -> ResealCount,
) where
    R: SealedContents + Clone + Serialize,
{
    let before = serde_json::to_string(record).unwrap();
    if !before.contains("\"v1.") {
        return;
    }
    let keyring = |keys: &[(u32, &str)]| {
        let keys: Vec<_> = keys
            .iter()
            .map(|(n, key)| (*n, (*key).to_owned()))
            .collect();
        Keyring::parse(&keys).unwrap()
    };
    let both = keyring(&[(1, KEY_1), (2, KEY_2)]);
    let cx = Context {
        now: UnixMillis::default(),
        keyring: &both,
        random_bytes: &|| [5; 32],
        retention: Retention::default(),
    };
    let mut resealed = record.clone();
    let count = reseal(&mut resealed, &cx);
    assert_eq!(count.unreadable, 0, "{before}");
    let after = serde_json::to_string(&resealed).unwrap();
    assert!(!after.contains("\"v1.1."), "{before}\n{after}");
    let new = keyring(&[(2, KEY_2)]);
    resealed.visit_sealed(object, &mut |name, sealed| {
        assert!(
            sealed.as_str().is_empty() || new.open(name, sealed).is_ok(),
            "{name}"
        );
    });
    let again = reseal(&mut resealed, &cx);
    assert_eq!(again.resealed, 0, "{before}");
}
