//! What Meta's changes mean for the signups of an account and for its numbers: tables of changes, and what follows.

use crate::fake::{World, graph_error, session_ids};
use crate::readiness::check_of;
use core::time::Duration;
use embark_onboarding::crypto::Sealed;
use embark_onboarding::meta::webhook::{HistoryPart, MetaChange, parse_webhook};
use embark_onboarding::resources::phone_number::{PhoneReply, PhoneRequest};
use embark_onboarding::resources::waba::{
    AccountNews, ClaimedNumber, NewsKind, TokenOfRecord, WabaRecord, WabaRequest,
};
use embark_onboarding::signup::Signup;
use embark_onboarding::time::UnixMillis;
use embark_onboarding::transport::TransportError;
use embark_protocol::report::{CheckItem, CheckState};
use embark_protocol::{AppKey, PhoneNumberId, ProblemCode, SignupId, SignupStatus, SiteId, WabaId};
use serde_json::{Value, json};

const WABA: &str = "5000000000000001";
const PHONE: &str = "6000000000000001";
const OTHER: &str = "6000000000000002";

fn waba() -> WabaId {
    WabaId::parse(WABA).unwrap()
}

fn app() -> AppKey {
    AppKey::parse("main").unwrap()
}

fn number(id: &str, digits: &str, registers: bool) -> Option<ClaimedNumber> {
    Some(ClaimedNumber {
        id: PhoneNumberId::parse(id).unwrap(),
        digits: Some(digits.to_owned()),
        registers,
    })
}

fn claim(signup: &str, issued_s: u64, number: Option<ClaimedNumber>) -> WabaRequest {
    let at = UnixMillis::from_secs(issued_s);
    WabaRequest::Claim {
        site: SiteId::parse("acme").unwrap(),
        token: TokenOfRecord {
            app: app(),
            site: None,
            scopes: vec![],
            token: Sealed::from_stored("v1.1.x".into()),
            expires_at: None,
            signup: SignupId::parse(&signup.repeat(32)).unwrap(),
            user_id: None,
            issued_at: at,
            is_renewal: false,
            refused_at: None,
            notices_sent: 0,
        },
        at,
        number,
    }
}

/// Two numbers, connected by the signups `a` and `b`.
fn connected() -> WabaRecord {
    let mut record = WabaRecord::default();
    record.handle(&waba(), claim("a", 10, number(PHONE, "16315550101", true)));
    record.handle(&waba(), claim("b", 20, number(OTHER, "16315550102", true)));
    record.outbox.clear();
    record
}

fn change(field: &str, value: Value, at_s: u64) -> MetaChange {
    let entry = json!({"id": WABA, "time": at_s, "changes": [{"field": field, "value": value}]});
    let body = json!({"entry": [entry]}).to_string();
    let now = UnixMillis::from_secs(at_s + 1);
    let webhook = parse_webhook(&app(), body.as_bytes(), now).unwrap();
    webhook.changes.into_iter().next().unwrap().1
}

fn receive(record: &mut WabaRecord, changes: Vec<MetaChange>) {
    let now = UnixMillis::from_secs(1_000);
    record.receive(&waba(), &app(), changes, 0, now);
}

/// Who is told what, in short.
fn told(record: &WabaRecord) -> Vec<String> {
    let one = |news: &AccountNews| match news.kind {
        NewsKind::Token { refused: true } => "refused".to_owned(),
        NewsKind::Token { refused: false } => "renewed".to_owned(),
        NewsKind::Presence { offboarded: true } => "left".to_owned(),
        NewsKind::Presence { offboarded: false } => "back".to_owned(),
        NewsKind::History(HistoryPart::Progress(part)) => part.to_string(),
        NewsKind::History(HistoryPart::Declined) => "declined".to_owned(),
        NewsKind::Changed => "changed".to_owned(),
    };
    let of = |entry: &embark_onboarding::resources::waba::PendingNews| {
        [&entry.signup.as_str()[..1], " ", &one(&entry.news)].concat()
    };
    record.news.iter().map(of).collect()
}

