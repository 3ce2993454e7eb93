//! Sites with an address of their own for messages: in which order it is set, how it is compared and taken away, and what
//! Meta's refusals lead to.

use crate::fake::{FakeMeta, World, graph_error, session_ids};
use embark_onboarding::signup::Signup;
use embark_onboarding::signup::readiness::operator_hint;
use embark_onboarding::transport::TransportError;
use embark_protocol::report::{Check, CheckItem, CheckState, NextAction};
use embark_protocol::{ProblemCode, Remedy, SignupStatus, Step};
use serde_json::json;

pub const URL: &str = "https://crm.example/w";
pub const OLD: &str = "https://old.example/w";
const FOREIGN: &str = "https://other.example/w";

/// The calls about subscription, addresses and registration, in their order.
pub fn calls(world: &World) -> Vec<&'static str> {
    let is_about = |name: &&&str| {
        matches!(**name, "subscribe" | "register")
            || (name.contains("override") && **name != "number_override")
    };
    world
        .meta
        .borrow()
        .calls
        .iter()
        .filter(is_about)
        .copied()
        .collect()
}

pub fn addresses(world: &World) -> (Option<String>, Option<String>) {
    let meta = world.meta.borrow();
    (
        meta.overrides.account.clone(),
        meta.overrides.number.clone(),
    )
}

pub fn some(url: &str) -> Option<String> {
    Some(url.to_owned())
}

fn check(world: &World, signup: &Signup) -> Option<Check> {
    let checks = signup.readiness_checks(world.now.get()).unwrap();
    checks
        .into_iter()
        .find(|check| check.item == CheckItem::MessagesOverride)
}

fn warns(world: &World, signup: &Signup) -> bool {
    let warnings = world.snapshot(signup).warnings;
    warnings
        .iter()
        .any(|word| word == "messages_override_failed")
}

pub fn apply_again(world: &World) -> Signup {
    let mut signup = world.open_stored();
    signup.apply_messages();
    world.run_until_idle_from(signup)
}

#[test]
fn address_is_set_behind_the_subscription_and_before_the_registration() {
    let world = World::new();
    world.override_messages(URL);
    let signup = world.run_signup(Some(session_ids()));
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    assert_eq!(
        calls(&world),
        ["subscribe", "set_account_override", "register"]
    );
    assert_eq!(addresses(&world), (some(URL), None));
    assert_eq!(world.snapshot(&signup).warnings, [] as [&str; 0]);
    let check = check(&world, &signup).unwrap();
    assert_eq!(
        (check.state, check.value.as_deref()),
        (CheckState::Ok, Some(URL))
    );
}

#[test]
fn site_without_an_address_makes_no_call_about_one() {
    for mode in ["none", "forward"] {
        let world = World::with_site(json!({"messages": {"mode": mode}}));
        {
            let meta = &mut *world.meta.borrow_mut();
            meta.subscribed = true;
            meta.overrides.account = some(FOREIGN);
        }
        let signup = world.run_signup(Some(session_ids()));
        assert_eq!(calls(&world), ["register"], "{mode}");
        assert_eq!(world.count_calls("number_override"), 0);
        assert_eq!(addresses(&world), (some(FOREIGN), None));
        assert_eq!(check(&world, &signup), None);
    }
}

