//! Meta's callbacks about people: who signed them, and what ends or is erased of what they granted.

use crate::end_code;
use crate::fake::{APP, WABA, World, session_ids, success};
use base64ct::{Base64UrlUnpadded, Encoding};
use embark_onboarding::crypto::{Sealed, Secret, hmac_sha256};
use embark_onboarding::meta::signed_request::{SignedRequest, SignedRequestError, SignedUser};
use embark_onboarding::resources::kv_copies::CopyTask;
use embark_onboarding::resources::phone_number::{PhoneOwner, PhoneRecord, PhoneReply};
use embark_onboarding::resources::users::Withdrawal;
use embark_onboarding::resources::waba::{TokenOfRecord, WabaRecord, WabaRequest};
use embark_onboarding::signup::state::OutboxMessage;
use embark_onboarding::signup::{End, Signup, Stage};
use embark_onboarding::time::UnixMillis;
use embark_protocol::{AppKey, ProblemCode, SignupId, SiteId, WabaId};
use serde_json::{Value, json};

const SECRET: &str = "test_app_secret";
const NOW: UnixMillis = UnixMillis(1_790_000_000_500);

fn signed_with(secret: &str, payload: &str) -> String {
    let payload = Base64UrlUnpadded::encode_string(payload.as_bytes());
    let mac = hmac_sha256(secret.as_bytes(), payload.as_bytes());
    format!("{}.{payload}", Base64UrlUnpadded::encode_string(&mac))
}

fn form(signed: &str) -> Vec<u8> {
    format!("signed_request={signed}").into_bytes()
}

fn read(body: &[u8], known: &[&str]) -> Result<SignedUser, SignedRequestError> {
    let secrets: Vec<Secret> = known
        .iter()
        .map(|text| Secret::new((*text).into()))
        .collect();
    let verified = SignedRequest::from_form(body)?.verify(&secrets);
    verified
        .map_err(|_| SignedRequestError::Mismatch)?
        .user(NOW)
}

fn payload() -> Value {
    json!({"algorithm": "HMAC-SHA256", "expires": 1_790_003_600, "issued_at": 1_790_000_000, "user_id": "218471"})
}

#[test]
fn signed_request_of_meta_is_read_by_current_and_previous_secret() {
    let body = form(&signed_with(SECRET, &payload().to_string()));
    for known in [&[SECRET][..], &["new", SECRET], &[SECRET, "old"]] {
        let user = read(&body, known).unwrap();
        assert_eq!(user.user_id, "218471");
        assert_eq!(user.issued_at, UnixMillis(1_790_000_000_000));
    }
    for known in [&[][..], &["other"], &["test_app_secret "]] {
        let refused = read(&body, known);
        assert_eq!(refused, Err(SignedRequestError::Mismatch), "{known:?}");
    }
    // Padding, a number beyond 2^53, and members that nobody knows.
    let mut long = payload();
    long["user_id"] = json!(9_007_199_254_740_993_u64);
    long["more"] = json!([1]);
    let padded = form(&(signed_with(SECRET, &long.to_string()).replacen('.', "=.", 1)));
    assert_eq!(
        read(&padded, &[SECRET]).unwrap().user_id,
        "9007199254740993"
    );
}

#[test]
fn signed_request_with_any_flipped_bit_is_refused() {
    let signed = signed_with(SECRET, &payload().to_string());
    for position in 0..signed.len() {
        for bit in 0..7 {
            let mut flipped = signed.clone().into_bytes();
            flipped[position] ^= 1 << bit;
            let body = [b"signed_request=".as_slice(), &flipped].concat();
            assert!(read(&body, &[SECRET]).is_err(), "byte {position} bit {bit}");
        }
    }
}

#[test]
fn signed_request_of_another_form_is_refused() {
    use SignedRequestError::{Algorithm, Doubled, IssuedAt, Malformed, Missing, NotJson, User};
    let right = signed_with(SECRET, &payload().to_string());
    let with = |field: &str, value: Value| {
        let mut payload = payload();
        payload[field] = value;
        form(&signed_with(SECRET, &payload.to_string()))
    };
    let text = |payload: &str| form(&signed_with(SECRET, payload));
    let doubled = format!("signed_request={right}&signed_request={right}");
    for (body, want) in [
        (vec![], Missing),
        (b"other=1".to_vec(), Missing),
        (b"\xff\xfe=".to_vec(), Missing),
        (doubled.into_bytes(), Doubled),
        (form(""), Malformed),
        (form("no-dot"), Malformed),
        (form("AAAA.AAAA"), Malformed),
        (
            form(&right.replace('.', "..")),
            SignedRequestError::Mismatch,
        ),
        (text(""), Malformed),
        (text("no JSON"), NotJson),
        (text("[]"), NotJson),
        (text("7"), NotJson),
        (text("{\"algorithm\":"), NotJson),
        (with("algorithm", json!("none")), Algorithm),
        (with("algorithm", json!("HMAC-SHA1")), Algorithm),
        (with("algorithm", Value::Null), Algorithm),
        (with("user_id", Value::Null), User),
        (with("user_id", json!("")), User),
        (with("user_id", json!("7; DROP")), User),
        (with("issued_at", Value::Null), IssuedAt),
        (with("issued_at", json!(1_790_003_600)), IssuedAt),
        (with("issued_at", json!(1_780_000_000)), IssuedAt),
        (with("issued_at", json!(u64::MAX)), IssuedAt),
    ] {
        let shown = String::from_utf8_lossy(&body).into_owned();
        assert_eq!(read(&body, &[SECRET]), Err(want), "{shown}");
    }
}

