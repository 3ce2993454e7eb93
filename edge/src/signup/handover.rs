//! Handing a signup over to another window, where none that Meta opens can report back. Each handover is good
//! for one window: the first to post with it holds it. Whoever comes by the same link later is refused, and
//! the page that handed over is given the next.

use super::{End, Signup, Stage};
use crate::fault;
use crate::grant::Grant;
use embark_protocol::{Code, Problem};

/// Whether this grant may see the signup.
pub fn check(run: &Signup, grant: &Grant) -> Result<(), Problem> {
    let (Some(n), Some(holder)) = (grant.handover, &grant.holder) else {
        return Ok(());
    };
    let good = match run.holders.get(n) {
        Some(known) => known == holder,
        None => n == run.holders.len(),
    };
    good.then_some(())
        .ok_or_else(|| fault::problem(Code::GrantUsed))
}

/// Whether this grant may change the signup; a handover that nobody holds is held from now on.
pub fn take(run: &mut Signup, grant: &Grant) -> Result<(), Problem> {
    check(run, grant)?;
    if grant.handover == Some(run.holders.len()) {
        run.holders.extend(grant.holder.clone());
    }
    Ok(())
}

/// The handover to offer next, while somebody may still want to go on elsewhere.
pub fn next(run: &Signup) -> Option<usize> {
    let open = match &run.stage {
        Stage::Launched | Stage::Running => true,
        Stage::Ended { end, .. } => matches!(end, End::Relaunch(_) | End::Abandoned),
    };
    let n = run.holders.len();
    (open && n < MOST).then_some(n)
}

/// More windows than a person opens for one signup.
const MOST: usize = 8;
