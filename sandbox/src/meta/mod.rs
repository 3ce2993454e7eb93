//! The Graph API with state: one request in, one reply or one of Meta's errors out. Nothing here waits or uses the
//! network, except the verification of a callback URL; the clock comes in as a number.

mod access;
mod app_subscriptions;
mod apps;
mod code_exchange;
mod context;
mod credit_allocations;
mod credit_lines;
mod debug_token;
mod error;
mod fields;
mod health;
mod messages;
mod number_verification;
mod params;
mod phone_numbers;
mod register;
mod router;
mod smb_app_data;
mod solutions;
mod subscribed_apps;
mod system_users;
mod token;
mod token_recovery;
mod waba;
mod webhook_handshake;

pub use context::GraphContext;
pub use error::GraphError;
pub use router::handle_graph_request;
pub use token::{Bearer, ProofCheck, appsecret_proof, identify_bearer};
pub use webhook_handshake::{verify_callback, verify_callback_of};
