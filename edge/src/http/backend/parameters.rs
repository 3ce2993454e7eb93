//! Query parameters of lists.

use crate::http::incoming::Incoming;
use embark_protocol::{Problem, ProblemCode};

/// The parameter `limit`.
///
/// # Errors
/// `bad_request`: it is not a number from 1 to 500.
pub fn limit(incoming: &Incoming<'_>, default: u32) -> Result<u32, Problem> {
    let is_allowed = |limit: &u32| (1..=MAX_LIMIT).contains(limit);
    let limit = optional(incoming, "limit", |text| {
        text.parse().ok().filter(is_allowed)
    });
    let bad = || Problem::new(ProblemCode::BadRequest).with_detail("limit: a number from 1 to 500");
    Ok(limit.map_err(|()| bad())?.unwrap_or(default))
}

/// A parameter that may be absent.
///
/// # Errors
/// It is there, and `parse` does not take it.
pub fn optional<T>(
    incoming: &Incoming<'_>,
    name: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, ()> {
    match incoming.query(name) {
        Some(text) => parse(&text).map(Some).ok_or(()),
        None => Ok(None),
    }
}

const MAX_LIMIT: u32 = 500;
