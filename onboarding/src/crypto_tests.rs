//! Tests of sealing and signing.

use super::*;

pub(crate) fn keyring() -> Keyring {
    Keyring::parse(&[(1, Base64::encode_string(&[7; 32]))]).unwrap()
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

#[test]
fn sealed_record_opens_under_its_own_name_only() {
    let keyring = keyring();
    let sealed = keyring
        .seal("sealed/app/a/app_secret", &secret("s3cret"), [1; 12])
        .unwrap();
    assert_eq!(
        keyring
            .open("sealed/app/a/app_secret", &sealed)
            .unwrap()
            .expose_secret(),
        "s3cret"
    );
    assert_eq!(
        keyring
            .open("sealed/app/b/app_secret", &sealed)
            .unwrap_err(),
        SealError::NotAuthentic
    );
    assert!(!sealed.as_str().contains("s3cret"));
}

#[test]
fn sealed_record_with_any_changed_byte_does_not_open() {
    let keyring = keyring();
    let sealed = keyring.seal("n", &secret("token"), [9; 12]).unwrap();
    for at in 0..sealed.as_str().len() {
        let mut bytes = sealed.as_str().as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = Sealed(String::from_utf8(bytes).unwrap());
        assert!(keyring.open("n", &changed).is_err(), "byte {at}");
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
        assert!(keyring.open("n", &Sealed(bad.into())).is_err(), "{bad:?}");
    }
}

#[test]
fn newest_key_seals_and_older_keys_still_open() {
    let (old, new) = (
        Base64::encode_string(&[1; 32]),
        Base64::encode_string(&[2; 32]),
    );
    let before = Keyring::parse(&[(1, old.clone())]).unwrap();
    let sealed = before.seal("n", &secret("x"), [0; 12]).unwrap();
    let after = Keyring::parse(&[(2, new.clone()), (1, old)]).unwrap();
    assert_eq!(after.open("n", &sealed).unwrap().expose_secret(), "x");
    assert!(
        after
            .seal("n", &secret("x"), [0; 12])
            .unwrap()
            .as_str()
            .starts_with("v1.2.")
    );
    let without = Keyring::parse(&[(2, new)]).unwrap();
    assert_eq!(
        without.open("n", &sealed).unwrap_err(),
        SealError::UnknownKey(1)
    );
    let resealed = after.reseal("n", &sealed, || [1; 12]).unwrap().unwrap();
    assert_eq!(resealed.key_number(), Some(2));
    assert_eq!(without.open("n", &resealed).unwrap().expose_secret(), "x");
    assert_eq!(after.reseal("n", &resealed, || [2; 12]), Ok(None));
    let moved = after.reseal("other", &sealed, || [3; 12]);
    assert_eq!(moved, Err(SealError::NotAuthentic));
    assert_eq!(after.numbers(), [1, 2]);
}

#[test]
fn keyring_of_missing_or_malformed_keys_is_rejected() {
    for (keys, want) in [
        (vec![], KeyringError::Empty),
        (vec![(1, "short".to_owned())], KeyringError::NotBase64(1)),
        (
            vec![(1, Base64::encode_string(&[0; 31]))],
            KeyringError::WrongLength(1),
        ),
    ] {
        assert_eq!(Keyring::parse(&keys).err(), Some(want));
    }
}

#[test]
fn secret_debug_form_is_redacted() {
    assert_eq!(format!("{:?}", secret("EAAtoken")), "Secret(…)");
}

#[test]
fn hmac_sha256_matches_rfc_4231() {
    let tag = hmac_sha256(b"Jefe", b"what do ya want for nothing?");
    assert_eq!(
        hex(&tag),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
}
