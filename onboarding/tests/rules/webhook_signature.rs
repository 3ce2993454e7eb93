//! Who sent a webhook: its signature, and the handshake for a callback URL.

use embark_onboarding::crypto::{Secret, hex, hmac_sha256};
use embark_onboarding::meta::webhook::{Handshake, Signature, SignatureError};

const SECRET: &str = "test_app_secret";
/// Bodies, and the digits of their signatures.
const VECTORS: [(&str, &str); 2] = [
    (
        r#"{"object":"whatsapp_business_account","entry":[]}"#,
        "dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756",
    ),
    (
        r#"{"object": "whatsapp_business_account", "entry": []}"#,
        "56cbbaf4961c6cfdae48b7f116c047e5eb513d2c931baae63a2bc1afd26f803a",
    ),
];

fn secrets(texts: &[&str]) -> Vec<Secret> {
    let secret = |text: &&str| Secret::new((*text).to_owned());
    texts.iter().map(secret).collect()
}

fn verify(header: &str, body: &[u8], known: &[&str]) -> Result<(), SignatureError> {
    Signature::parse(Some(header))?.verify(body, &secrets(known))
}

#[test]
fn signature_of_meta_is_accepted_by_current_and_previous_secret() {
    for (body, digits) in VECTORS {
        for digits in [digits.to_owned(), digits.to_uppercase()] {
            let header = format!("sha256={digits}");
            let body = body.as_bytes();
            for known in [&[SECRET][..], &["new", SECRET], &[SECRET, "old"]] {
                assert_eq!(verify(&header, body, known), Ok(()), "{known:?}");
            }
            for known in [&[][..], &["other"], &["test_app_secret "]] {
                let refused = verify(&header, body, known);
                assert_eq!(refused, Err(SignatureError::Mismatch), "{known:?}");
            }
        }
    }
}

#[test]
fn signature_or_body_with_any_flipped_bit_is_refused() {
    for (body, digits) in VECTORS {
        let mac = hmac_sha256(SECRET.as_bytes(), body.as_bytes());
        assert_eq!(hex(&mac), digits);
        for bit in 0..mac.len() * 8 {
            let mut flipped = mac;
            flipped[bit / 8] ^= 1 << (bit % 8);
            let header = format!("sha256={}", hex(&flipped));
            let refused = verify(&header, body.as_bytes(), &[SECRET, "old"]);
            assert_eq!(refused, Err(SignatureError::Mismatch), "bit {bit}");
        }
        for bit in 0..body.len() * 8 {
            let mut flipped = body.as_bytes().to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let refused = verify(&format!("sha256={digits}"), &flipped, &[SECRET, "old"]);
            assert_eq!(refused, Err(SignatureError::Mismatch), "bit {bit}");
        }
    }
}

#[test]
fn signature_header_of_any_other_form_is_refused() {
    let digits = VECTORS[0].1;
    assert_eq!(Signature::parse(None), Err(SignatureError::Missing));
    for header in [
        String::new(),
        digits.to_owned(),
        format!("sha1={digits}"),
        format!("SHA256={digits}"),
        format!("sha256={}", &digits[1..]),
        format!("sha256={digits}0"),
        format!("sha256={digits}00"),
        format!("sha256= {digits}"),
        format!("sha256={digits} "),
        format!("sha256={}g", &digits[1..]),
        format!("sha256=0x{}", &digits[2..]),
        format!("sha256={}é", &digits[2..]),
        "sha256=".to_owned(),
        // Two headers.
        format!("sha256={digits}, sha256={digits}"),
        format!("sha256={digits},sha256={digits}"),
    ] {
        let refused = Signature::parse(Some(&header));
        assert_eq!(refused, Err(SignatureError::Malformed), "{header}");
    }
}

#[test]
fn handshake_returns_challenge_for_the_token_only() {
    let longest = "a".repeat(128);
    let too_long = "a".repeat(129);
    for (mode, token, challenge, accepted) in [
        ("subscribe", "t0ken", "1158201444", true),
        ("subscribe", "t0ken", "a-B_9", true),
        ("subscribe", "t0ken", &*longest, true),
        ("subscribe", "t0ken", &*too_long, false),
        ("subscribe", "t0ken", "", false),
        ("subscribe", "t0ken", "<script>", false),
        ("subscribe", "t0ken", "1 2", false),
        ("subscribe", "t0ken", "é", false),
        ("subscribe", "t0ke", "1", false),
        ("subscribe", "t0ken1", "1", false),
        ("subscribe", "", "1", false),
        ("unsubscribe", "t0ken", "1", false),
        ("", "t0ken", "1", false),
    ] {
        let handshake = || Handshake {
            mode: Some(mode.to_owned()),
            verify_token: Some(Secret::new(token.to_owned())),
            challenge: Some(challenge.to_owned()),
        };
        let expected = Secret::new("t0ken".to_owned());
        let answer = handshake().challenge(Some(&expected));
        assert_eq!(
            answer.as_deref(),
            accepted.then_some(challenge),
            "{challenge}"
        );
        assert_eq!(handshake().challenge(None), None, "no token was created");
    }
    let expected = Secret::new(String::new());
    assert_eq!(Handshake::default().challenge(Some(&expected)), None);
}
