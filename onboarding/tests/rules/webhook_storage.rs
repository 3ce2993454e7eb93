//! Meta's changes of an account, taken in once and delivered to every owner, whatever dies in between: the rules with a
//! model of the object's rows.

use embark_onboarding::crypto::Sealed;
use embark_onboarding::meta::webhook::{MetaChange, TrafficCounts, parse_webhook};
use embark_onboarding::resources::waba::{PendingEvent, TokenOfRecord, WabaRecord, WabaRequest};
use embark_onboarding::time::UnixMillis;
use embark_protocol::{AppKey, SignupId, SiteId, WabaId};
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const WABA: &str = "5000000000000001";

fn waba() -> WabaId {
    WabaId::parse(WABA).unwrap()
}

fn app() -> AppKey {
    AppKey::parse("main").unwrap()
}

fn hour(number: u64) -> UnixMillis {
    UnixMillis(number * 3_600_000)
}

fn change(field: &str, value: Value, at: UnixMillis) -> MetaChange {
    let entry =
        json!({"id": WABA, "time": at.as_secs(), "changes": [{"field": field, "value": value}]});
    let body = json!({"entry": [entry]}).to_string();
    let now = at + core::time::Duration::from_secs(1);
    let webhook = parse_webhook(&app(), body.as_bytes(), now).unwrap();
    webhook.changes.into_iter().next().unwrap().1
}

fn claim(signup: &str, site: &str, issued_at: UnixMillis) -> WabaRequest {
    WabaRequest::Claim {
        site: SiteId::parse(site).unwrap(),
        token: TokenOfRecord {
            app: app(),
            site: None,
            scopes: vec![],
            token: Sealed::from_stored("v1.1.x".into()),
            expires_at: None,
            signup: SignupId::parse(&signup.repeat(32)).unwrap(),
            user_id: None,
            issued_at,
            is_renewal: false,
            refused_at: None,
            notices_sent: 0,
        },
        at: issued_at,
        number: None,
    }
}

/// What is stored of the object, and what the sites' objects have.
#[derive(Default)]
struct Model {
    record: WabaRecord,
    seen: BTreeSet<String>,
    pending: BTreeMap<usize, PendingEvent>,
    next_number: usize,
    /// Events by site and id, and how often each arrived.
    sites: BTreeMap<(String, String), usize>,
}

/// How far the object comes.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// The object dies before its writes are durable: they are one transaction.
    Before,
    /// It dies after them, and the reply is lost.
    After,
    /// The storage refuses the write of this number.
    Write(usize),
}

impl Model {
    /// As the Waba object does. `false`: no reply.
    fn receive(&mut self, changes: &[MetaChange], now: UnixMillis, fault: Fault) -> bool {
        if fault == Fault::Before {
            return false;
        }
        let mut keys = BTreeSet::new();
        let is_unseen = |change: &&MetaChange| {
            !self.seen.contains(&change.key) && keys.insert(change.key.clone())
        };
        let unseen: Vec<MetaChange> = changes.iter().filter(is_unseen).cloned().collect();
        let mut left = match fault {
            Fault::Write(number) => number,
            _ => usize::MAX,
        };
        let mut may_write = || {
            left = left.saturating_sub(1);
            left > 0
        };
        if !may_write() {
            return false;
        }
        let keys: Vec<String> = unseen.iter().map(|change| change.key.clone()).collect();
        let pending = self.pending.len();
        let events = self
            .record
            .receive(&waba(), &app(), unseen, &[], pending, now);
        for event in events {
            if !may_write() {
                return false;
            }
            if !self.pending.values().any(|other| other.key == event.key) {
                self.next_number += 1;
                self.pending.insert(self.next_number, event);
            }
        }
        for key in keys {
            if !may_write() {
                return false;
            }
            self.seen.insert(key);
        }
        fault != Fault::After
    }

    /// As the alarm does; it dies after so many messages.
    fn deliver(&mut self, mut messages: usize) {
        if !self.record.is_owned() {
            return;
        }
        for (number, event) in self.pending.clone() {
            for event in self.record.events_of(&waba(), &event) {
                if messages == 0 {
                    return;
                }
                messages -= 1;
                let key = (event.site.to_string(), event.id.clone());
                *self.sites.entry(key).or_default() += 1;
            }
            self.pending.remove(&number);
        }
    }

