//! What a partner's back end asks of its site: tokens, lists of signups and events, and the endpoint of its events.

mod access;
mod all_signups;
mod idempotency;
mod messages;
mod token;

pub use access::Caller;
pub use all_signups::MergedPages;
pub use idempotency::{
    KEPT_FOR as KEYS_KEPT_FOR, MAX_KEYS, StoredAnswer, StoredWrite, WriteAdmission, WriteAttempt,
    fingerprint, is_kept, key_digest,
};
pub use messages::{
    BackendQuery, BackendReply, BackendRequest, EventFilter, SignupCursor, list_bound,
};
pub use token::{BackendToken, BackendTokenSecret, LIFETIME_DAYS, is_valid_name};
