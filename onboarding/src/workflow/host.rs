//! What a workflow needs of the object that runs it. Time and randomness come through here as well, so that
//! tests can control both.

use crate::crypto::Keyring;
use crate::meta::{AppCredentials, GraphRequest};
use crate::retention::Retention;
use crate::time::UnixMillis;
use crate::transport::ApiResult;
use core::fmt;
use core::future::Future;

/// What a rule may read, borrowed for one synchronous call.
pub struct Context<'a> {
    /// The current time.
    pub now: UnixMillis,
    /// The deployment's sealing keys.
    pub keyring: &'a Keyring,
    /// Returns fresh random bytes at each call.
    pub random_bytes: &'a dyn Fn() -> [u8; 32],
    /// How long things are kept.
    pub retention: Retention,
}

/// A [`Context`] with the credentials of a Meta app.
pub struct AppContext<'a> {
    /// Clock, keys and randomness.
    pub context: Context<'a>,
    /// Of the app that the signup runs under.
    pub credentials: &'a AppCredentials,
}

impl<'a> core::ops::Deref for AppContext<'a> {
    type Target = Context<'a>;

    fn deref(&self) -> &Context<'a> {
        &self.context
    }
}

impl Context<'_> {
    /// A fresh nonce for [`Keyring::seal`].
    pub fn nonce(&self) -> [u8; 12] {
        let random = (self.random_bytes)();
        let mut nonce = [0; 12];
        nonce
            .iter_mut()
            .zip(random)
            .for_each(|(to, from)| *to = from);
        nonce
    }

    /// A random number below `bound`, for jitter; 0 if `bound` is 0.
    pub fn random_below(&self, bound: u64) -> u64 {
        let random = (self.random_bytes)();
        let wide = random
            .iter()
            .take(8)
            .fold(0u64, |sum, byte| (sum << 8) | u64::from(*byte));
        wide.checked_rem(bound).unwrap_or(0)
    }
}

/// The object that stores the record `R` and makes calls for it.
pub trait Host<R> {
    /// The context as of now.
    fn context(&self) -> AppContext<'_>;

    /// Sends a request to the Graph API.
    fn call(&self, request: GraphRequest) -> impl Future<Output = ApiResult>;

    /// Stores the record durably before anything later leaves the object. Synchronous.
    ///
    /// # Errors
    /// See [`CommitError`]. Nothing was stored.
    fn save(&self, record: &R) -> Result<(), CommitError>;
}

/// Why a record was not stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommitError {
    /// A newer incarnation of the object has started: this one must not write any more.
    Superseded,
    /// The storage refused the write; the text is the runtime's.
    Storage(String),
    /// The record could not be serialised; the text is the serialiser's.
    Serialization(String),
}

impl fmt::Display for CommitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Superseded => f.write_str("superseded by a newer incarnation of the object"),
            Self::Storage(text) => write!(f, "storage: {text}"),
            Self::Serialization(text) => write!(f, "serialisation: {text}"),
        }
    }
}

impl core::error::Error for CommitError {}
