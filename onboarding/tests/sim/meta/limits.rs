//! Limits of calls that are checked as Meta acts on one.

use super::state::{AcceptedShare, AuthorizationCode, Caller, Number};
use crate::violation::{Check, ensure};
use core::time::Duration;
use embark_protocol::SignupId;

/// A signup whose register call was accepted sends no other one while the number is connected. Does not hold for calls
/// that take effect after their deadline: their sender cannot know. Checked before Meta acts on a register call.
pub fn number_is_registered_once(number: &Number, caller: &Caller) -> Check {
    let Some(last) = number.accepted_registrations.last() else {
        return Ok(());
    };
    let repeated = number.connected
        && last.signup == caller.signup
        && !last.after_deadline
        && !caller.has_given_up;
    ensure(!repeated, "number_is_registered_once", || {
        let signup = caller.signup.as_ref().map(SignupId::as_str);
        format!("number {}: twice by signup {signup:?}", number.id)
    })
}

/// A code that was exchanged is sent once more at most: when its response was lost.
pub fn spent_code_is_repeated_once(code: &AuthorizationCode) -> Check {
    let count = code.repetitions;
    ensure(count <= 1, "spent_code_is_repeated_once", || {
        format!("{} was sent {count} times after its exchange", code.text)
    })
}

/// A signup shares the credit line with a business once: it looks at what is shared before it shares again. Does not
/// hold for calls that were sent before the first one took effect, or soon after.
pub fn credit_is_shared_once(shares: &[AcceptedShare], business: &str, caller: &Caller) -> Check {
    let repeated = shares.iter().any(|share| {
        share.business == business
            && share.signup == caller.signup
            && caller.sent_at > share.at + SHOWN_WITHIN
    });
    ensure(!repeated, "credit_is_shared_once", || {
        let signup = caller.signup.as_ref().map(SignupId::as_str);
        format!("business {business}: shared twice by signup {signup:?}")
    })
}

/// What a signup has read before a call is at most this old.
const SHOWN_WITHIN: Duration = Duration::from_secs(60);
