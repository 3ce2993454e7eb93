//! The steps of a signup, in the order in which they run. Each step is the state it stores, with two
//! functions: `poll` begins what is due, `on_outcome` takes in what came of it. A step gets what it needs as
//! arguments and returns a `Transition`; it never sees the whole signup.

mod admit;
mod callback_override;
mod exchange;
pub(in crate::signup) mod fetch_token;

pub(super) mod inspect;

pub(super) mod claim;
mod subscribe;

pub(super) mod credit;
pub(super) mod handoff;
mod handoff_webhook;
pub(super) mod register;
pub(super) mod report;
mod reread;
pub(super) mod sync;
mod token_check;
pub(super) mod transition;
pub(super) mod verify;