#[test]
fn only_what_differs_is_changed_and_only_what_was_ours() {
    type Row<'a> = (
        Option<&'a str>,
        Option<&'a str>,
        &'a [&'static str],
        (Option<&'a str>, Option<&'a str>),
    );
    let rows: [Row; 10] = [
        (None, None, &["set_account_override"], (Some(URL), None)),
        (Some(URL), None, &[], (Some(URL), None)),
        (
            Some("https://CRM.example:443/w"),
            None,
            &[],
            (Some("https://CRM.example:443/w"), None),
        ),
        (
            Some(OLD),
            None,
            &["set_account_override"],
            (Some(URL), None),
        ),
        // Another site of the account: the number has the address, the account keeps its own.
        (
            Some(FOREIGN),
            None,
            &["set_number_override"],
            (Some(FOREIGN), Some(URL)),
        ),
        (Some(FOREIGN), Some(URL), &[], (Some(FOREIGN), Some(URL))),
        (
            Some(FOREIGN),
            Some(OLD),
            &["set_number_override"],
            (Some(FOREIGN), Some(URL)),
        ),
        // The number's address comes first.
        (
            Some(URL),
            Some(OLD),
            &["clear_number_override"],
            (Some(URL), None),
        ),
        (Some(URL), Some(URL), &[], (Some(URL), Some(URL))),
        (
            None,
            Some(FOREIGN),
            &["set_account_override", "clear_number_override"],
            (Some(URL), None),
        ),
    ];
    for (account, number, changes, want) in rows {
        let world = World::new();
        world.override_messages(OLD);
        world.override_messages(URL);
        {
            let meta = &mut *world.meta.borrow_mut();
            meta.subscribed = true;
            meta.overrides.account = account.map(str::to_owned);
            meta.overrides.number = number.map(str::to_owned);
        }
        let signup = world.run_signup(Some(session_ids()));
        assert_eq!(world.status(&signup), SignupStatus::Connected);
        let wanted: Vec<&str> = changes.iter().copied().chain(["register"]).collect();
        assert_eq!(calls(&world), wanted, "{account:?} {number:?}");
        let want = (want.0.map(str::to_owned), want.1.map(str::to_owned));
        assert_eq!(addresses(&world), want, "{account:?} {number:?}");
        let check = check(&world, &signup).unwrap();
        assert_eq!(check.state, CheckState::Ok, "{account:?} {number:?}");
    }
}

#[test]
fn address_that_the_site_had_is_taken_away_number_first() {
    for (account, number, changes) in [
        (
            Some(URL),
            Some(OLD),
            &["clear_number_override", "clear_account_override"] as &[&str],
        ),
        (Some(URL), None, &["clear_account_override"]),
        (Some(FOREIGN), Some(URL), &["clear_number_override"]),
        (Some(FOREIGN), Some(FOREIGN), &[]),
        (None, None, &[]),
    ] {
        let world = World::new();
        world.override_messages(OLD);
        world.override_messages(URL);
        world.put_site(json!({"messages": {"mode": "forward"}}));
        {
            let meta = &mut *world.meta.borrow_mut();
            meta.subscribed = true;
            meta.overrides.account = account.map(str::to_owned);
            meta.overrides.number = number.map(str::to_owned);
        }
        let signup = world.run_signup(Some(session_ids()));
        let mut made = calls(&world);
        made.retain(|name| *name != "register");
        assert_eq!(made, changes, "{account:?} {number:?}");
        assert!(!warns(&world, &signup));
        assert!(world.meta.borrow().subscribed);
        let kept = |url: Option<&str>| url.filter(|url| *url == FOREIGN).map(str::to_owned);
        assert_eq!(addresses(&world), (kept(account), kept(number)));
    }
}

#[test]
fn refused_address_connects_with_a_problem_of_the_operators() {
    type Setup = fn(&World, &mut FakeMeta);
    let rows: [(&str, Setup, ProblemCode, Option<&str>); 5] = [
        (
            "handshake",
            |_, meta| meta.overrides.handshake_fails = true,
            ProblemCode::OverrideRefused,
            Some("2200"),
        ),
        (
            "no verify token",
            |world, _| world.site.borrow_mut().secrets.clear(),
            ProblemCode::OverrideRefused,
            None,
        ),
        (
            "forgotten",
            |_, meta| meta.overrides.forgets = true,
            ProblemCode::OverrideRefused,
            None,
        ),
        (
            "refused",
            |_, _| {},
            ProblemCode::OverrideRefused,
            Some("100"),
        ),
        (
            "permission",
            |_, _| {},
            ProblemCode::AppMisconfigured,
            Some("10"),
        ),
    ];
    for (name, setup, code, meta_code) in rows {
        let world = World::new();
        world.override_messages(URL);
        setup(&world, &mut world.meta.borrow_mut());
        match name {
            "refused" => world.script([("set_account_override", graph_error(400, 100, None))]),
            "permission" => world.script([("set_account_override", graph_error(403, 10, None))]),
            _ => {}
        }
        let signup = world.run_signup(Some(session_ids()));
        assert_eq!(world.status(&signup), SignupStatus::Connected, "{name}");
        assert!(world.count_calls("register") == 1, "{name}");
        assert!(world.count_calls("set_account_override") <= 4, "{name}");
        let shown = world.snapshot(&signup);
        assert!(warns(&world, &signup), "{name}: {:?}", shown.warnings);
        assert!(shown.problem.is_none(), "{name}: nothing of the customer's");
        let events = world.events.borrow();
        let event = events
            .iter()
            .find(|event| event.name == "messages.override_failed");
        let problem = event.unwrap().problem.clone().unwrap();
        assert_eq!(
            (problem.code, problem.step),
            (code, Some(Step::Subscribe)),
            "{name}"
        );
        assert_eq!(problem.remedy, Remedy::Operator, "{name}");
        assert_eq!(problem.meta_code.as_deref(), meta_code, "{name}");
        let check = check(&world, &signup).unwrap();
        assert_eq!(check.state, CheckState::Problem, "{name}");
        let next = check.next_action.unwrap();
        assert_eq!(next, NextAction::SetMessagesOverride);
        assert!(!next.is_for_customer() && !operator_hint(next).is_empty());
    }
}