#[test]
fn code_is_the_same_for_the_same_request_and_purpose_only() {
    let code = |secret: &str, purpose: &str| {
        let body = form(&signed_with(secret, &payload().to_string()));
        let request = SignedRequest::from_form(&body).unwrap();
        let verified = request.verify(&[Secret::new(secret.into())]).unwrap();
        verified.code(purpose)
    };
    let first = code(SECRET, "main/delete");
    assert_eq!(first.len(), 32);
    assert_eq!(code(SECRET, "main/delete"), first);
    for (secret, purpose) in [
        (SECRET, "main/deauthorize"),
        (SECRET, "other/delete"),
        ("x", "main/delete"),
    ] {
        assert_ne!(code(secret, purpose), first, "{secret} {purpose}");
    }
}

fn signup_id(letter: &str) -> SignupId {
    SignupId::parse(&letter.repeat(32)).unwrap()
}

fn claim(letter: &str, site: &str, user: Option<&str>, issued_at: u64) -> WabaRequest {
    let site = SiteId::parse(site).unwrap();
    let token = TokenOfRecord {
        app: AppKey::parse("main").unwrap(),
        site: None,
        scopes: vec![],
        token: Sealed::from_stored(format!("v1.1.{letter}")),
        expires_at: None,
        signup: signup_id(letter),
        user_id: user.map(str::to_owned),
        issued_at: UnixMillis(issued_at),
        is_renewal: false,
        refused_at: None,
        notices_sent: 0,
    };
    let at = UnixMillis(issued_at);
    WabaRequest::Claim {
        site,
        token,
        at,
        number: None,
    }
}

fn withdrawal(letter: &str, user: &str, issued_by: u64, erase: bool) -> Withdrawal {
    Withdrawal {
        app: AppKey::parse("main").unwrap(),
        user_id: user.to_owned(),
        signup: signup_id(letter),
        issued_by: UnixMillis(issued_by),
        erase,
        at: UnixMillis(issued_by),
    }
}

#[test]
fn withdrawal_ends_the_token_of_that_person_and_no_other() {
    let id = WabaId::parse("5000000000000001").unwrap();
    for (case, withdrawal, ended) in [
        ("theirs", withdrawal("a", "1", 50, false), true),
        ("theirs, erased", withdrawal("a", "1", 50, true), true),
        ("token is newer", withdrawal("a", "1", 5, true), false),
        ("of another person", withdrawal("a", "2", 50, true), false),
        ("of another signup", withdrawal("c", "1", 50, true), false),
    ] {
        let mut waba = WabaRecord::default();
        waba.handle(&id, claim("a", "acme", Some("1"), 10));
        waba.handle(&id, claim("b", "rival", Some("2"), 20));
        waba.outbox.clear();
        for _ in 0..2 {
            waba.handle(&id, WabaRequest::Withdraw(withdrawal.clone()));
        }
        let sites: Vec<&str> = waba
            .outbox
            .iter()
            .map(|event| event.site.as_str())
            .collect();
        assert_eq!(sites, if ended { vec!["acme"] } else { vec![] }, "{case}");
        let of_first = waba
            .tokens
            .iter()
            .find(|token| token.signup == signup_id("a"));
        let is_gone = of_first.is_none();
        assert_eq!(is_gone, ended && withdrawal.erase, "{case}");
        let is_refused = of_first.is_some_and(|token| token.refused_at.is_some());
        assert_eq!(is_refused, ended && !withdrawal.erase, "{case}");
        let of_second = waba
            .tokens
            .iter()
            .find(|token| token.signup == signup_id("b"));
        assert_eq!(of_second.unwrap().refused_at, None, "{case}");
    }
}

