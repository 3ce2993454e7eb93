//! Claims, renewals, refusals and notices of one account.

use super::*;
use crate::crypto::Sealed;
use crate::resources::kv_copies::{CopyTask, PendingCopies};

fn day(number: u64) -> UnixMillis {
    UnixMillis(number * DAY)
}

const DAY: u64 = 24 * 3_600_000;

fn id() -> WabaId {
    WabaId::parse("5000000000000001").unwrap()
}

fn claim(signup: &str, site: &str) -> WabaRequest {
    let token = TokenOfRecord {
        app: AppKey::parse("main").unwrap(),
        site: None,
        scopes: vec!["management".into()],
        token: Sealed::from_stored("v1.1.x".into()),
        expires_at: Some(100 * DAY / 1_000),
        signup: SignupId::parse(&signup.repeat(32)).unwrap(),
        user_id: None,
        issued_at: UnixMillis(if signup == "a" { 1 } else { 2 }),
        is_renewal: false,
        refused_at: None,
        notices_sent: 0,
    };
    WabaRequest::Claim {
        site: SiteId::parse(site).unwrap(),
        token,
        at: UnixMillis(0),
        number: None,
    }
}

fn names(waba: &WabaRecord) -> Vec<&str> {
    waba.outbox
        .iter()
        .map(|event| event.name.as_str())
        .collect()
}

#[test]
fn second_signup_of_the_same_site_renews() {
    let mut waba = WabaRecord::default();
    assert_eq!(
        waba.handle(&id(), claim("a", "acme")),
        WabaReply::Claimed { renewed: false }
    );
    assert_eq!(
        waba.handle(&id(), claim("a", "acme")),
        WabaReply::Claimed { renewed: false }
    );
    assert_eq!(
        waba.handle(&id(), claim("b", "acme")),
        WabaReply::Claimed { renewed: true }
    );
    assert_eq!(names(&waba), ["token.renewed"]);
    // The event is delivered, then the claim is repeated because its reply was lost.
    waba.outbox.clear();
    assert_eq!(
        waba.handle(&id(), claim("b", "acme")),
        WabaReply::Claimed { renewed: true }
    );
    assert_eq!(waba.tokens.len(), 1);
}

#[test]
fn older_token_does_not_replace_a_newer_one() {
    let mut waba = WabaRecord::default();
    waba.handle(&id(), claim("b", "acme"));
    waba.handle(&id(), claim("a", "acme"));
    assert_eq!(waba.tokens[0].signup.as_str(), "b".repeat(32));
}

#[test]
fn claim_of_second_site_keeps_first_token_and_notifies_owner() {
    let mut waba = WabaRecord::default();
    waba.handle(&id(), claim("a", "acme"));
    waba.handle(&id(), claim("b", "rival"));
    let signup_of = |site: &str| {
        let app = AppKey::parse("main").unwrap();
        let token = waba.token_of_site(&app, &SiteId::parse(site).unwrap());
        token.unwrap().signup.as_str().chars().next()
    };
    assert_eq!(
        (signup_of("acme"), signup_of("rival")),
        (Some('a'), Some('b'))
    );
    let event_sites: Vec<_> = waba
        .outbox
        .iter()
        .map(|event| event.site.as_str())
        .collect();
    assert_eq!(
        (names(&waba), event_sites),
        (vec!["account.owner_added"], vec!["acme"])
    );
}

#[test]
fn valid_token_is_not_replaced_by_one_with_fewer_scopes() {
    for (at_day, kept) in [(50, true), (101, false)] {
        let mut waba = WabaRecord::default();
        let mut both = claim("a", "acme");
        if let WabaRequest::Claim { token, .. } = &mut both {
            token.scopes.push("messaging".into());
        }
        waba.handle(&id(), both);
        let mut fewer = claim("b", "acme");
        if let WabaRequest::Claim { at, .. } = &mut fewer {
            *at = day(at_day);
        }
        for _ in 0..2 {
            waba.handle(&id(), fewer.clone());
        }
        let kept_signup = if kept { "a" } else { "b" };
        assert_eq!(
            waba.tokens[0].signup.as_str(),
            kept_signup.repeat(32),
            "{at_day}"
        );
        let event = if kept { "token.kept" } else { "token.renewed" };
        assert_eq!(names(&waba), [event], "{at_day}");
    }
}

