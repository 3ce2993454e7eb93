//! A subscription that takes effect at Meta long after it was sent: it takes the account's address for messages away.

use crate::callback_override::{URL, addresses, some};
use crate::fake::{ScriptedReply, World, session_ids};
use embark_onboarding::transport::TransportError;

#[test]
fn subscription_that_takes_effect_late_does_not_take_the_address_away_for_long() {
    let world = World::new();
    world.override_messages(URL);
    let signup = world.run_signup(Some(session_ids()));
    world.meta.borrow_mut().overrides.account = None;
    let before = world.count_calls("set_account_override");
    world.advance_to_wake(signup.next_wake_at.unwrap());
    let signup = world.run_once().unwrap();
    assert_eq!(addresses(&world), (some(URL), None));
    assert_eq!(world.count_calls("set_account_override"), before + 1);
    // Once more, as this changed something; then it is left alone.
    world.advance_to_wake(signup.next_wake_at.unwrap());
    let signup = world.run_once().unwrap();
    assert!(signup.steps.callback_override.is_at_rest());
    assert_eq!(world.count_calls("set_account_override"), before + 1);
}

/// The change took effect, and its response was lost: the address is found as it is to be.
#[test]
fn address_that_was_found_set_is_read_once_more() {
    let world = World::new();
    world.override_messages(URL);
    let lost = Err(TransportError::Timeout);
    let lost = ScriptedReply::with_effect("set_account_override", lost);
    world.meta.borrow_mut().scripted.push(lost);
    let mut signup = world.run_signup(Some(session_ids()));
    while signup.steps.callback_override.read_again_at.is_none() {
        world.advance_to_wake(signup.next_wake_at.unwrap());
        signup = world.run_once().unwrap();
    }
    assert_eq!(world.count_calls("set_account_override"), 1);
    // A subscription takes effect late.
    world.meta.borrow_mut().overrides.account = None;
    world.advance_to_wake(signup.next_wake_at.unwrap());
    world.run_once().unwrap();
    assert_eq!(addresses(&world), (some(URL), None));
}