#[test]
fn change_is_told_to_the_signups_that_it_concerns() {
    let history = |progress: u64| json!({"metadata": {"phone_number_id": PHONE}, "history": [{"metadata": {"progress": progress}}]});
    let table: Vec<(&str, Value, &[&str])> = vec![
        (
            "account_review_update",
            json!({"decision": "APPROVED"}),
            &["a changed", "b changed"],
        ),
        (
            "account_alerts",
            json!({"alert_info": {}}),
            &["a changed", "b changed"],
        ),
        (
            "account_update",
            json!({"event": "NEXT_YEAR"}),
            &["a changed", "b changed"],
        ),
        (
            "phone_number_quality_update",
            json!({"display_phone_number": "16315550102", "event": "FLAGGED"}),
            &["b changed"],
        ),
        (
            "account_update",
            json!({"event": "ACCOUNT_OFFBOARDED", "phone_number": "+1 631-555-0101"}),
            &["a left", "a changed"],
        ),
        (
            "account_update",
            json!({"event": "PARTNER_REMOVED", "phone_number": "16315550101"}),
            &["a left", "a changed"],
        ),
        (
            "account_update",
            json!({"event": "ACCOUNT_RECONNECTED"}),
            &["a back", "a changed", "b back", "b changed"],
        ),
        (
            "account_update",
            json!({"event": "PARTNER_REMOVED"}),
            &["a refused", "b refused"],
        ),
        ("history", history(55), &["a 55"]),
        ("history", history(100), &["a 100"]),
        (
            "history",
            json!({"metadata": {"phone_number_id": OTHER}, "history": [{"errors": [{"code": 2_593_109}]}]}),
            &["b declined"],
        ),
        (
            "message_template_status_update",
            json!({"event": "APPROVED", "message_template_id": 1}),
            &[],
        ),
        ("account_update", json!({"event": "AD_ACCOUNT_LINKED"}), &[]),
        ("messages", json!({"messages": [{"id": "wamid.1"}]}), &[]),
        // A number that nobody claimed.
        (
            "account_update",
            json!({"event": "ACCOUNT_OFFBOARDED", "phone_number": "16315550199"}),
            &[],
        ),
    ];
    for (field, value, want) in table {
        let mut record = connected();
        receive(&mut record, vec![change(field, value.clone(), 500)]);
        assert_eq!(told(&record), want, "{field} {value}");
    }
}

#[test]
fn news_of_one_kind_are_one_message_with_the_newest() {
    let mut record = connected();
    let part = |progress: u64, at| {
        let value = json!({"metadata": {"phone_number_id": PHONE}, "history": [{"metadata": {"progress": progress}}]});
        change("history", value, at)
    };
    receive(
        &mut record,
        vec![part(55, 500), part(20, 501), part(70, 499)],
    );
    assert_eq!(told(&record), ["a 70"]);
    let moved = |event: &str, at| {
        let value = json!({"event": event, "phone_number": "16315550101"});
        change("account_update", value, at)
    };
    let mut record = connected();
    let changes = vec![
        moved("ACCOUNT_RECONNECTED", 600),
        moved("ACCOUNT_OFFBOARDED", 500),
    ];
    receive(&mut record, changes);
    assert_eq!(told(&record), ["a back", "a changed"]);
}

#[test]
fn renewed_token_is_told_to_the_other_signups_of_the_site() {
    let mut record = connected();
    receive(
        &mut record,
        vec![change(
            "account_update",
            json!({"event": "PARTNER_REMOVED"}),
            500,
        )],
    );
    record.news.clear();
    record.handle(&waba(), claim("c", 600, number(PHONE, "16315550101", true)));
    // The signup `c` has taken the place of `a`.
    assert_eq!(told(&record), ["b renewed"]);
}

