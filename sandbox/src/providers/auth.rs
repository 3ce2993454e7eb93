//! The `Authorization` header of providers.

use crate::http::IncomingRequest;
use base64ct::{Base64, Encoding};

/// Scheme and credentials of the header; `None` when it is missing or has no scheme.
pub fn authorization(request: &IncomingRequest) -> Option<(&str, &str)> {
    request.headers.get("authorization")?.split_once(' ')
}

/// The credentials of `Basic` for this user and password.
/// <https://www.rfc-editor.org/rfc/rfc7617>
pub fn basic_credentials((user, password): (&str, &str)) -> String {
    Base64::encode_string(format!("{user}:{password}").as_bytes())
}
