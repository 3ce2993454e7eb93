//! What must hold in every history. Each invariant is one function that states it, under the name that a violation
//! is printed with.
//!
//! | checked | invariants |
//! |---|---|
//! | at each commit of a signup | `commits`: `seq`, ends, cancellations and tokens are not undone; `problems`: a problem has its cause; `connected`: a connected signup is connected at Meta, too |
//! | at each commit of a phone number | `number_keeps_its_owner`, `phone_commit_changes_its_own_part` |
//! | before each call | `calls`: limits of calls and orders, codes that do not wait, and none of a cancelled signup |
//! | as Meta acts on a call | `number_is_registered_once`, `spent_code_is_repeated_once`, `credit_is_shared_once` |
//! | on stored JSON | `secrets`: it loses nothing, no secret in the clear, tokens that open |
//! | once all signups are settled | `settled`: the index, and the tokens of record |
//!
//! That signups come to rest, and that customers who do everything right get connected, is checked by `history`
//! and `recovery`, which play those phases.

mod calls;
mod commits;
mod connected;
mod problems;
mod secrets;
mod settled;

pub use calls::{
    accepted_order_is_not_repeated, cancelled_signup_calls_nobody, code_is_exchanged_at_once,
    code_is_sent_few_times, disabled_site_registers_no_number, order_is_the_same_each_time,
    register_budget_is_kept, requests_are_not_repeated_rapidly,
};
pub use commits::{
    after_signup_commit, late_launch_undoes_no_end, number_keeps_its_owner,
    phone_commit_changes_its_own_part,
};
pub use secrets::{json_loses_nothing, stored_json_has_no_secret};
pub use settled::{after_settling, token_of_record_is_newest};
