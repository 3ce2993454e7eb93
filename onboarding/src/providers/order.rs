//! The order to a provider and what comes back, as values that every provider shares.

use crate::meta::{ApiError, ErrorClass};
use core::fmt;
use embark_protocol::{BusinessId, PhoneNumberId, SignupId, SiteId, WabaId};

/// The connected account that an order is about.
#[derive(Debug, Clone, Copy)]
pub struct OrderContext<'a> {
    /// The site, whose secrets the request may name.
    pub site: &'a SiteId,
    /// The signup.
    pub signup: &'a SignupId,
    /// The account.
    pub waba: &'a WabaId,
    /// The number. `None`: the account has none.
    pub phone: Option<&'a PhoneNumberId>,
    /// The business portfolio that owns the account. `None`: Meta did not name it.
    pub business: Option<&'a BusinessId>,
    /// The number as Meta formats it. `None`: not known.
    pub display_phone_number: Option<&'a str>,
    /// The display name of the number. `None`: not known.
    pub verified_name: Option<&'a str>,
}

/// Why an order cannot be built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderError {
    /// The template needs a number, and the account has none.
    NoNumber,
    /// The account does not have a value that the template needs; the text is the placeholder's name.
    MissingValue(String),
    /// With the account's values, the URL is not one that may be requested.
    ForbiddenDestination,
}

impl fmt::Display for OrderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoNumber => f.write_str("the template needs a number"),
            Self::MissingValue(name) => write!(f, "the account has no {{{name}}}"),
            Self::ForbiddenDestination => f.write_str("the filled-in URL may not be requested"),
        }
    }
}

impl core::error::Error for OrderError {}

/// What the response to an order means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderOutcome {
    /// The provider is done.
    Done,
    /// The provider accepted the order and is working on it.
    Pending {
        /// The URL to read the status from. `None`: the provider reports by webhook, or not at all.
        status_url: Option<String>,
    },
}

/// The status of an order. Failed and pending ones keep the provider's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderStatus {
    /// Done.
    Done,
    /// Failed.
    Failed(String),
    /// Anything else.
    Pending(String),
}

/// Whether an order that failed like this may be sent again unchanged.
pub fn is_retryable(error: &ApiError) -> bool {
    matches!(
        error.class,
        ErrorClass::Indeterminate | ErrorClass::Transient | ErrorClass::Rate
    )
}
