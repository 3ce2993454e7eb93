//! Meta's Graph API as values: a request is built and its reply is read by pure functions; one sender
//! (`host.rs`) stands between. Every reply passes `error::check`.

pub mod answer;
pub mod call;
pub mod credit;
pub mod error;
pub mod standing;

pub use call::{Access, Redirect, Request};
pub use error::{Class, Failure, check};

/// What came back: a reply, or nothing we may rely on.
pub type Heard = Result<Reply, Unheard>;

/// A reply with its body capped at `REPLY_CAP` bytes.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    /// Seconds, from `Retry-After`.
    pub retry_after: Option<u32>,
    pub body: Vec<u8>,
}

/// The call may or may not have landed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unheard {
    /// Nothing came within the call's deadline.
    Timeout,
    /// The connection broke, or the body did.
    Broken,
    /// The body is larger than any answer of Meta's.
    TooLarge,
    /// Nothing was sent: a secret that the request needs is not there.
    Unset,
}

/// Larger than any answer these calls have.
pub const REPLY_CAP: usize = 1 << 20;
