//! A number that an operator has transferred to another site.

use crate::callback_override::{OLD, URL, addresses, apply_again, calls, some};
use crate::fake::{World, session_ids};
use core::time::Duration;
use embark_protocol::SiteId;

#[test]
fn settings_are_not_applied_to_a_number_that_another_site_has() {
    let world = World::new();
    world.override_messages(OLD);
    world.run_signup(Some(session_ids()));
    assert_eq!(addresses(&world), (some(OLD), None));
    let owner = world.phone.borrow().owner.clone().unwrap();
    let rival = SiteId::parse("rival").unwrap();
    world
        .phone
        .borrow_mut()
        .transfer(&owner.site, rival.clone());
    world.override_messages(URL);
    let made = calls(&world).len();
    let signup = apply_again(&world);
    assert_eq!(calls(&world).len(), made);
    assert_eq!(addresses(&world), (some(OLD), None));
    assert!(signup.steps.callback_override.is_at_rest());
    world.phone.borrow_mut().transfer(&rival, owner.site);
    apply_again(&world);
    assert_eq!(addresses(&world), (some(URL), None));
}

#[test]
fn address_that_was_set_is_not_read_once_more_after_a_transfer() {
    let world = World::new();
    world.override_messages(URL);
    let signup = world.run_signup(Some(session_ids()));
    assert!(signup.steps.callback_override.read_again_at.is_some());
    let owner = world.phone.borrow().owner.clone().unwrap();
    let rival = SiteId::parse("rival").unwrap();
    world.phone.borrow_mut().transfer(&owner.site, rival);
    let made = calls(&world).len();
    world.advance(Duration::from_mins(2));
    let signup = world.run_until_idle_from(signup);
    assert_eq!(calls(&world).len(), made);
    assert!(signup.steps.callback_override.is_at_rest());
}
