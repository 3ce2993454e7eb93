//! A signup that asks its site to be admitted.

/// What is known of a signup when its site decides whether it may go on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Candidate {
    /// It renews an account that is connected already: no new business, and invited by the operator's link.
    pub is_renewal: bool,
    /// It has redeemed an invitation of the site.
    pub is_invited: bool,
    /// The app takes no more new businesses this week.
    pub quota_is_full: bool,
}
