//! Providers a number can be handed over to: Infobip, Twilio, Sinch and Gupshup as their documentation describes them,
//! and one whose replies a test scripts.

mod auth;
mod gupshup;
pub mod infobip;
mod router;
mod scripted;
mod senders;
mod sinch;
mod twilio;

pub use router::handle_request;
pub use senders::complete_sender;
