//! Compares addresses of webhooks.

use url::Url;

/// Whether two URLs are the same address, however they are spelled: in the case of the host, with or without the default
/// port.
pub(crate) fn is_same_address(one: &str, other: &str) -> bool {
    match (Url::parse(one), Url::parse(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// An address without its query, which may hold a secret.
pub(crate) fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}