#[test]
fn name_that_is_approved_is_applied_to_numbers_that_the_service_registers() {
    let reviewed = |decision: &str, digits: &str, at| {
        let value = json!({"display_phone_number": digits, "decision": decision, "requested_verified_name": "Shrub"});
        change("phone_number_name_update", value, at)
    };
    for (decision, digits, registers, want) in [
        ("APPROVED", "16315550101", true, 1),
        ("approved", "16315550101", true, 1),
        ("REJECTED", "16315550101", true, 0),
        ("DEFERRED", "16315550101", true, 0),
        ("APPROVED", "16315550199", true, 0),
        // Another provider registers this site's numbers.
        ("APPROVED", "16315550101", false, 0),
    ] {
        let mut record = WabaRecord::default();
        record.handle(
            &waba(),
            claim("a", 10, number(PHONE, "16315550101", registers)),
        );
        receive(
            &mut record,
            vec![
                reviewed(decision, digits, 500),
                reviewed(decision, digits, 400),
            ],
        );
        assert_eq!(record.name_approvals.len(), want, "{decision} {digits}");
        for approval in record.name_approvals.clone() {
            assert_eq!(approval.at, UnixMillis::from_secs(500));
            let request = record.name_request(&waba(), &approval, UnixMillis::from_secs(600));
            assert_eq!(request.unwrap().name.as_deref(), Some("Shrub"));
        }
    }
}

#[test]
fn name_is_not_applied_with_a_refused_token() {
    let mut record = connected();
    let value = json!({"display_phone_number": "16315550101", "decision": "APPROVED"});
    receive(
        &mut record,
        vec![
            change("phone_number_name_update", value, 500),
            change("account_update", json!({"event": "PARTNER_REMOVED"}), 501),
        ],
    );
    let approval = record.name_approvals[0].clone();
    let now = UnixMillis::from_secs(600);
    assert!(record.name_request(&waba(), &approval, now).is_none());
    record.on_name_reply(&waba(), &approval, None, now);
    assert_eq!(record.name_approvals.len(), 1, "until the token is renewed");
    record.handle(&waba(), claim("c", 700, number(PHONE, "16315550101", true)));
    assert!(record.name_request(&waba(), &approval, now).is_some());
    let later = UnixMillis::from_secs(500 + 15 * 86_400);
    record.on_name_reply(&waba(), &approval, None, later);
    assert!(record.name_approvals.is_empty(), "not for ever");
}

#[test]
fn name_that_cannot_be_applied_is_an_event() {
    let failed = |code| PhoneReply::Failed {
        code,
        meta_code: Some("131031".into()),
        fbtrace_id: None,
    };
    let wait = PhoneReply::Wait {
        until: UnixMillis::from_secs(9_000),
        code: ProblemCode::RegisterBudget,
        meta_code: None,
        fbtrace_id: None,
    };
    for (reply, stays, event) in [
        (PhoneReply::Registered, false, None),
        (PhoneReply::OwnedElsewhere, false, None),
        (PhoneReply::Retry, true, None),
        (wait, true, None),
        (
            PhoneReply::NeedsPin { wrong: true },
            false,
            Some(ProblemCode::PinMismatch),
        ),
        (failed(ProblemCode::TokenInvalid), true, None),
        (
            failed(ProblemCode::MetaRefused),
            false,
            Some(ProblemCode::MetaRefused),
        ),
    ] {
        let mut record = connected();
        let value = json!({"display_phone_number": "16315550101", "decision": "APPROVED"});
        receive(
            &mut record,
            vec![change("phone_number_name_update", value, 500)],
        );
        let approval = record.name_approvals[0].clone();
        let now = UnixMillis::from_secs(600);
        record.on_name_reply(&waba(), &approval, Some(reply.clone()), now);
        assert_eq!(record.name_approvals.len(), usize::from(stays), "{reply:?}");
        let problem = record
            .outbox
            .first()
            .and_then(|event| event.problem.clone());
        assert_eq!(problem.map(|problem| problem.code), event, "{reply:?}");
    }
}

/// A connected signup, run until its report is complete.
fn run(world: &World) -> Signup {
    let signup = world.run_signup(Some(session_ids()));
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    signup
}

/// Asks the Phone object to apply a name, as the Waba object does.
fn apply_name(world: &World, key: &str) -> PhoneReply {
    let phone = PhoneNumberId::parse(PHONE).unwrap();
    let request = {
        let mut waba = world.waba.borrow_mut();
        let digits = waba.signups[0].number.clone().unwrap().digits.unwrap();
        let value = json!({"display_phone_number": digits, "decision": "APPROVED", "requested_verified_name": key});
        let at = world.now.get();
        let mut approved = change("phone_number_name_update", value, at.as_secs());
        key.clone_into(&mut approved.key);
        waba.receive(&self::waba(), &app(), vec![approved], 0, at);
        let approval = waba.name_approvals.last().unwrap().clone();
        waba.name_request(&self::waba(), &approval, at).unwrap()
    };
    let request = PhoneRequest::ApplyName(Box::new(request));
    world.ask_phone(phone, request)
}

