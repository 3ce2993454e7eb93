//! What a partner's back end asks of its site: tokens, lists of signups and events, and the endpoint of its events.

mod access;
mod messages;
mod token;

pub use access::Caller;
pub use messages::{BackendQuery, BackendReply, BackendRequest, EventFilter, SignupCursor};
pub use token::{BackendToken, BackendTokenSecret, MalformedToken, is_valid_name};
