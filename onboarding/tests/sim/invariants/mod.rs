//! What must hold in every history. Each invariant is one function that states it, under the name that a violation
//! is printed with.
//!
//! | checked | invariants |
//! |---|---|
//! | at each commit of a signup | `commits`: `seq`, ends and tokens are not undone; `problems`: a problem has its cause; `connected`: a connected signup is connected at Meta, too |
//! | at each commit of a phone number | `number_keeps_its_owner` |
//! | before each call | `calls`: limits of calls, and codes that do not wait |
//! | as Meta acts on a call | `number_is_registered_once`, `spent_code_is_repeated_once` |
//! | on stored JSON | `secrets`: it loses nothing, no secret in the clear, tokens that open |
//! | once all signups are settled | `settled`: the index, and the tokens of record |
//!
//! That signups come to rest, and that customers who do everything right get connected, is checked by `history`
//! and `recovery`, which play those phases.

mod calls;
mod commits;
mod connected;
mod observations;
mod problems;
mod secrets;
mod settled;

pub use calls::{
    code_is_exchanged_at_once, code_is_sent_few_times, disabled_site_registers_no_number,
    number_is_registered_once, register_budget_is_kept, requests_are_not_repeated_rapidly,
    spent_code_is_repeated_once,
};
pub use commits::{after_signup_commit, late_launch_undoes_no_end, number_keeps_its_owner};
pub use observations::Observations;
pub use secrets::{json_loses_nothing, stored_json_has_no_secret};
pub use settled::{after_settling, token_of_record_is_newest};

use std::fmt;

/// An invariant that does not hold.
#[derive(Debug, Clone)]
pub struct Violation {
    /// The name of its function.
    pub invariant: &'static str,
    /// Where, and what was found instead.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.detail)
    }
}

/// The result of checking an invariant.
pub type Check = Result<(), Violation>;

/// `detail` is built for a violation only.
pub fn ensure(holds: bool, invariant: &'static str, detail: impl FnOnce() -> String) -> Check {
    if holds {
        return Ok(());
    }
    Err(Violation {
        invariant,
        detail: detail(),
    })
}