#[test]
fn approved_name_registers_a_live_number_once_with_the_accepted_pin() {
    let world = World::new();
    run(&world);
    assert_eq!(world.count_calls("register"), 1);
    let pin = world.phone.borrow().accepted_pin.clone();
    for _ in 0..3 {
        assert_eq!(apply_name(&world, "first"), PhoneReply::Registered);
    }
    assert_eq!(world.count_calls("register"), 2);
    assert_eq!(apply_name(&world, "second"), PhoneReply::Registered);
    assert_eq!(world.count_calls("register"), 3);
    let PhoneReply::Wait { code, .. } = apply_name(&world, "third") else {
        panic!("the budget is used up")
    };
    assert_eq!(code, ProblemCode::RegisterBudget);
    assert_eq!(world.count_calls("register"), 3);
    assert_eq!(world.phone.borrow().accepted_pin, pin);
}

#[test]
fn approved_name_registers_no_number_that_is_not_ours_to_register() {
    type Change = fn(&World);
    let table: [(&str, Change, PhoneReply); 4] = [
        (
            "it stays in the app",
            |world| world.keep_number_in_business_app(),
            PhoneReply::Registered,
        ),
        (
            "it is not registered: a signup does that",
            |world| world.set_phone(json!({"status": "DISCONNECTED"})),
            PhoneReply::Registered,
        ),
        (
            "it has no accepted PIN",
            |world| world.phone.borrow_mut().accepted_pin = None,
            PhoneReply::NeedsPin { wrong: false },
        ),
        (
            "it was transferred",
            |world| {
                let owner = &mut world.phone.borrow_mut().owner;
                owner.as_mut().unwrap().site = SiteId::parse("rival").unwrap();
            },
            PhoneReply::OwnedElsewhere,
        ),
    ];
    for (name, prepare, want) in table {
        let world = World::new();
        run(&world);
        prepare(&world);
        assert_eq!(apply_name(&world, "first"), want, "{name}");
        assert_eq!(world.count_calls("register"), 1, "{name}");
    }
}

#[test]
fn registration_for_a_name_that_fails_ends_as_meta_says() {
    for (reply, want, calls) in [
        (
            graph_error(400, 133_005, None),
            PhoneReply::NeedsPin { wrong: true },
            2,
        ),
        // The outcome is not known: it is tried once more, and no further.
        (Err(TransportError::Timeout), PhoneReply::Registered, 3),
    ] {
        let world = World::new();
        run(&world);
        world.script([("register", reply)]);
        let mut last = apply_name(&world, "first");
        for _ in 0..4 {
            if last != PhoneReply::Retry && !matches!(last, PhoneReply::Busy { .. }) {
                break;
            }
            world.advance(Duration::from_mins(31));
            last = apply_name(&world, "first");
        }
        assert_eq!(last, want);
        assert_eq!(world.count_calls("register"), calls);
    }
}

#[test]
fn news_move_the_report_and_the_snapshot() {
    let world = World::new();
    let mut signup = run(&world);
    let mut hear = |kind, at: u64| {
        let at = UnixMillis::from_secs(at);
        signup.hear(&waba(), AccountNews { at, kind });
        let checks = signup.readiness_checks(world.now.get()).unwrap();
        let state = |item| check_of(&checks, item).state;
        let snapshot = world.snapshot(&signup);
        (
            snapshot.warnings,
            state(CheckItem::Token),
            state(CheckItem::Number),
        )
    };
    let ok = CheckState::Ok;
    let refused = |refused| NewsKind::Token { refused };
    let left = |offboarded| NewsKind::Presence { offboarded };
    let warned = vec!["token_refused".to_owned()];
    assert_eq!(
        hear(refused(true), 20),
        (warned.clone(), CheckState::Problem, ok)
    );
    // Late.
    assert_eq!(hear(refused(false), 10), (warned, CheckState::Problem, ok));
    assert_eq!(hear(refused(false), 30), (vec![], ok, ok));
    // A number that is not in the WhatsApp Business app does not leave for it.
    assert_eq!(hear(left(true), 20), (vec![], ok, ok));
    // News of another account.
    let other = WabaId::parse("5000000000000002").unwrap();
    let kind = refused(true);
    let at = UnixMillis::from_secs(40);
    signup.hear(&other, AccountNews { at, kind });
    assert!(world.snapshot(&signup).warnings.is_empty());
}

