//! Which addresses are endpoints, when one is probed and when it is switched off.

use super::*;

const NOW: UnixMillis = UnixMillis(1_000_000_000);

fn secret(name: &str) -> StoredSigningSecret {
    StoredSigningSecret {
        name: name.into(),
        sealed: Sealed::from_stored("v1.1.x".into()),
        until: None,
    }
}

fn endpoint() -> EventEndpoint {
    EventEndpoint::new("https://partner.example/events".into(), secret("a"), NOW).unwrap()
}

#[test]
fn only_public_https_addresses_are_endpoints() {
    for url in [
        "http://partner.example/",
        "https://localhost/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.0.0.1/",
        "https://user@partner.example/",
        "https://partner.example/#x",
        "partner.example",
        "",
    ] {
        let refused = EventEndpoint::new(url.into(), secret("a"), NOW);
        assert_eq!(refused, Err(InvalidEndpoint), "{url}");
        let mut endpoint = endpoint();
        assert_eq!(
            endpoint.set_url(url.into(), NOW),
            Err(InvalidEndpoint),
            "{url}"
        );
        assert_eq!(endpoint.url, "https://partner.example/events");
    }
}

#[test]
fn unreachable_endpoint_gets_one_probe_at_a_time_until_one_succeeds() {
    let mut endpoint = endpoint();
    for _ in 0..4 {
        endpoint.on_failure(NOW);
        assert_eq!(endpoint.admit(NOW, 2, 6), 4);
    }
    endpoint.on_failure(NOW);
    assert_eq!(endpoint.admit(NOW, 0, 6), 0);
    let minutes = |minutes| NOW + Duration::from_mins(minutes);
    assert_eq!(endpoint.waits_until(NOW), Some(minutes(1)));
    assert_eq!(endpoint.admit(minutes(1), 4, 6), 1);
    assert_eq!(endpoint.admit(minutes(1), 0, 6), 0, "one is on its way");
    endpoint.on_failure(minutes(1));
    assert_eq!(endpoint.waits_until(minutes(1)), Some(minutes(3)));
    let mut at = 3;
    for after in [4, 8, 16, 32, 60, 60] {
        assert_eq!(endpoint.admit(minutes(at), 0, 6), 1);
        endpoint.on_failure(minutes(at));
        assert_eq!(endpoint.waits_until(minutes(at)), Some(minutes(at + after)));
        at += after;
    }
    // A failure of before, by a clock that has stepped back, brings it no nearer.
    endpoint.on_failure(NOW);
    assert_eq!(endpoint.waits_until(NOW), Some(minutes(at)));
    endpoint.on_success();
    assert_eq!(endpoint.admit(minutes(3), 0, 6), 6);
    assert_eq!(endpoint.waits_until(minutes(3)), None);
    assert_eq!(endpoint.failing_since, None);
}

#[test]
fn deliveries_that_fail_together_delay_the_first_probe_by_a_minute() {
    let mut endpoint = endpoint();
    let minutes = |minutes| NOW + Duration::from_mins(minutes);
    for _ in 0..12 {
        endpoint.on_failure(NOW);
    }
    assert_eq!(endpoint.waits_until(NOW), Some(minutes(1)));
    // One that was sent before the probe says no more than that.
    assert_eq!(endpoint.admit(minutes(1), 0, 6), 1);
    endpoint.on_failure(minutes(1));
    endpoint.on_failure(minutes(1));
    assert_eq!(endpoint.waits_until(minutes(1)), Some(minutes(3)));
    let url = "https://partner.example/new";
    endpoint.set_url(url.into(), minutes(2)).unwrap();
    for _ in 0..5 {
        endpoint.on_failure(minutes(5));
    }
    assert_eq!(endpoint.waits_until(minutes(5)), Some(minutes(6)));
}

#[test]
fn unreachable_endpoint_takes_of_what_is_in_the_queue_its_probe_alone() {
    let mut endpoint = endpoint();
    let (before, end) = (NOW + LEASE, NOW + Duration::from_mins(5));
    assert!(endpoint.permits(before, end));
    for _ in 0..5 {
        endpoint.on_failure(NOW);
    }
    assert!(!endpoint.permits(before, end), "handed over before");
    let probed_at = NOW + Duration::from_mins(1);
    assert_eq!(endpoint.admit(probed_at, 0, 100), 1);
    let ticket = probed_at + LEASE;
    assert!(endpoint.permits(ticket, end));
    assert!(!endpoint.permits(ticket, end), "it has begun");
    assert_eq!(endpoint.waits_until(ticket), Some(end));
    // Lost: another one when its time is over.
    assert_eq!(endpoint.admit(end, 0, 100), 1);
    endpoint.disable(DisabledReason::Gone);
    assert!(!endpoint.permits(end + LEASE, end));
}

#[test]
fn endpoint_is_switched_off_once_after_ten_failures_in_five_days() {
    let mut endpoint = endpoint();
    let hours = |hours| NOW + Duration::from_hours(hours);
    // A quiet site: two failures in five days.
    endpoint.on_failure(NOW);
    assert!(!endpoint.on_failure(hours(120)));
    for _ in 2..9 {
        assert!(!endpoint.on_failure(hours(120)));
    }
    assert!(endpoint.on_failure(hours(121)));
    assert!(!endpoint.on_failure(hours(122)));
    assert_eq!(endpoint.disabled, Some(DisabledReason::Failing));
    assert_eq!(endpoint.admit(hours(1_000), 0, 6), 0);
    assert_eq!(endpoint.waits_until(hours(121)), None);
    let url = "https://partner.example/new";
    endpoint.set_url(url.into(), hours(123)).unwrap();
    assert_eq!(endpoint.disabled, None);
    assert_eq!(endpoint.admit(NOW, 0, 6), 6);
    assert!(endpoint.disable(DisabledReason::Gone));
    assert!(!endpoint.disable(DisabledReason::Failing));
    assert_eq!(endpoint.disabled, Some(DisabledReason::Gone));
    // Many failures within a day.
    let mut other = super::tests::endpoint();
    for _ in 0..100 {
        assert!(!other.on_failure(hours(23)));
    }
}

#[test]
fn delivery_to_an_earlier_address_says_nothing_of_this_one() {
    let first = endpoint();
    let later = NOW + Duration::from_secs(1);
    let mut moved = first.clone();
    moved
        .set_url("https://partner.example/new".into(), later)
        .unwrap();
    let mut set_again = first.clone();
    set_again.set_url(first.url.clone(), later).unwrap();
    let mut rotated = first.clone();
    rotated.rotate_secret(secret("b"), later);
    assert!(!moved.is_at(&first.address()));
    assert!(!set_again.is_at(&first.address()));
    assert!(rotated.is_at(&first.address()));
}

#[test]
fn previous_secret_signs_for_a_day() {
    let mut endpoint = endpoint();
    let names = |endpoint: &EventEndpoint, now| -> Vec<String> {
        let active = endpoint.active_secrets(now);
        active.map(|secret| secret.name.clone()).collect()
    };
    endpoint.rotate_secret(secret("b"), NOW);
    assert_eq!(names(&endpoint, NOW), ["b", "a"]);
    assert_eq!(names(&endpoint, NOW + Duration::from_hours(24)), ["b"]);
    endpoint.rotate_secret(secret("c"), NOW + Duration::from_hours(1));
    assert_eq!(names(&endpoint, NOW + Duration::from_hours(2)), ["c", "b"]);
    assert_eq!(endpoint.status(0, 0, NOW).secrets, 2);
}