    fn names(&self) -> Vec<&str> {
        self.pending
            .values()
            .map(|event| event.name.as_str())
            .collect()
    }
}

/// Changes of every second, half of them messages.
fn many(count: usize) -> Vec<MetaChange> {
    let one = |number: usize| {
        let at = UnixMillis::from_secs(3_600 + number as u64);
        match number % 4 {
            0 => change("account_review_update", json!({"decision": "APPROVED"}), at),
            1 => change("next_years_field", json!({"n": number % 7}), at),
            _ => change(
                "messages",
                json!({"messages": [{"id": format!("wamid.{number}")}]}),
                at,
            ),
        }
    };
    (0..count).map(one).collect()
}

fn shuffle<T>(random: &mut Pcg64Mcg, list: &mut [T]) {
    for at in (1..list.len()).rev() {
        list.swap(at, random.next_u64() as usize % (at + 1));
    }
}

/// Ten thousand changes, doubled, shuffled and in batches, to an object that dies. Each batch is sent until it is
/// acknowledged.
fn play(seed: u64, storage_fails: bool) -> Model {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let mut below = |bound: u64| random.next_u64() % bound;
    let changes = many(10_000);
    let mut sent: Vec<&MetaChange> = vec![];
    for change in &changes {
        for _ in 0..=below(3) {
            sent.push(change);
        }
    }
    let mut model = Model::default();
    model.record.handle(&waba(), claim("a", "acme", hour(0)));
    model.record.handle(&waba(), claim("b", "rival", hour(0)));
    model.record.outbox.clear();
    shuffle(&mut random, &mut sent);
    let mut rest = sent.as_slice();
    while !rest.is_empty() {
        let size = (1 + random.next_u64() as usize % 400).min(rest.len());
        let (batch, others) = rest.split_at(size);
        rest = others;
        let batch: Vec<MetaChange> = batch.iter().map(|&change| change.clone()).collect();
        loop {
            let fault = match random.next_u64() % 6 {
                0 => Fault::Before,
                1 => Fault::After,
                2 if storage_fails => Fault::Write(random.next_u64() as usize % 500),
                _ => Fault::None,
            };
            let stored = model.receive(&batch, hour(30), fault);
            model.deliver(random.next_u64() as usize % 300);
            if stored {
                break;
            }
        }
    }
    model.deliver(usize::MAX);
    model
}

#[test]
fn ten_thousand_shuffled_and_doubled_changes_are_delivered_once_each() {
    for (seed, storage_fails) in [(1, false), (2, false), (3, true), (4, true)] {
        let model = play(seed, storage_fails);
        assert!(model.pending.is_empty());
        for site in ["acme", "rival"] {
            let of_site = model.sites.keys().filter(|(owner, _)| owner == site);
            // Whoever tells events apart by their id has each once.
            assert_eq!(of_site.count(), 5_000, "seed {seed}");
        }
        let messages: u64 = model.record.traffic.values().map(|day| day.messages).sum();
        assert!(messages >= 5_000, "seed {seed}: {messages}");
        assert!(
            storage_fails || messages == 5_000,
            "seed {seed}: {messages}"
        );
        assert_eq!(model.seen.len(), 10_000, "seed {seed}");
    }
}

#[test]
fn events_of_an_unclaimed_account_wait_for_its_owner() {
    let mut model = Model::default();
    let added =
        json!({"event": "PARTNER_ADDED", "waba_info": {"waba_id": WABA, "solution_id": "7"}});
    let changes = [
        change("account_update", added, hour(1)),
        change(
            "account_review_update",
            json!({"decision": "PENDING"}),
            hour(1),
        ),
        change(
            "messages",
            json!({"messages": [{"id": "wamid.1"}, {"id": "wamid.2"}]}),
            hour(1),
        ),
    ];
    let due = model.record.listing_due(&changes, hour(1));
    assert_eq!(due, Some(hour(1 + 14 * 24)), "the customer is waited for");
    model.record.on_listed(due.unwrap());
    assert!(model.receive(&changes, hour(1), Fault::None));
    assert_eq!(model.record.listing_due(&changes[1..], hour(2)), None);
    let mut kept: Vec<_> = model
        .pending
        .values()
        .map(|event| event.kept_until)
        .collect();
    kept.sort();
    assert_eq!(kept, [hour(25), hour(1 + 14 * 24)]);
    model.deliver(usize::MAX);
    assert_eq!(
        model.names(),
        ["account.added", "account.reviewed"],
        "nobody owns it"
    );
    let day = model.record.traffic.values().next().copied();
    assert_eq!(day.map(|day| day.messages), Some(2));
    assert_eq!(model.record.solutions, ["7"]);
    assert!(!model.record.unlisting_due());

    model.record.handle(&waba(), claim("a", "acme", hour(3)));
    assert!(model.record.unlisting_due());
    model.deliver(usize::MAX);
    let ids: Vec<_> = model
        .sites
        .keys()
        .map(|(_, id)| id.split('/').nth(1))
        .collect();
    assert_eq!(ids, [Some("account.added"), Some("account.reviewed")]);
    assert_eq!(
        model.record.listing_due(&changes, hour(4)),
        None,
        "it is owned"
    );
}

