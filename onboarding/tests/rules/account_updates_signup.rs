//! What a connected signup and its number make of updates: reports, snapshots, and the registration for an approved name.

use crate::account_updates::{PHONE, app, change, waba};
use crate::fake::{World, graph_error, session_ids};
use crate::readiness::check_of;
use core::time::Duration;
use embark_onboarding::meta::webhook::HistoryPart;
use embark_onboarding::resources::phone_number::{PhoneReply, PhoneRequest};
use embark_onboarding::resources::waba::{AccountUpdate, AccountUpdateKind};
use embark_onboarding::signup::Signup;
use embark_onboarding::time::UnixMillis;
use embark_onboarding::transport::TransportError;
use embark_protocol::report::{CheckItem, CheckState};
use embark_protocol::{PhoneNumberId, ProblemCode, SignupStatus, SiteId, WabaId};
use serde_json::json;

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
        waba.receive(&self::waba(), &app(), vec![approved], &[], 0, at);
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
    let unavailable = PhoneReply::Failed {
        code: ProblemCode::MetaUnavailable,
        meta_code: None,
        fbtrace_id: None,
    };
    for (replies, want, calls) in [
        (
            vec![graph_error(400, 133_005, None)],
            PhoneReply::NeedsPin { wrong: true },
            2,
        ),
        // The outcome is not known: it is tried once more, and no further.
        (
            vec![Err(TransportError::Timeout)],
            PhoneReply::Registered,
            3,
        ),
        (vec![Err(TransportError::Timeout); 2], unavailable, 3),
    ] {
        let world = World::new();
        run(&world);
        world.script(replies.into_iter().map(|reply| ("register", reply)));
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
        // Whoever did not get the reply gets it again.
        assert_eq!(apply_name(&world, "first"), want);
        assert_eq!(world.count_calls("register"), calls);
    }
}

#[test]
fn approved_name_is_applied_once_the_token_that_meta_refused_is_renewed() {
    let world = World::new();
    run(&world);
    world.script([("register", graph_error(401, 190, None))]);
    let refused = apply_name(&world, "first");
    let is_token = |reply: &PhoneReply| matches!(reply, PhoneReply::Failed { code, .. } if *code == ProblemCode::TokenInvalid);
    assert!(is_token(&refused), "{refused:?}");
    assert_eq!(apply_name(&world, "first"), PhoneReply::Registered);
    assert_eq!(world.count_calls("register"), 3);
}

#[test]
fn updates_move_the_report_and_the_snapshot() {
    let world = World::new();
    let mut signup = run(&world);
    let mut update = |kind, at: u64| {
        let at = UnixMillis::from_secs(at);
        signup.on_account_update(&waba(), AccountUpdate { at, kind });
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
    let refused = |refused| AccountUpdateKind::Token { refused };
    let left = |offboarded| AccountUpdateKind::Presence { offboarded };
    let warned = vec!["token_refused".to_owned()];
    assert_eq!(
        update(refused(true), 20),
        (warned.clone(), CheckState::Problem, ok)
    );
    // Late.
    assert_eq!(
        update(refused(false), 10),
        (warned, CheckState::Problem, ok)
    );
    assert_eq!(update(refused(false), 30), (vec![], ok, ok));
    // A number that is not in the WhatsApp Business app does not leave for it.
    assert_eq!(update(left(true), 20), (vec![], ok, ok));
    // News of another account.
    let other = WabaId::parse("5000000000000002").unwrap();
    let kind = refused(true);
    let at = UnixMillis::from_secs(40);
    signup.on_account_update(&other, AccountUpdate { at, kind });
    assert!(world.snapshot(&signup).warnings.is_empty());
}

#[test]
fn number_of_the_app_leaves_and_returns_and_shows_its_chats() {
    let world = World::new();
    world.keep_number_in_business_app();
    let mut signup = run(&world);
    let mut update = |kind, at: u64| {
        let at = UnixMillis::from_secs(at);
        signup.on_account_update(&waba(), AccountUpdate { at, kind });
        world.snapshot(&signup)
    };
    let shown = update(AccountUpdateKind::History(HistoryPart::Progress(55)), 20);
    assert_eq!(
        (shown.history_percent, shown.poll_after_ms),
        (Some(55), 10_000)
    );
    assert_eq!(
        update(AccountUpdateKind::History(HistoryPart::Progress(20)), 21).history_percent,
        Some(55)
    );
    assert_eq!(
        update(AccountUpdateKind::History(HistoryPart::Progress(100)), 22).history_percent,
        None
    );
    let shown = update(AccountUpdateKind::Presence { offboarded: true }, 23);
    assert!(shown.connected.unwrap().offboarded);
    assert_eq!(shown.warnings, ["number_offboarded"]);
    assert_eq!(shown.status, SignupStatus::Connected);
    let shown = update(AccountUpdateKind::Presence { offboarded: false }, 24);
    assert!(!shown.connected.unwrap().offboarded);
}

#[test]
fn what_changed_is_read_again_without_a_gap_in_the_report() {
    let world = World::new();
    let mut signup = run(&world);
    let seq = signup.seq;
    let changed = AccountUpdate {
        at: world.now.get(),
        kind: AccountUpdateKind::Changed,
    };
    world.set_phone(json!({"quality_rating": "RED"}));
    signup.on_account_update(&waba(), changed);
    signup.on_account_update(&waba(), changed);
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
    signup.on_account_update(&waba(), changed);
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
