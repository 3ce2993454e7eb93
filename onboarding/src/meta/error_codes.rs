//! Meta's error document (<https://developers.facebook.com/docs/graph-api/guides/error-handling>), and the class of
//! each error code. Codes that are not in the table keep their number and trace id.

use core::fmt;
use core::time::Duration;
use serde::Deserialize;

/// What a failure means for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// The call may have taken effect: read before it is repeated.
    Indeterminate,
    /// The call did not take effect; repeated soon, it may succeed.
    Transient,
    /// The call did not take effect; repeated after a while, it may succeed.
    Rate,
    /// The token is not valid any more.
    Token,
    /// App, secret or permissions are wrong, which the operator must mend.
    Config,
    /// The object does not exist, or the token does not reach it.
    Unreachable,
    /// Refused for a reason of its own; see the code.
    Refused,
}

impl fmt::Display for ErrorClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Indeterminate => "the call may have taken effect",
            Self::Transient => "the server cannot process the call now",
            Self::Rate => "a rate limit is reached",
            Self::Token => "the token is not valid",
            Self::Config => "app, secret or permissions are wrong",
            Self::Unreachable => "the object does not exist or is not reachable",
            Self::Refused => "the call was refused",
        })
    }
}

/// The class of Meta's error codes
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes>).
const CLASSES: &[(i64, ErrorClass)] = &[
    (2, ErrorClass::Transient),
    (131000, ErrorClass::Transient),
    (131016, ErrorClass::Transient),
    (133004, ErrorClass::Transient),
    (4, ErrorClass::Rate),
    (17, ErrorClass::Rate),
    (32, ErrorClass::Rate),
    (341, ErrorClass::Rate),
    (613, ErrorClass::Rate),
    (80007, ErrorClass::Rate),
    (130429, ErrorClass::Rate),
    (131056, ErrorClass::Rate),
    (131057, ErrorClass::Rate),
    (133015, ErrorClass::Rate),
    (2494100, ErrorClass::Rate),
    (0, ErrorClass::Token),
    (102, ErrorClass::Token),
    (190, ErrorClass::Token),
    (3, ErrorClass::Config),
    (10, ErrorClass::Config),
    (101, ErrorClass::Config),
    (191, ErrorClass::Config),
    (131005, ErrorClass::Config),
    (33, ErrorClass::Unreachable),
    (803, ErrorClass::Unreachable),
];

/// The member `error` of Meta's error document, as far as it is read.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct MetaError {
    pub(super) code: Option<i64>,
    pub(super) error_subcode: Option<i64>,
    is_transient: Option<bool>,
    pub(super) fbtrace_id: Option<String>,
    error_data: Option<ErrorData>,
}

#[derive(Deserialize)]
struct ErrorDocument {
    error: MetaError,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ErrorData {
    details: Option<String>,
}

impl MetaError {
    /// Reads a body. `None`: it is not an error document.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        serde_json::from_slice::<ErrorDocument>(body)
            .ok()
            .map(|document| document.error)
    }

    /// The wait that Meta's details name. `None`: they name none.
    pub(super) fn wait(&self) -> Option<Duration> {
        parse_wait(self.error_data.as_ref()?.details.as_deref()?)
    }

    /// The class by code, else by HTTP status.
    pub(super) fn class(&self, status: u16) -> ErrorClass {
        if (self.code, self.error_subcode) == (Some(100), Some(33)) {
            return ErrorClass::Unreachable;
        }
        if let Some((_, class)) = CLASSES.iter().find(|(code, _)| Some(*code) == self.code) {
            return *class;
        }
        match self.code {
            // Permissions.
            Some(200..=299) => ErrorClass::Config,
            _ if self.is_transient == Some(true) => ErrorClass::Transient,
            // "Unknown": may pass. The exchange, where it means a wrong app secret, reads it itself.
            Some(1) => ErrorClass::Transient,
            Some(_) => ErrorClass::Refused,
            None => class_of_status(status),
        }
    }
}

/// The class of a response without Meta's error code.
pub(super) fn class_of_status(status: u16) -> ErrorClass {
    match status {
        429 => ErrorClass::Rate,
        // A gateway responds for a server that may have acted.
        500..=599 => ErrorClass::Indeterminate,
        401 => ErrorClass::Token,
        404 => ErrorClass::Unreachable,
        _ => ErrorClass::Refused,
    }
}

/// The wait that Meta's `details` name, e.g. "Please try again after 3 hours". `None`: they name none.
fn parse_wait(details: &str) -> Option<Duration> {
    let mut words = details
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty());
    while let Some(word) = words.next() {
        let Ok(amount) = word.parse::<u64>() else {
            continue;
        };
        let unit = match words.clone().next().unwrap_or_default() {
            unit if unit.starts_with("sec") => 1,
            unit if unit.starts_with("min") => 60,
            unit if unit.starts_with("hour") => 3_600,
            unit if unit.starts_with("day") => 86_400,
            _ => continue,
        };
        return Some(Duration::from_secs(amount.min(1_000) * unit));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wait_is_read_from_the_details() {
        for (details, want) in [
            ("Please try again after 3 hours", Some(10_800)),
            ("wait 90 seconds", Some(90)),
            ("Try in 5 minutes.", Some(300)),
            ("code 12 is wrong", None),
            ("", None),
        ] {
            assert_eq!(
                parse_wait(details),
                want.map(Duration::from_secs),
                "{details}"
            );
        }
    }
}
