//! What happens outside the signups.

use core::time::Duration;

/// Something that happens once in a history.
#[derive(Clone, Copy, Debug)]
pub enum Operation {
    /// The operator enables or disables a site.
    SetSiteEnabled(usize, bool),
    /// The app secret is rotated, at Meta and here.
    RotateAppSecret,
    /// The operator puts the app's settings with another limit.
    SetWeeklyLimit(u32),
    /// The operator transfers a number to the other site.
    TransferNumber(usize),
    /// Somebody deregisters a number at Meta.
    DeregisterNumber(usize),
    /// The customer removes the app: all its tokens become invalid.
    RevokeTokens,
    /// The partner revokes the credit line from all customers.
    RevokeCredit,
    /// The operator cancels a signup.
    CancelSignup(usize),
    /// The operator has a signup tried again.
    RetrySignup(usize),
    /// A service fails for a while.
    Outage(Service, Duration),
}

/// What can fail as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// The Site objects.
    Sites,
    /// The Waba and Phone objects.
    Assets,
    /// Meta's Graph API.
    Meta,
}
