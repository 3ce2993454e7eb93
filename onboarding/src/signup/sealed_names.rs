//! The names that secrets of a signup are sealed under.

use embark_protocol::SignupId;

/// The name that an authorization code is sealed under.
pub fn code_record_name(id: &SignupId) -> String {
    ["run/", id.as_str(), "/code"].concat()
}

/// The name that the business token is sealed under in this record.
pub fn token_record_name(id: &SignupId) -> String {
    ["run/", id.as_str(), "/token"].concat()
}

/// The name that a verification code is sealed under.
pub fn verification_record_name(id: &SignupId) -> String {
    ["run/", id.as_str(), "/verification"].concat()
}
