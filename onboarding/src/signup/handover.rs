//! Handing a signup over to another window, where the window that Meta opens cannot report back to the page.
//! Each handover grant is good for one window: the first to post with it holds it. A later window with the
//! same link is refused, and the page that handed over is given the next grant in its snapshots.

use super::record::{End, Signup, Stage};
use crate::auth::grant::{Grant, GrantKind};
use embark_protocol::{Problem, ProblemCode};

/// Checks that this grant may read the signup.
///
/// # Errors
/// `grant_used`: another window holds the handover.
pub fn check_may_read(signup: &Signup, grant: &Grant) -> Result<(), Problem> {
    let (Some(number), Some(window)) = (grant.handover, &grant.holder) else {
        return Ok(());
    };
    let allowed = match signup.window_holders.get(number) {
        Some(holder) => holder == window,
        None => number == signup.window_holders.len() && grant.kind() == GrantKind::Handover,
    };
    if allowed {
        Ok(())
    } else {
        Err(Problem::new(ProblemCode::GrantUsed))
    }
}

/// Checks that this grant may change the signup. A handover that no window holds is held by this one from now
/// on.
///
/// # Errors
/// `grant_used`: another window holds the handover.
pub fn acquire(signup: &mut Signup, grant: &Grant) -> Result<(), Problem> {
    check_may_read(signup, grant)?;
    if grant.handover == Some(signup.window_holders.len()) {
        signup.window_holders.extend(grant.holder.clone());
    }
    Ok(())
}

/// Whether this grant's window acts for the signup: the page itself, or a window that holds the handover. One that
/// may read a handover which nobody holds yet does not, and is given no link to the signup.
pub fn acts_for(signup: &Signup, grant: &Grant) -> bool {
    match (grant.handover, &grant.holder) {
        (Some(number), Some(window)) => signup.window_holders.get(number) == Some(window),
        (Some(_), None) => false,
        (None, _) => true,
    }
}

/// The number of the handover to offer next. `None`: the signup is over, or was handed over too often.
pub fn next_number(signup: &Signup) -> Option<usize> {
    let open = match &signup.stage {
        Stage::Launched | Stage::Running => true,
        Stage::Ended { end, .. } => matches!(end, End::Relaunch(_) | End::Abandoned),
    };
    let number = signup.window_holders.len();
    (open && number < MAX_HANDOVERS).then_some(number)
}

/// More windows than a person opens for one signup.
const MAX_HANDOVERS: usize = 8;