#[test]
fn number_of_the_app_leaves_and_returns_and_shows_its_chats() {
    let world = World::new();
    world.keep_number_in_business_app();
    let mut signup = run(&world);
    let mut hear = |kind, at: u64| {
        let at = UnixMillis::from_secs(at);
        signup.hear(&waba(), AccountNews { at, kind });
        world.snapshot(&signup)
    };
    let shown = hear(NewsKind::History(HistoryPart::Progress(55)), 20);
    assert_eq!(
        (shown.history_percent, shown.poll_after_ms),
        (Some(55), 10_000)
    );
    assert_eq!(
        hear(NewsKind::History(HistoryPart::Progress(20)), 21).history_percent,
        Some(55)
    );
    assert_eq!(
        hear(NewsKind::History(HistoryPart::Progress(100)), 22).history_percent,
        None
    );
    let shown = hear(NewsKind::Presence { offboarded: true }, 23);
    assert!(shown.connected.unwrap().offboarded);
    assert_eq!(shown.warnings, ["number_offboarded"]);
    assert_eq!(shown.status, SignupStatus::Connected);
    let shown = hear(NewsKind::Presence { offboarded: false }, 24);
    assert!(!shown.connected.unwrap().offboarded);
}

#[test]
fn what_changed_is_read_again_without_a_gap_in_the_report() {
    let world = World::new();
    let mut signup = run(&world);
    let seq = signup.seq;
    let changed = AccountNews {
        at: world.now.get(),
        kind: NewsKind::Changed,
    };
    world.set_phone(json!({"quality_rating": "RED"}));
    signup.hear(&waba(), changed);
    signup.hear(&waba(), changed);
    assert!(world.snapshot(&signup).report.is_some());
    let (phones, accounts) = (world.count_calls("phone"), world.count_calls("waba"));
    world.store(&signup);
    signup = world.run_once().unwrap();
    assert_eq!(
        world.count_calls("waba"),
        accounts,
        "it was read a moment ago"
    );
    world.advance(Duration::from_mins(1));
    signup = world.run_until_idle_from(signup);
    assert_eq!(world.count_calls("phone"), phones + 1);
    assert_eq!(world.count_calls("waba"), accounts + 1);
    assert_eq!(signup.warnings, ["quality_red"]);
    assert!(signup.seq > seq);
    // Nothing changes: the page is not told.
    let seq = signup.seq;
    signup.hear(&waba(), changed);
    world.advance(Duration::from_mins(1));
    signup = world.run_until_idle_from(signup);
    assert_eq!(signup.seq, seq);
    assert_eq!(signup.next_wake_at, None);
}

#[test]
fn page_that_polls_has_the_payment_method_read_again_for_an_hour() {
    let world = World::new();
    world.meta.borrow_mut().account = json!({"primary_funding_id": null});
    let mut signup = run(&world);
    let begun = world.now.get();
    assert_eq!(world.snapshot(&signup).poll_after_ms, 10_000);
    assert!(!signup.on_page_polled(begun), "it was read a moment ago");
    let accounts = world.count_calls("waba");
    world.advance(Duration::from_mins(2));
    assert!(signup.on_page_polled(world.now.get()));
    signup = world.run_until_idle_from(signup);
    assert_eq!(world.count_calls("waba"), accounts + 1);
    world.meta.borrow_mut().account = json!({"primary_funding_id": "8900000000000001"});
    world.advance(Duration::from_mins(2));
    assert!(signup.on_page_polled(world.now.get()));
    signup = world.run_until_idle_from(signup);
    let shown = world.snapshot(&signup);
    let left = shown.report.unwrap().checks;
    assert!(!left.iter().any(|check| check.item == CheckItem::Payment));
    assert_eq!(shown.poll_after_ms, 60_000);
    world.advance(Duration::from_mins(2));
    assert!(!signup.on_page_polled(world.now.get()), "nothing is left");
}
