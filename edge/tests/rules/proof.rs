//! What the token must prove, whose the number is, and where there is nothing to register.

use crate::fake::{self, World, ids, phone_json};
use crate::{end_code, status};
use embark_protocol::post::Ids;
use embark_protocol::{Code, Status, WabaId};

#[test]
fn what_the_token_does_not_prove_is_not_accepted() {
    let other_app = |world: &World| {
        let body = serde_json::json!({"data": {"app_id": "9", "is_valid": true, "scopes": []}});
        world.meta.borrow_mut().script = vec![("debug_token", fake::ok(body))];
    };
    let invalid = |world: &World| {
        let body = serde_json::json!({"data": {"app_id": fake::APP, "is_valid": false}});
        world.meta.borrow_mut().script = vec![("debug_token", fake::ok(body))];
    };
    let scope =
        |world: &World| world.meta.borrow_mut().scopes = vec!["whatsapp_business_management"];
    let foreign_waba = |world: &World| world.meta.borrow_mut().wabas = vec!["5000000000000009"];
    let foreign_phone =
        |world: &World| world.meta.borrow_mut().phones = vec![phone_json("6000000000000009")];
    type Case<'a> = (&'a dyn Fn(&World), Code);
    let cases: [Case<'_>; 5] = [
        (&other_app, Code::TokenForeign),
        (&invalid, Code::TokenInvalid),
        (&scope, Code::ScopeMissing),
        (&foreign_waba, Code::WabaUnreachable),
        (&foreign_phone, Code::PhoneNotInWaba),
    ];
    for (arrange, want) in cases {
        let world = World::new();
        arrange(&world);
        let run = world.started("code-1", Some(ids()));
        let run = world.run_to_rest_from(run);
        assert_eq!(end_code(&run), Some(want));
        let calls = world.meta.borrow().calls.clone();
        assert!(
            !calls.contains(&"register") && !calls.contains(&"subscribe"),
            "{want:?}: {calls:?}"
        );
        assert!(
            world.phone.borrow().owner.is_none(),
            "{want:?}: nothing claimed"
        );
    }
}

#[test]
fn a_number_of_another_site_stays_with_it() {
    let world = World::new();
    let run = world.started("code-1", Some(ids()));
    world.run_to_rest_from(run);
    let before = world.phone.borrow().clone();
    let mut other = world.launched();
    other.site = embark_protocol::SiteId::parse("rival").unwrap();
    world.submit(&mut other, "code-2", Some(ids()));
    let other = world.run_to_rest();
    assert_eq!(end_code(&other), Some(Code::OwnedElsewhere));
    assert_eq!(*world.phone.borrow(), before);
    assert_eq!(world.meta.borrow().registers_accepted, 1);
}

#[test]
fn a_site_that_does_not_admit_keeps_the_token_and_stops() {
    let world = World::new();
    world.site.borrow_mut().config.as_mut().unwrap().enabled = false;
    let run = world.started("code-1", Some(ids()));
    let run = world.run_to_rest_from(run);
    assert_eq!(end_code(&run), Some(Code::SiteDisabled));
    assert_eq!(world.meta.borrow().calls, ["exchange"]);
    assert!(
        serde_json::to_string(&run.exchange)
            .unwrap()
            .contains("token")
    );
}

#[test]
fn register_is_skipped_where_it_must_be() {
    for (field, value) in [("status", "CONNECTED"), ("is_on_biz_app", "true")] {
        let world = World::new();
        world.meta.borrow_mut().phones[0]["platform_type"] = "CLOUD_API".into();
        world.meta.borrow_mut().phones[0][field] = if value == "true" {
            true.into()
        } else {
            value.into()
        };
        let run = world.started("code-1", Some(ids()));
        let run = world.run_to_rest_from(run);
        assert_eq!(status(&world, &run), Status::Connected, "{field}");
        assert!(!world.meta.borrow().calls.contains(&"register"), "{field}");
    }
}

#[test]
fn a_waba_without_a_number_is_neither_failed_nor_connected() {
    let world = World::new();
    world.meta.borrow_mut().phones.clear();
    let hint = Ids {
        waba_id: WabaId::parse(fake::WABA).ok(),
        ..Ids::default()
    };
    let run = world.started("code-1", Some(hint));
    let run = world.run_to_rest_from(run);
    assert_eq!(status(&world, &run), Status::ConnectedWithoutNumber);
}
