//! What one signup redeems, once: invitations and sessions. Reading it changes nothing; the first post of the signup
//! redeems it, and that signup may go on for ever.

use crate::time::UnixMillis;
use embark_protocol::{ProblemCode, SignupId};

/// Something that one signup redeems.
pub trait OneTime {
    /// The problem once another signup has redeemed it.
    const USED: ProblemCode;
    /// The problem once it has expired.
    const EXPIRED: ProblemCode;

    /// Until when it can be redeemed.
    fn expires_at(&self) -> UnixMillis;

    /// The signup that redeemed it. `None`: none yet.
    fn used_by(&self) -> Option<&SignupId>;

    /// Records that this signup redeemed it.
    fn set_used(&mut self, signup: &SignupId, now: UnixMillis);
}

/// Checks that it can still be redeemed.
///
/// # Errors
/// The problem to answer with: it was redeemed, or has expired.
pub fn check_usable<T: OneTime>(item: &T, now: UnixMillis) -> Result<(), ProblemCode> {
    if item.used_by().is_some() {
        Err(T::USED)
    } else if now > item.expires_at() {
        Err(T::EXPIRED)
    } else {
        Ok(())
    }
}

/// Redeems it for a signup. Repeated for the same signup, it changes nothing. Returns whether it changed.
///
/// # Errors
/// As of [`check_usable`].
pub fn redeem<T: OneTime>(
    item: &mut T,
    signup: &SignupId,
    now: UnixMillis,
) -> Result<bool, ProblemCode> {
    if item.used_by() == Some(signup) {
        return Ok(false);
    }
    check_usable(item, now)?;
    item.set_used(signup, now);
    Ok(true)
}