#[test]
fn erased_token_takes_its_copy_in_kv_with_it() {
    let id = WabaId::parse("5000000000000001").unwrap();
    let erase = |claims: &[WabaRequest]| {
        let mut waba = WabaRecord::default();
        for claim in claims {
            waba.handle(&id, claim.clone());
        }
        waba.handle(&id, WabaRequest::Withdraw(withdrawal("a", "1", 50, true)));
        waba.pending_copies.next_task(UnixMillis(60))
    };
    // Stored by a version that did not keep who granted it: the signup tells.
    for user in [Some("1"), None] {
        let task = erase(&[claim("a", "acme", user, 10)]);
        assert!(matches!(task, Some(CopyTask::Delete(_))), "{task:?}");
    }
    let task = erase(&[
        claim("b", "rival", Some("2"), 5),
        claim("a", "acme", Some("1"), 10),
    ]);
    let Some(CopyTask::Put(_, value)) = task else {
        panic!("the other token is the copy: {task:?}")
    };
    assert_eq!(value, "v1.1.b");
}

#[test]
fn erased_pin_is_that_of_the_signup_that_claimed_the_number_last() {
    for (signup, erased) in [("a", true), ("b", false)] {
        let mut phone = PhoneRecord {
            accepted_pin: Some(Sealed::from_stored("v1.1.p".into())),
            candidate_pin: Some(Sealed::from_stored("v1.1.q".into())),
            ..PhoneRecord::default()
        };
        phone.claim(PhoneOwner {
            site: SiteId::parse("acme").unwrap(),
            waba: WabaId::parse("5000000000000001").unwrap(),
            signup: signup_id("a"),
        });
        assert_eq!(phone.erase_pin(&signup_id(signup)), PhoneReply::Erased);
        let left = (phone.accepted_pin.is_none(), phone.candidate_pin.is_none());
        assert_eq!(left, (erased, erased), "{signup}");
    }
}

/// A world whose tokens are this person's.
fn world_of(user: &str) -> World {
    let world = World::new();
    let info = json!({"data": {"app_id": APP, "is_valid": true, "user_id": user,
        "scopes": ["whatsapp_business_management", "whatsapp_business_messaging"],
        "granular_scopes": [{"scope": "whatsapp_business_management", "target_ids": [WABA]}]}});
    world.script([("debug_token", success(info))]);
    world
}

#[test]
fn person_who_granted_a_token_is_reported_once_with_account_and_number() {
    let world = world_of("218471");
    let mut signup = world.with_code("code-1", Some(session_ids()));
    let mut reported = vec![];
    for _ in 0..20 {
        let Some(next) = world.run_once() else { break };
        signup = next;
        for entry in &signup.outbox {
            if let OutboxMessage::Granted(grant) = &entry.message {
                reported.push(grant.clone());
            }
        }
    }
    let signup = world.run_until_idle_from(signup);
    let grant = signup.steps.inspect.reported_grant.as_ref().unwrap();
    assert_eq!(grant.user_id, "218471");
    assert_eq!(grant.waba.as_ref().map(WabaId::as_str), Some(WABA));
    assert!(grant.number.is_some());
    reported.dedup();
    assert!(reported.len() <= 1, "{reported:?}");
    let token = &world.waba.borrow().tokens[0];
    assert_eq!(token.user_id.as_deref(), Some("218471"));
}

#[test]
fn erased_signup_has_nothing_sealed_and_one_under_way_ends() {
    let has_sealed = |signup: &Signup| {
        let json = serde_json::to_string(signup).unwrap();
        json.contains("\"v1.")
    };
    let world = world_of("218471");
    let connected = world.run_signup(Some(session_ids()));
    for (user, by, erased) in [
        ("9", u64::MAX, false),
        ("218471", 0, false),
        ("218471", u64::MAX, true),
    ] {
        let mut signup = connected.clone();
        let mut withdrawal = withdrawal("a", user, by, true);
        withdrawal.app = signup.app.clone();
        for _ in 0..2 {
            signup.erase_secrets(&withdrawal, UnixMillis(by));
        }
        assert_eq!(has_sealed(&signup), !erased, "{user} {by}");
        let is_connected = matches!(
            signup.stage,
            Stage::Ended {
                end: End::Connected { .. },
                ..
            }
        );
        assert!(is_connected, "what it ended with stays");
    }
    // A customer is asked for a PIN.
    let world = world_of("218471");
    world.set_phone(json!({"is_pin_enabled": true}));
    let mut signup = world.run_signup(Some(session_ids()));
    let mut withdrawal = withdrawal("a", "218471", u64::MAX, true);
    withdrawal.app = signup.app.clone();
    signup.erase_secrets(&withdrawal, signup.last_user_activity_at);
    assert_eq!(end_code(&signup), Some(ProblemCode::TokenInvalid));
    assert!(!has_sealed(&signup));
}
