//! What Meta's changes mean for the signups of an account and for its numbers: tables of changes, and what follows.

use embark_onboarding::crypto::Sealed;
use embark_onboarding::meta::webhook::{HistoryPart, MetaChange, parse_webhook};
use embark_onboarding::resources::phone_number::PhoneReply;
use embark_onboarding::resources::waba::{
    AccountUpdate, AccountUpdateKind, ClaimedNumber, TokenOfRecord, WabaRecord, WabaRequest,
};
use embark_onboarding::time::UnixMillis;
use embark_protocol::{AppKey, PhoneNumberId, ProblemCode, SignupId, SiteId, WabaId};
use serde_json::{Value, json};

const WABA: &str = "5000000000000001";
pub const PHONE: &str = "6000000000000001";
const OTHER: &str = "6000000000000002";

pub fn waba() -> WabaId {
    WabaId::parse(WABA).unwrap()
}

pub fn app() -> AppKey {
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

pub fn change(field: &str, value: Value, at_s: u64) -> MetaChange {
    let entry = json!({"id": WABA, "time": at_s, "changes": [{"field": field, "value": value}]});
    let body = json!({"entry": [entry]}).to_string();
    let now = UnixMillis::from_secs(at_s + 1);
    let webhook = parse_webhook(&app(), body.as_bytes(), now).unwrap();
    webhook.changes.into_iter().next().unwrap().1
}

fn receive(record: &mut WabaRecord, changes: Vec<MetaChange>) {
    let now = UnixMillis::from_secs(1_000);
    record.receive(&waba(), &app(), changes, &[], 0, now);
}

/// The pending updates and their signups, in short.
fn pending(record: &WabaRecord) -> Vec<String> {
    let one = |update: &AccountUpdate| match update.kind {
        AccountUpdateKind::Token { refused: true } => "refused".to_owned(),
        AccountUpdateKind::Token { refused: false } => "renewed".to_owned(),
        AccountUpdateKind::Presence { offboarded: true } => "left".to_owned(),
        AccountUpdateKind::Presence { offboarded: false } => "back".to_owned(),
        AccountUpdateKind::History(HistoryPart::Progress(part)) => part.to_string(),
        AccountUpdateKind::History(HistoryPart::Declined) => "declined".to_owned(),
        AccountUpdateKind::Changed => "changed".to_owned(),
    };
    let of = |entry: &embark_onboarding::resources::waba::PendingAccountUpdate| {
        [&entry.signup.as_str()[..1], " ", &one(&entry.update)].concat()
    };
    record.account_updates.iter().map(of).collect()
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
        assert_eq!(pending(&record), want, "{field} {value}");
    }
}

#[test]
fn updates_of_one_kind_are_one_message_with_the_newest() {
    let mut record = connected();
    let part = |progress: u64, at| {
        let value = json!({"metadata": {"phone_number_id": PHONE}, "history": [{"metadata": {"progress": progress}}]});
        change("history", value, at)
    };
    receive(
        &mut record,
        vec![part(55, 500), part(20, 501), part(70, 499)],
    );
    assert_eq!(pending(&record), ["a 70"]);
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
    assert_eq!(pending(&record), ["a back", "a changed"]);
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
    record.account_updates.clear();
    record.handle(&waba(), claim("c", 600, number(PHONE, "16315550101", true)));
    // Also the one whose place it takes.
    assert_eq!(pending(&record), ["a renewed", "b renewed"]);
    assert_eq!(record.signups.len(), 2);
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
