//! The words the widget and the edge share. Plain serde types, additive over time: an old widget meets
//! a newer edge, so fields are only ever added and every enum that may grow keeps the unknown word.
//!
//! Reading order: ids, what the Worker hands a page (`launch`), what a page posts (`post`), what it gets
//! back (`snapshot`, `problem`), what the host page hears (`event`), and what an operator puts (`config`, `partner`).
//! Without `std`: the widget is counted in bytes.

#![cfg_attr(not(test), no_std)]

extern crate alloc;

pub mod config;
pub mod event;
pub mod id;
pub mod launch;
pub mod partner;
pub mod post;
pub mod prefill;
pub mod problem;
pub mod report;
pub mod snapshot;

pub use id::{
    AppKey, BusinessId, CreditLineId, InvitationId, MetaAppId, PhoneNumberId, SignupId, SiteId,
    SystemUserId, WabaId,
};
pub use problem::{Code, Problem, Remedy};
pub use snapshot::{Snapshot, Status, Step};
