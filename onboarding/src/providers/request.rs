//! A request to another provider as a value, complete but for the secrets in its headers.

use super::header_value::HeaderValue;
use core::fmt;
use core::time::Duration;
use embark_protocol::SiteId;

/// A request, complete but for its secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderRequest {
    /// What the request is called in logs, e.g. `handoff`.
    pub name: &'static str,
    /// The site whose secrets the headers may name.
    pub site: SiteId,
    /// HTTP method.
    pub method: &'static str,
    /// URL; one that [`is_allowed_destination`](super::is_allowed_destination) accepts.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(String, HeaderValue)>,
    /// Content type and text. `None`: no body.
    pub body: Option<(&'static str, String)>,
    /// How long the response may take.
    pub deadline: Duration,
}

/// How long a provider may take to respond. Providers are slower than Meta, but a Durable Object must not wait for
/// one call for long.
pub const DEADLINE: Duration = Duration::from_secs(25);

impl fmt::Debug for ProviderRequest {
    /// Without URL, headers and body, which hold data of customers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProviderRequest({} {})", self.name, self.method)
    }
}