#[test]
fn pending_copy_is_token_with_most_scopes() {
    let mut waba = WabaRecord::default();
    let mut both = claim("a", "acme");
    if let WabaRequest::Claim { token, .. } = &mut both {
        token.scopes.push("messaging".into());
        token.token = Sealed::from_stored("v1.1.both".into());
    }
    waba.handle(&id(), both);
    waba.handle(&id(), claim("b", "rival"));
    let Some(CopyTask::Put(copy, value)) = waba.pending_copies.next_task(day(0)) else {
        panic!("a copy is pending")
    };
    assert_eq!(copy.key, "token/main/5000000000000001");
    assert_eq!(value, "v1.1.both");
}

#[test]
fn token_stored_without_its_site_is_renewed_by_an_owner() {
    let mut waba = WabaRecord::default();
    waba.handle(&id(), claim("a", "acme"));
    waba.tokens[0].site = None;
    let renewed = waba.handle(&id(), claim("b", "acme"));
    assert_eq!(renewed, WabaReply::Claimed { renewed: true });
    assert_eq!(waba.tokens.len(), 1);
}

#[test]
fn expiry_notices_are_enqueued_14_and_3_days_before_and_once() {
    let mut waba = WabaRecord::default();
    waba.handle(&id(), claim("a", "acme"));
    waba.pending_copies = PendingCopies::default();
    assert_eq!(waba.next_wake_at(day(0)), Some(day(86)));
    for (number, count) in [(85, 0), (86, 1), (90, 1), (97, 2), (99, 2), (101, 2)] {
        waba.enqueue_expiry_notices(&id(), day(number));
        assert_eq!(names(&waba), vec!["token.expiring"; count], "day {number}");
    }
    waba.outbox.clear();
    assert_eq!(waba.next_wake_at(day(101)), None);
}

#[test]
fn refused_token_is_enqueued_once_and_another_one_is_preferred() {
    let mut waba = WabaRecord::default();
    waba.handle(&id(), claim("a", "acme"));
    waba.handle(&id(), claim("b", "rival"));
    waba.outbox.clear();
    let app = AppKey::parse("main").unwrap();
    let refused = WabaRequest::TokenRefused {
        app: app.clone(),
        at: UnixMillis(5),
        signup: SignupId::parse(&"b".repeat(32)).ok(),
    };
    for _ in 0..3 {
        waba.handle(&id(), refused.clone());
    }
    assert_eq!(names(&waba), ["token.refused"]);
    assert_eq!(waba.outbox[0].site.as_str(), "rival");
    let token = waba.token_of(&app, day(1)).unwrap();
    assert_eq!(token.signup.as_str(), "a".repeat(32));
}

#[test]
fn refused_token_is_replaced_by_one_with_fewer_scopes() {
    let mut waba = WabaRecord::default();
    let mut both = claim("a", "acme");
    if let WabaRequest::Claim { token, .. } = &mut both {
        token.scopes.push("messaging".into());
    }
    waba.handle(&id(), both);
    let app = AppKey::parse("main").unwrap();
    let at = day(1);
    waba.handle(
        &id(),
        WabaRequest::TokenRefused {
            app,
            at,
            signup: None,
        },
    );
    waba.handle(&id(), claim("b", "acme"));
    assert_eq!(waba.tokens[0].signup.as_str(), "b".repeat(32));
    assert_eq!(names(&waba), ["token.refused", "token.renewed"]);
}

#[test]
fn signup_of_a_site_is_found_whoever_claimed_last() {
    let mut waba = WabaRecord::default();
    waba.handle(&id(), claim("a", "acme"));
    waba.handle(&id(), claim("b", "rival"));
    for (site, signup) in [("acme", Some("a")), ("rival", Some("b")), ("third", None)] {
        let request = WabaRequest::Signup {
            app: AppKey::parse("main").unwrap(),
            site: SiteId::parse(site).ok(),
        };
        let WabaReply::Signup { signup: found } = waba.handle(&id(), request) else {
            panic!("{site}");
        };
        let found = found.map(|signup| signup.to_string());
        assert_eq!(found, signup.map(|digit| digit.repeat(32)), "{site}");
    }
}
