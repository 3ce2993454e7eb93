//! The link by which a customer goes on with a signup, as the partner's back end asks for it.

use super::record::{End, LAUNCH_WITHOUT_CODE, Signup, Stage};
use super::snapshot::{renewed_grant, status_of};
use crate::auth::grant::{Grant, LinkKind};
use crate::retention::Retention;
use crate::time::UnixMillis;
use crate::workflow::Context;
use embark_protocol::backend::SignupLink;
use embark_protocol::{Problem, ProblemCode, Remedy, SignupStatus, SiteId};

/// The link to the hosted page with this signup. It may do what the customer's own page may. `origin`: the deployment's
/// public origin.
///
/// # Errors
/// `not_found`: the signup is another site's. `conflict`: nobody has to go on with it. `deadline_passed`: nobody can any
/// more. `app_misconfigured`: the link cannot be signed.
pub fn resume_link(
    signup: &Signup,
    site: &SiteId,
    cx: &Context<'_>,
    origin: &str,
) -> Result<SignupLink, Problem> {
    if signup.site != *site {
        return Err(Problem::new(ProblemCode::NotFound));
    }
    let status = status_of(signup);
    // A repetition would not help: the detail says why.
    let conflict = |detail: &str| {
        Err(Problem {
            remedy: Remedy::Contact,
            ..Problem::new(ProblemCode::Conflict).with_detail(detail)
        })
    };
    match status {
        SignupStatus::Launched
        | SignupStatus::NeedsInput
        | SignupStatus::Waiting
        | SignupStatus::Relaunch
        | SignupStatus::Abandoned => {}
        SignupStatus::Running => return conflict("the signup goes on by itself at the moment"),
        SignupStatus::Connected | SignupStatus::ConnectedWithoutNumber | SignupStatus::Failed => {
            let detail = ["the signup has ended: ", status.as_str()].concat();
            return conflict(&detail);
        }
    }
    let until = until(signup, &cx.retention);
    if cx.now >= until {
        return Err(Problem::new(ProblemCode::DeadlinePassed));
    }
    let grant = Grant {
        link: Some(LinkKind::Resume),
        ..renewed_grant(signup, until)
    };
    let url = grant.hosted_page_url(origin, cx.keyring);
    Ok(SignupLink {
        url: url.ok_or_else(|| Problem::new(ProblemCode::AppMisconfigured))?,
        expires_at: until.0,
    })
}

/// Until when somebody can go on.
fn until(signup: &Signup, retention: &Retention) -> UnixMillis {
    let awaited = signup.person_awaited_until();
    match &signup.stage {
        Stage::Launched => awaited.min(signup.last_user_activity_at + LAUNCH_WITHOUT_CODE),
        // A relaunch begins anew, while the record is there.
        Stage::Ended {
            end: End::Relaunch(_) | End::Abandoned,
            ..
        } => signup
            .expires_at(retention)
            .map_or(awaited, |at| at.min(awaited)),
        Stage::Running | Stage::Ended { .. } => awaited,
    }
}
