//! Faults that tests order: which requests go wrong, and how.

mod fault;
mod plan;
mod response;

pub use fault::Fault;
pub use plan::FaultPlan;
pub use response::{logged_reply, send_reply};
