//! Tokens of Cloudflare Access: which are taken, and when the keys that verify them are read again.

use base64ct::{Base64UrlUnpadded, Encoding};
use embark_onboarding::auth::access::{
    AccessCerts, AccessIdentity, AccessSettings, AccessToken, AccessTokenError, CertsCache,
    CertsError, KeyLookup,
};
use embark_onboarding::crypto::hmac_sha256;
use embark_onboarding::time::UnixMillis;
use rsa::PrivateKey;
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::signature::{SignatureEncoding, Signer};
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::time::Duration;

const NOW: UnixMillis = UnixMillis::from_secs(1_764_000_000);
const TEAM_DOMAIN: &str = "partner.cloudflareaccess.com";
const AUDIENCE: &str = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";

fn team_key() -> PrivateKey {
    PrivateKey::from_pkcs8_pem(include_str!("access_team_key.pem")).unwrap()
}

fn other_key() -> PrivateKey {
    PrivateKey::from_pkcs8_pem(include_str!("access_other_key.pem")).unwrap()
}

fn settings() -> AccessSettings {
    AccessSettings::parse(Some(TEAM_DOMAIN), Some(AUDIENCE))
        .unwrap()
        .unwrap()
}

fn jwk(id: &str, key: &PrivateKey) -> Value {
    let text = |bytes: &[u8]| Base64UrlUnpadded::encode_string(bytes);
    let modulus = key.n().to_be_bytes();
    json!({"kid": id, "kty": "RSA", "use": "sig", "alg": "RS256", "e": "AQAB", "n": text(&modulus)})
}

fn certs(keys: &[Value]) -> Result<AccessCerts, CertsError> {
    let set = json!({"keys": keys, "public_cert": {"kid": "team", "cert": "-----BEGIN CERTIFICATE-----"}});
    AccessCerts::parse(set.to_string().as_bytes())
}

fn header() -> Value {
    json!({"alg": "RS256", "kid": "team", "typ": "JWT"})
}

fn claims() -> Value {
    json!({
        "aud": [AUDIENCE], "email": "Ada@partner.example", "exp": NOW.as_secs() + 600, "iat": NOW.as_secs(),
        "nbf": NOW.as_secs(), "iss": "https://partner.cloudflareaccess.com", "type": "app", "sub": "7335d417",
    })
}

/// `value` with this field changed; null removes it.
fn with(mut value: Value, name: &str, field: Value) -> Value {
    if field.is_null() {
        value.as_object_mut().unwrap().remove(name);
    } else {
        value[name] = field;
    }
    value
}

/// Header and claims as a token has them.
fn signed_part(header: &str, claims: &str) -> String {
    let part = |text: &str| Base64UrlUnpadded::encode_string(text.as_bytes());
    [part(header), part(claims)].join(".")
}

fn token_with(key: &PrivateKey, header: &Value, claims: &Value) -> String {
    let signed = signed_part(&header.to_string(), &claims.to_string());
    let signing = SigningKey::<Sha256>::new(key.clone());
    let signature = signing.sign(signed.as_bytes()).to_bytes();
    [&signed, ".", &Base64UrlUnpadded::encode_string(&signature)].concat()
}

/// What comes of a token, with the team's one key.
fn identity(token: &str) -> Result<AccessIdentity, AccessTokenError> {
    let token = AccessToken::parse(token)?;
    assert_eq!(token.key_id(), "team");
    let mut cache = CertsCache::default();
    cache.store(certs(&[jwk("team", &team_key())]).unwrap(), NOW);
    let KeyLookup::Found(key) = cache.find(token.key_id(), NOW) else {
        panic!("no key");
    };
    token.verify(&key)?.identity(&settings(), NOW)
}

#[test]
fn token_of_the_team_names_the_person_until_it_expires() {
    let found = identity(&token_with(&team_key(), &header(), &claims())).unwrap();
    assert_eq!(found.email, "ada@partner.example");
    assert_eq!(found.expires_at, NOW + Duration::from_secs(600));
}