#[test]
fn failed_call_holds_nothing_up_and_is_repeated() {
    for name in ["number_override", "set_account_override"] {
        let world = World::new();
        world.override_messages(URL);
        let limited = || (name, graph_error(400, 80_008, None));
        world.script([
            limited(),
            limited(),
            limited(),
            limited(),
            limited(),
            limited(),
        ]);
        world.script([(name, Err(TransportError::Timeout))]);
        let signup = world.run_signup(Some(session_ids()));
        assert_eq!(world.status(&signup), SignupStatus::Connected);
        assert_eq!(addresses(&world), (some(URL), None), "{name}");
        assert!(!warns(&world, &signup), "{name}");
        let made = calls(&world);
        let registered = made.iter().position(|call| *call == "register").unwrap();
        let set = made
            .iter()
            .rposition(|call| *call == "set_account_override");
        assert!(registered < set.unwrap(), "{name}: {made:?}");
    }
}

#[test]
fn changed_settings_are_applied_to_a_connected_signup() {
    let world = World::new();
    let signup = world.run_signup(Some(session_ids()));
    assert!(
        signup.steps.callback_override.is_default(),
        "as rows of earlier versions"
    );
    world.override_messages(OLD);
    apply_again(&world);
    assert_eq!(addresses(&world), (some(OLD), None));
    world.override_messages(URL);
    apply_again(&world);
    assert_eq!(addresses(&world), (some(URL), None));
    let made = calls(&world).len();
    apply_again(&world);
    assert_eq!(calls(&world).len(), made, "nothing differs");
    world.put_site(json!({"messages": {"mode": "forward"}}));
    let signup = apply_again(&world);
    assert_eq!(addresses(&world), (None, None));
    assert!(world.meta.borrow().subscribed);
    assert_eq!(check(&world, &signup), None);
}

#[test]
fn address_that_is_mended_is_set_by_the_next_pass() {
    let world = World::new();
    world.override_messages(URL);
    world.meta.borrow_mut().overrides.handshake_fails = true;
    let signup = world.run_signup(Some(session_ids()));
    assert!(warns(&world, &signup));
    world.meta.borrow_mut().overrides.handshake_fails = false;
    let signup = apply_again(&world);
    assert!(!warns(&world, &signup));
    assert_eq!(addresses(&world), (some(URL), None));
    assert_eq!(check(&world, &signup).unwrap().state, CheckState::Ok);
}

#[test]
fn unsubscribed_app_is_subscribed_before_the_address_is_set() {
    let world = World::new();
    world.run_signup(Some(session_ids()));
    world.meta.borrow_mut().subscribed = false;
    world.override_messages(URL);
    apply_again(&world);
    let made = calls(&world);
    assert_eq!(
        made[made.len() - 2..],
        ["subscribe", "set_account_override"]
    );
    assert_eq!(addresses(&world), (some(URL), None));
}

#[test]
fn other_address_of_an_account_without_a_number_stays() {
    let world = World::new();
    world.override_messages(URL);
    {
        let meta = &mut *world.meta.borrow_mut();
        meta.subscribed = true;
        meta.phones.clear();
        meta.overrides.account = some("https://other.example/w?key=s3cret");
    }
    let mut ids = session_ids();
    ids.phone_number_id = None;
    let mut signup = world.with_code("code-1", Some(ids));
    signup.popup.event = Some("FINISH_ONLY_WABA".into());
    let signup = world.run_until_idle_from(signup);
    assert_eq!(world.status(&signup), SignupStatus::ConnectedWithoutNumber);
    assert!(warns(&world, &signup));
    let check = check(&world, &signup).unwrap();
    assert_eq!(check.state, CheckState::Problem);
    assert_eq!(check.value.as_deref(), Some(FOREIGN), "without its query");
    assert_eq!(world.count_calls("set_account_override"), 0);
}