#[test]
fn unclaimed_account_keeps_no_more_than_a_thousand_events() {
    let mut model = Model::default();
    let changes = many(4_400);
    for batch in changes.chunks(300) {
        assert!(model.receive(batch, hour(30), Fault::None));
    }
    assert_eq!(model.pending.len(), 1_000);
    assert_eq!(model.seen.len(), 4_400);
}

#[test]
fn removal_marks_the_tokens_that_the_app_had_then() {
    let removed = |number: Option<&str>, at| {
        let value = json!({"event": "PARTNER_REMOVED", "phone_number": number});
        change("account_update", value, at)
    };
    for (issued, number, at, refused) in [
        (hour(1), None, hour(2), true),
        // A number alone was disconnected.
        (hour(1), Some("16315550101"), hour(2), false),
        // The webhook comes late: the customer has connected again.
        (hour(3), None, hour(2), false),
        // In the same second.
        (
            hour(2) + core::time::Duration::from_millis(999),
            None,
            hour(2),
            true,
        ),
    ] {
        let mut model = Model::default();
        model.record.handle(&waba(), claim("a", "acme", issued));
        for _ in 0..2 {
            assert!(model.receive(&[removed(number, at)], hour(4), Fault::None));
        }
        assert_eq!(model.names(), ["account.removed"]);
        let names: Vec<_> = model
            .record
            .outbox
            .iter()
            .map(|event| event.name.as_str())
            .collect();
        let want: &[&str] = if refused { &["token.revoked"] } else { &[] };
        assert_eq!(names, want, "{issued:?} {number:?}");
        assert_eq!(model.record.tokens[0].refused_at.is_some(), refused);
    }
}

#[test]
fn removal_of_another_app_concerns_neither_token_nor_its_site() {
    let mut model = Model::default();
    model.record.handle(&waba(), claim("a", "acme", hour(1)));
    let mut other = claim("b", "rival", hour(1));
    let other_app = AppKey::parse("other").unwrap();
    if let WabaRequest::Claim { token, .. } = &mut other {
        token.app = other_app.clone();
    }
    model.record.handle(&waba(), other);
    model.record.outbox.clear();
    let removed = change(
        "account_update",
        json!({"event": "PARTNER_REMOVED"}),
        hour(2),
    );
    let events = model
        .record
        .receive(&waba(), &other_app, vec![removed], &[], 0, hour(3));
    let sites: Vec<_> = model
        .record
        .events_of(&waba(), &events[0])
        .into_iter()
        .map(|event| event.site.to_string())
        .collect();
    assert_eq!(sites, ["rival"]);
    assert_eq!(model.record.outbox.len(), 1);
    assert!(model.record.tokens[0].refused_at.is_none());
}

#[test]
fn traffic_of_the_last_weeks_is_counted_by_the_day() {
    let mut record = WabaRecord::default();
    for day in 0..60 {
        let now = hour(day * 24);
        let message = |number| {
            let id = format!("wamid.{day}.{number}");
            change(
                "messages",
                json!({"statuses": [{"id": id, "status": "sent"}]}),
                now,
            )
        };
        record.receive(&waba(), &app(), vec![message(1), message(2)], &[], 0, now);
    }
    assert_eq!(record.traffic.len(), 35);
    let statuses = TrafficCounts {
        statuses: 2,
        ..TrafficCounts::default()
    };
    assert_eq!(record.traffic.get(&59), Some(&statuses));
    assert_eq!(record.traffic.get(&24), None);
}
