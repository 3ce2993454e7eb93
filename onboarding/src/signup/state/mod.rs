//! What each step of a signup stores: together with [`record`](super::record) the whole schema of a signup.
//! A field that is new since a release has a default, so that rows of that release still open. Names in the
//! stored JSON never change; where they differ from the field's, `serde(rename)` says so.

mod account_updates;
mod admission;
mod assets;
mod callback_override;
mod connect;
mod credit;
mod handoff;
mod outbox;
mod report;
mod requests;

pub use account_updates::{AccountUpdates, Reported};
pub use admission::{Admission, AdmissionState};
pub use assets::{
    AuthorizationCode, ExchangeState, HostedState, InspectCall, InspectState, PendingChoice,
    VerifiedAssets, WabaName,
};
pub use callback_override::{
    AccountWebhooks, CallbackOverrideState, NumberAddress, OverrideChange, OverridePhase,
    OverrideRead,
};
pub use connect::{
    ClaimState, RegisterPhase, RegisterState, SubscribeState, SyncPhase, SyncState, Verification,
};
pub use credit::{Allocation, CreditCall, CreditPhase, CreditState, Funding};
pub use handoff::{HandoffPhase, HandoffState};
pub use outbox::{OutboxEntry, OutboxMessage, RefusedToken};
pub use report::{ReportCall, ReportState};
