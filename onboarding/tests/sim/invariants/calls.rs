//! Limits of what is sent to Meta and to other objects. Checked before a call is sent, or as Meta acts on it.

use crate::executor::Incarnation;
use crate::state::phone::PhoneObject;
use crate::state::run::RunObject;
use crate::state::world::World;
use crate::violation::{Check, ensure};
use core::time::Duration;
use embark_protocol::{ProblemCode, SignupId};

/// An authorization code lives 30 s: its first exchange is sent within 5 s. Unless another incarnation received
/// the post and ended, or the app's credentials could not be read meanwhile. Checked before each exchange.
pub fn code_is_exchanged_at_once(
    world: &World,
    object: &RunObject,
    incarnation: &Incarnation,
) -> Check {
    let observations = &object.observations;
    let posted_at = observations.code_posted_at.get();
    let is_first = observations.last_sent_code.replace(posted_at) != posted_at;
    let waited = world.now.get().since(posted_at);
    let took_post = incarnation.number == observations.code_posted_to.get();
    let had_credentials = observations.credentials_failed_at.get() < posted_at;
    let late = is_first && took_post && had_credentials && waited > Duration::from_secs(5);
    ensure(!late, "code_is_exchanged_at_once", || {
        format!("signup {}: a code waited {waited:?}", object.index)
    })
}

/// One code is sent at most 15 times. Counts an exchange that is about to be sent.
pub fn code_is_sent_few_times(object: &RunObject) -> Check {
    let calls = object.observations.exchange_calls.get() + 1;
    object.observations.exchange_calls.set(calls);
    ensure(calls <= 15, "code_is_sent_few_times", || {
        format!("signup {}: a code is sent {calls} times", object.index)
    })
}

/// A signup sends at most 300 calls and requests within a minute. Counts the one that is about to be sent.
pub fn requests_are_not_repeated_rapidly(world: &World, object: &RunObject, name: &str) -> Check {
    let minute = world.now.get().as_secs() / 60;
    let (last, count) = object.observations.requests_in_minute.get();
    let count = if last == minute { count + 1 } else { 1 };
    object.observations.requests_in_minute.set((minute, count));
    ensure(count <= 300, "requests_are_not_repeated_rapidly", || {
        let index = object.index;
        format!("signup {index}: {count} requests in a minute, now {name}")
    })
}

/// A signup that an operator cancelled calls nobody. Checked before each call.
pub fn cancelled_signup_calls_nobody(object: &RunObject, incarnation: &Incarnation) -> Check {
    let code = object.observations.last_commit().problem_code;
    let cancelled = code == Some(ProblemCode::SignupCancelled);
    let holds = !cancelled || incarnation.ended.get();
    ensure(holds, "cancelled_signup_calls_nobody", || {
        format!("signup {}: it was cancelled", object.index)
    })
}

/// A number gets at most three register calls in 72 hours, counting those in the window both by the objects' clock and in
/// true time, and the one that is about to be sent.
pub fn register_budget_is_kept(world: &World, object: &PhoneObject) -> Check {
    let (now, true_now) = (world.clock(), world.now.get());
    let window = Duration::from_hours(72);
    let mut calls = object.register_calls.borrow_mut();
    calls.retain(|(at, true_at)| now.since(*at) < window && true_now.since(*true_at) < window);
    calls.push((now, true_now));
    ensure(calls.len() <= 3, "register_budget_is_kept", || {
        let (id, count) = (&object.id, calls.len());
        format!("number {id}: {count} register calls in 72 h")
    })
}

/// A signup registers no number if its site was disabled before the code was posted. Checked before each register
/// call.
pub fn disabled_site_registers_no_number(world: &World, signup: &SignupId) -> Check {
    let runs = world.runs.borrow();
    let Some(object) = runs.iter().find(|object| object.id == *signup) else {
        return Ok(());
    };
    let code_posted_at = object.observations.code_posted_at.get();
    let disabled_since = world.peers.sites[object.site].disabled_since.get();
    let holds = disabled_since.is_none_or(|since| since >= code_posted_at);
    ensure(holds, "disabled_site_registers_no_number", || {
        format!("signup {}: its site is disabled", object.index)
    })
}

/// The orders of one code are the same, which makes them one order for the provider, and are at most 20. Counts the one
/// that is about to be sent.
pub fn order_is_the_same_each_time(object: &RunObject, key: String) -> Check {
    let mut orders = object.observations.orders.borrow_mut();
    let is_same = orders.as_ref().is_none_or(|(first, _)| *first == key);
    let count = orders.as_ref().map_or(0, |(_, count)| *count) + 1;
    *orders = Some((key, count));
    let holds = is_same && count <= 20;
    ensure(holds, "order_is_the_same_each_time", || {
        let index = object.index;
        format!("signup {index}: order {count}, the same as before: {is_same}")
    })
}

/// An order that the provider has accepted, as far as the signup knows, is not sent again for the same code.
pub fn accepted_order_is_not_repeated(object: &RunObject) -> Check {
    let accepted = object.observations.last_commit().order_accepted;
    ensure(!accepted, "accepted_order_is_not_repeated", || {
        format!("signup {}: its order was accepted", object.index)
    })
}
