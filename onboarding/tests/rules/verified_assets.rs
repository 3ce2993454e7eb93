//! What the token must prove about account and number, whose the number is, and when it is not registered.

use crate::end_code;
use crate::fake::{APP, WABA, World, phone_number, session_ids, success};
use embark_protocol::requests::SessionInfoIds;
use embark_protocol::{ProblemCode, SignupStatus, SiteId, WabaId};
use serde_json::json;

#[test]
fn token_without_proof_ends_before_anything_is_claimed() {
    let foreign_token = |world: &World| {
        let info = json!({"data": {"app_id": "9", "is_valid": true, "scopes": []}});
        world.script([("debug_token", success(info))]);
    };
    let invalid_token = |world: &World| {
        let info = json!({"data": {"app_id": APP, "is_valid": false}});
        world.script([("debug_token", success(info))]);
    };
    let missing_scope =
        |world: &World| world.meta.borrow_mut().scopes = vec!["whatsapp_business_management"];
    let foreign_account = |world: &World| world.meta.borrow_mut().wabas = vec!["5000000000000009"];
    let foreign_number =
        |world: &World| world.meta.borrow_mut().phones = vec![phone_number("6000000000000009")];
    type Case<'a> = (&'a dyn Fn(&World), ProblemCode);
    let cases: [Case<'_>; 5] = [
        (&foreign_token, ProblemCode::TokenForeign),
        (&invalid_token, ProblemCode::TokenInvalid),
        (&missing_scope, ProblemCode::ScopeMissing),
        (&foreign_account, ProblemCode::WabaUnreachable),
        (&foreign_number, ProblemCode::PhoneNotInWaba),
    ];
    for (arrange, expected) in cases {
        let world = World::new();
        arrange(&world);
        let signup = world.run_signup(Some(session_ids()));
        assert_eq!(end_code(&signup), Some(expected));
        let changes = world.count_calls("register") + world.count_calls("subscribe");
        assert_eq!(changes, 0, "{expected:?}: changes at Meta");
        let owner = &world.phone.borrow().owner;
        assert!(owner.is_none(), "{expected:?}: the number is claimed");
    }
}

#[test]
fn number_of_another_site_is_refused_and_unchanged() {
    let world = World::new();
    world.run_signup(Some(session_ids()));
    let before = world.phone.borrow().clone();
    let mut other = world.launched();
    other.site = SiteId::parse("rival").unwrap();
    world.post_code(&mut other, "code-2", Some(session_ids()));
    let other = world.run_until_idle();
    assert_eq!(end_code(&other), Some(ProblemCode::OwnedElsewhere));
    assert_eq!(*world.phone.borrow(), before);
    assert_eq!(world.meta.borrow().accepted_registrations, 1);
}

#[test]
fn signup_rejected_by_site_keeps_token_and_makes_no_other_call() {
    let world = World::with_site(json!({"enabled": false}));
    let signup = world.run_signup(Some(session_ids()));
    assert_eq!(end_code(&signup), Some(ProblemCode::SiteDisabled));
    assert_eq!(world.meta.borrow().calls, ["exchange"]);
    assert!(signup.has_token());
}

#[test]
fn number_connected_or_in_business_app_is_not_registered() {
    for field in [
        json!({"status": "CONNECTED"}),
        json!({"is_on_biz_app": true}),
    ] {
        let world = World::new();
        world.set_phone(json!({"platform_type": "CLOUD_API"}));
        world.set_phone(field.clone());
        let signup = world.run_signup(Some(session_ids()));
        assert_eq!(world.status(&signup), SignupStatus::Connected, "{field}");
        assert_eq!(world.count_calls("register"), 0, "{field}");
    }
}

#[test]
fn account_without_number_ends_connected_without_number() {
    let world = World::new();
    world.meta.borrow_mut().phones.clear();
    let ids = SessionInfoIds {
        waba_id: WabaId::parse(WABA).ok(),
        ..SessionInfoIds::default()
    };
    let signup = world.run_signup(Some(ids));
    let status = world.status(&signup);
    assert_eq!(status, SignupStatus::ConnectedWithoutNumber);
}