#[test]
fn claims_decide_whether_a_token_counts_here_and_now() {
    let now = NOW.as_secs();
    for (name, value, want) in [
        ("aud", json!(AUDIENCE), Ok(())),
        ("aud", json!(["other", AUDIENCE]), Ok(())),
        ("aud", json!(["other"]), Err(AccessTokenError::Audience)),
        ("aud", json!([]), Err(AccessTokenError::Audience)),
        ("aud", json!("other"), Err(AccessTokenError::Audience)),
        ("aud", json!(7), Err(AccessTokenError::Claims)),
        ("aud", Value::Null, Err(AccessTokenError::Claims)),
        (
            "iss",
            json!("https://other.cloudflareaccess.com"),
            Err(AccessTokenError::Issuer),
        ),
        ("iss", json!(TEAM_DOMAIN), Err(AccessTokenError::Issuer)),
        ("iss", Value::Null, Err(AccessTokenError::Claims)),
        ("exp", json!(now - 59), Ok(())),
        ("exp", json!(now - 60), Err(AccessTokenError::Expired)),
        ("exp", json!(0), Err(AccessTokenError::Expired)),
        ("exp", json!(u64::MAX), Ok(())),
        ("exp", json!(-1), Err(AccessTokenError::Claims)),
        ("exp", json!("never"), Err(AccessTokenError::Claims)),
        ("exp", Value::Null, Err(AccessTokenError::Claims)),
        ("nbf", json!(now + 60), Ok(())),
        ("nbf", json!(now + 61), Err(AccessTokenError::NotYetValid)),
        ("nbf", Value::Null, Ok(())),
        ("email", Value::Null, Err(AccessTokenError::Email)),
        ("email", json!(""), Err(AccessTokenError::Email)),
        ("email", json!(["a@b"]), Err(AccessTokenError::Claims)),
        ("common_name", json!("a.access"), Ok(())),
    ] {
        let token = token_with(&team_key(), &header(), &with(claims(), name, value.clone()));
        assert_eq!(identity(&token).map(|_| ()), want, "{name} {value}");
    }
}

#[test]
fn algorithm_is_not_chosen_by_the_header() {
    for (name, value, want) in [
        ("alg", json!("none"), AccessTokenError::Algorithm),
        ("alg", json!("HS256"), AccessTokenError::Algorithm),
        ("alg", json!("RS512"), AccessTokenError::Algorithm),
        ("alg", json!("PS256"), AccessTokenError::Algorithm),
        ("alg", json!("rs256"), AccessTokenError::Algorithm),
        ("alg", Value::Null, AccessTokenError::Algorithm),
        ("alg", json!(["RS256"]), AccessTokenError::Malformed),
        ("crit", json!(["b64"]), AccessTokenError::Algorithm),
        ("kid", Value::Null, AccessTokenError::KeyId),
        ("kid", json!(""), AccessTokenError::KeyId),
        ("kid", json!(7), AccessTokenError::Malformed),
    ] {
        let token = token_with(&team_key(), &with(header(), name, value.clone()), &claims());
        assert_eq!(identity(&token), Err(want), "{name} {value}");
    }
    // The public key, which everybody knows, as the secret of an HMAC.
    let public = team_key().n().to_be_bytes();
    for algorithm in ["HS256", "RS256"] {
        let header = with(header(), "alg", json!(algorithm));
        let signed = signed_part(&header.to_string(), &claims().to_string());
        let mac = Base64UrlUnpadded::encode_string(&hmac_sha256(&public, signed.as_bytes()));
        let want = match algorithm {
            "HS256" => AccessTokenError::Algorithm,
            _ => AccessTokenError::Signature,
        };
        assert_eq!(identity(&[&signed, ".", &mac].concat()), Err(want));
    }
}

#[test]
fn token_that_the_teams_key_did_not_sign_is_refused() {
    let good = token_with(&team_key(), &header(), &claims());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (first, _) = signed.split_once('.').unwrap();
    let forged = with(claims(), "email", json!("eve@partner.example")).to_string();
    let forged = Base64UrlUnpadded::encode_string(forged.as_bytes());
    let other = token_with(&other_key(), &header(), &claims());
    for token in [
        other,
        format!("{first}.{forged}.{signature}"),
        format!("{signed}."),
        format!("{signed}.AAAA"),
        format!("{signed}.{}", Base64UrlUnpadded::encode_string(&[0; 256])),
        format!("{signed}.{}", Base64UrlUnpadded::encode_string(&[255; 600])),
    ] {
        assert_eq!(
            identity(&token),
            Err(AccessTokenError::Signature),
            "{token}"
        );
    }
}

