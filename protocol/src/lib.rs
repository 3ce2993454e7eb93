//! The JSON messages shared by the Worker, the widget and the operator's tools, as serde types.
//!
//! Messages are versioned by addition. A browser may run an older widget against a newer Worker, so fields
//! are only ever added and always optional, and a wire word (field name, enum value, problem code) is never
//! renamed or given another meaning. `golden/` holds one file per message shape; tests keep them readable.
//!
//! | module | content |
//! |---|---|
//! | [`id`] | validated ids |
//! | [`step`] | the steps of a signup |
//! | [`enums`] | how a reader treats values it does not know |
//! | [`problem`] | errors (RFC 9457) |
//! | [`prefill`] | pre-filled data for Meta's popup |
//! | [`launch`] | the launch document: what the Worker gives a page |
//! | [`requests`] | what a page posts |
//! | [`report`] | the readiness report |
//! | [`snapshot`] | the state of a signup, as a page sees it |
//! | [`digits`] | digits as people type them |
//! | [`events`] | DOM events for the host page and frame messages |
//! | [`site_events`] | events of a site, for the partner's back end |
//! | [`policy`], [`infobip`], [`handoff`] | what happens after Meta's popup, per site |
//! | [`backend`] | the API for the partner's back end |
//! | [`admin`] | the operator's API |
//! | [`secrets`] | which secrets are stored |
//! | [`user_callbacks`] | what Meta calls when a person takes access away, or wants their data deleted |
//! | [`quota`] | how many new businesses may still be onboarded |
//! | [`doctor`] | what usually goes wrong, checked before a customer meets it |
//! | [`health`] | what is wrong with a deployment now |
//! | [`checklist`] | the partner's own way to the first live customer |
//! | [`keys`] | the sealing keys, and their rotation |
//! | [`backup`] | everything that a deployment stores, as a file |
//! | [`webhook_setup`] | the webhook of an app at Meta, compared with what it should be |

#![warn(missing_docs, unreachable_pub, clippy::missing_errors_doc)]

pub mod admin;
pub mod backend;
pub mod backup;
pub mod checklist;
pub mod digits;
pub mod doctor;
pub mod enums;
pub mod events;
pub mod granted;
pub mod handoff;
pub mod health;
pub mod id;
pub mod infobip;
pub mod keys;
pub mod launch;
pub mod operators;
pub mod policy;
pub mod prefill;
pub mod problem;
pub mod quota;
pub mod report;
pub mod requests;
pub mod secrets;
pub mod serialization;
pub mod signup_calls;
pub mod signup_counts;
pub mod site_events;
pub mod snapshot;
pub mod step;
pub mod user_callbacks;
pub mod webhook_setup;

pub use id::{
    AppKey, BadId, BusinessId, CreditLineId, InvitationId, MetaAppId, PhoneNumberId, Reference,
    SignupId, SiteId, SolutionId, SystemUserId, WabaId,
};
pub use problem::{FieldError, Problem, ProblemCode, Remedy};
pub use snapshot::{SignupStatus, Snapshot};
pub use step::Step;
