//! The result of an outgoing HTTP request, to Meta or to another provider.

use core::fmt;
use core::num::IntErrorKind;
use core::time::Duration;

/// A response, or why there is none.
pub type ApiResult = Result<ApiResponse, TransportError>;

/// An HTTP response. The body holds at most [`RESPONSE_CAP`] bytes.
#[derive(Debug, Clone)]
pub struct ApiResponse {
    /// HTTP status code.
    pub status: u16,
    /// Seconds until the server takes such a call again, as its headers name them: see
    /// [`wait_named_by_headers`](crate::meta::usage::wait_named_by_headers). `None`: they name no wait.
    pub retry_after: Option<u32>,
    /// The bytes received.
    pub body: Vec<u8>,
}

impl ApiResponse {
    /// The wait that the headers name, as a duration.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
            .map(|seconds| Duration::from_secs(seconds.into()))
    }
}

/// `delay-seconds` of the header `Retry-After`; a number that does not fit counts as the largest that does. `None`: not a
/// number.
pub fn delay_seconds(text: &str) -> Option<u64> {
    match text.parse() {
        Ok(seconds) => Some(seconds),
        Err(error) => (*error.kind() == IntErrorKind::PosOverflow).then_some(u64::MAX),
    }
}

/// Why a request has no response. Unless [`was_not_sent`](Self::was_not_sent), the server may have acted on it all the
/// same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransportError {
    /// No complete response within the call's deadline.
    Timeout,
    /// The connection was lost, before or during the response.
    Connection,
    /// The body is larger than [`RESPONSE_CAP`].
    TooLarge,
    /// Nothing was sent: a secret that the request needs is not stored.
    MissingSecret,
    /// Nothing was sent: a secret that the request needs cannot be read at the moment.
    SecretUnavailable,
    /// Nothing was sent: a secret that the request needs is sealed under a key that this deployment does not have. It must
    /// be put again.
    SecretUnreadable,
    /// Nothing was sent: the destination is not a public one.
    ForbiddenDestination,
    /// Nothing was sent: the URL or a header is not one that HTTP has.
    InvalidRequest,
}

impl TransportError {
    /// Whether the server has certainly not seen the request.
    pub const fn was_not_sent(self) -> bool {
        match self {
            Self::Timeout | Self::Connection | Self::TooLarge => false,
            Self::MissingSecret
            | Self::SecretUnavailable
            | Self::SecretUnreadable
            | Self::ForbiddenDestination
            | Self::InvalidRequest => true,
        }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timeout => "no response within the deadline",
            Self::Connection => "the connection was lost",
            Self::TooLarge => "the response is too large",
            Self::MissingSecret => "a secret that the request needs is not stored",
            Self::SecretUnavailable => {
                "a secret that the request needs cannot be read at the moment"
            }
            Self::SecretUnreadable => "a secret that the request needs cannot be opened",
            Self::ForbiddenDestination => "the destination is not a public one",
            Self::InvalidRequest => "the URL or a header of the request is not one that HTTP has",
        })
    }
}

impl core::error::Error for TransportError {}

/// The largest body that is read, in bytes; more than any called API sends.
pub const RESPONSE_CAP: usize = 1 << 20;
