//! How long rows are kept that no request deletes. Signups erase themselves (`Signup::expires_at`), invitations are
//! deleted 90 days after they expire.

use core::time::Duration;

/// Rows of a site's signup index, after the last change of a signup that is over: longer than the signup itself.
pub const SIGNUP_INDEX: Duration = Duration::from_hours(120 * 24);
/// Events for the owner of a site.
pub const SITE_EVENTS: Duration = Duration::from_hours(90 * 24);
/// Entries of the audit log.
pub const AUDIT: Duration = Duration::from_hours(400 * 24);
/// Customer businesses that were counted for a quota. A business that connects again later counts again.
pub const BUSINESSES: Duration = Duration::from_hours(400 * 24);
/// An incarnation of an object deletes rows at most this often.
pub const PRUNED_EVERY: Duration = Duration::from_hours(1);
