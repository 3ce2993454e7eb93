//! What strangers may cost a site. A launch document is free and needs no credentials, so that anyone can have signups
//! begun and codes exchanged, which costs Durable Objects and the partner's rate limit at Meta. A site's object counts
//! both before they happen, in a rolling hour.

use core::time::Duration;
use embark_protocol::ProblemCode;

/// Decides whether one more may happen. `spent`: how many did within [`WINDOW`]. `is_counted`: this one is among them,
/// as the request is a repeated one. Returns whether it is to be counted now.
///
/// # Errors
/// `too_many_requests`: the site's budget is spent.
pub fn spend(spent: u32, is_counted: bool) -> Result<bool, ProblemCode> {
    if is_counted {
        Ok(false)
    } else if spent < PER_WINDOW {
        Ok(true)
    } else {
        Err(ProblemCode::TooManyRequests)
    }
}

/// How long something counts.
pub const WINDOW: Duration = Duration::from_hours(1);
/// How many signups, and codes after the first of a signup, a site takes within [`WINDOW`]. Meta lets an app take on 200
/// new businesses in a week.
pub const PER_WINDOW: u32 = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budget_is_spent_once_per_key_and_ends() {
        let full = Err(ProblemCode::TooManyRequests);
        for (spent, is_counted, want) in [
            (0, false, Ok(true)),
            (1, true, Ok(false)),
            (PER_WINDOW - 1, false, Ok(true)),
            (PER_WINDOW, false, full),
            (PER_WINDOW, true, Ok(false)),
        ] {
            assert_eq!(spend(spent, is_counted), want, "{spent} {is_counted}");
        }
    }
}