#[test]
fn text_that_is_no_token_is_refused_unread() {
    let good = token_with(&team_key(), &header(), &claims());
    let twice = r#"{"alg": "none", "alg": "RS256", "kid": "team"}"#;
    let twice = [&signed_part(twice, &claims().to_string()), ".AAAA"].concat();
    for (text, want) in [
        (String::new(), AccessTokenError::Malformed),
        (".".to_owned(), AccessTokenError::Malformed),
        ("..".to_owned(), AccessTokenError::Malformed),
        ("a.b".to_owned(), AccessTokenError::Malformed),
        (format!("{good}.AAAA"), AccessTokenError::Malformed),
        (format!("{good}="), AccessTokenError::Malformed),
        (format!("x{good}"), AccessTokenError::Malformed),
        (format!(" {good}"), AccessTokenError::Malformed),
        (twice, AccessTokenError::Malformed),
        (
            [&signed_part("[]", "{}"), ".AAAA"].concat(),
            AccessTokenError::Malformed,
        ),
        ("a".repeat(8_193), AccessTokenError::TooLong),
        (
            format!("{good}{}", "A".repeat(8_192)),
            AccessTokenError::TooLong,
        ),
    ] {
        let found = AccessToken::parse(&text).map(|_| ());
        assert_eq!(found, Err(want), "{text:.60}");
    }
    // What is signed must be the claims of a person.
    for claims in [json!([]), json!("x"), json!({})] {
        let token = token_with(&team_key(), &header(), &claims);
        assert_eq!(identity(&token), Err(AccessTokenError::Claims), "{claims}");
    }
}

#[test]
fn list_of_keys_has_those_for_rs256_alone() {
    let good = jwk("team", &team_key());
    let short = Base64UrlUnpadded::encode_string(&[255; 128]);
    let long = Base64UrlUnpadded::encode_string(&[255; 1_024]);
    let even = Base64UrlUnpadded::encode_string(&[254; 256]);
    let without: BTreeMap<&str, Value> = BTreeMap::from([
        ("kty", json!("EC")),
        ("use", json!("enc")),
        ("alg", json!("RS512")),
        ("kid", Value::Null),
        ("n", json!(short)),
        ("e", json!("AQ")),
    ]);
    for (name, value) in without {
        let key = with(good.clone(), name, value);
        assert_eq!(
            certs(std::slice::from_ref(&key)).err(),
            Some(CertsError::NoKey),
            "{key}"
        );
        assert!(certs(&[key, good.clone()]).is_ok(), "{name}");
    }
    for modulus in [json!(""), json!(long), json!(even), json!("!"), json!(7)] {
        let key = with(good.clone(), "n", modulus);
        assert_eq!(
            certs(std::slice::from_ref(&key)).err(),
            Some(CertsError::NoKey),
            "{key}"
        );
    }
    let plain = with(with(good, "use", Value::Null), "alg", Value::Null);
    assert!(certs(&[plain]).is_ok());
    for body in ["", "[]", "{}", r#"{"keys": 7}"#, "<html>"] {
        let found = AccessCerts::parse(body.as_bytes()).err();
        assert_eq!(found, Some(CertsError::NotJson), "{body}");
    }
}

#[test]
fn keys_are_read_again_after_an_hour_and_once_a_minute_for_an_unknown_one() {
    let at = |seconds: u64| NOW + Duration::from_secs(seconds);
    let state = |cache: &CertsCache, id: &str, seconds: u64| match cache.find(id, at(seconds)) {
        KeyLookup::Found(_) => "found",
        KeyLookup::Read => "read",
        KeyLookup::Unknown => "unknown",
        KeyLookup::Unavailable => "unavailable",
    };
    let mut cache = CertsCache::default();
    assert_eq!(state(&cache, "team", 0), "read");
    cache.fail(at(0));
    for (seconds, want) in [(0, "unavailable"), (4, "unavailable"), (5, "read")] {
        assert_eq!(state(&cache, "team", seconds), want, "{seconds}");
    }
    cache.store(certs(&[jwk("team", &team_key())]).unwrap(), at(10));
    for (id, seconds, want) in [
        ("team", 10, "found"),
        ("team", 3_609, "found"),
        ("team", 3_610, "read"),
        ("new", 10, "unknown"),
        ("new", 69, "unknown"),
        ("new", 70, "read"),
    ] {
        assert_eq!(state(&cache, id, seconds), want, "{id} {seconds}");
    }
    cache.fail(at(70));
    for (id, seconds, want) in [
        ("team", 70, "found"),
        ("new", 129, "unknown"),
        ("new", 130, "read"),
        ("team", 3_610, "read"),
    ] {
        assert_eq!(state(&cache, id, seconds), want, "{id} {seconds}");
    }
}
