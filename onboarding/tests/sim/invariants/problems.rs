//! A problem that a customer sees has its cause.

use crate::state::observations::LastCommit;
use crate::state::run::RunObject;
use crate::state::world::World;
use crate::violation::{Check, ensure};
use core::time::Duration;
use embark_onboarding::signup::{Signup, snapshot};
use embark_onboarding::time::UnixMillis;
use embark_protocol::{Problem, ProblemCode, SignupStatus, Step};

/// `app_misconfigured` appears where an older copy of a rotated app secret was used, and never else.
pub fn misconfiguration_follows_a_rotation(
    world: &World,
    object: &RunObject,
    now: &LastCommit,
) -> Check {
    let used_old_copy = object.observations.copies_used_at.get() >= world.app_secret_put_at.get();
    let misconfigured = now.problem_code == Some(ProblemCode::AppMisconfigured)
        // A provider refused the site's credentials.
        && now.problem_step != Some(Step::Handoff);
    let name = "misconfiguration_follows_a_rotation";
    ensure(!misconfigured || used_old_copy, name, || {
        format!(
            "signup {}: the Partner object has the right secret",
            object.index
        )
    })
}

/// A signup fails with `meta_unavailable` after at least three faults: it retries for 24 hours. Not checked where the
/// clock jumped ahead, which makes them shorter.
pub fn meta_is_given_up_after_faults(world: &World, object: &RunObject, now: &LastCommit) -> Check {
    let given_up = now.status == Some(SignupStatus::Failed)
        && now.problem_code == Some(ProblemCode::MetaUnavailable);
    let clock_is_reliable = world.clock_skew_ms.get() <= 0;
    let faults = object.observations.faults.get();
    let holds = !given_up || !clock_is_reliable || faults >= 3;
    ensure(holds, "meta_is_given_up_after_faults", || {
        format!("signup {}: after {faults} faults", object.index)
    })
}

/// A short outage does not use up our own limit of three registrations in 72 hours: if none of the calls reached Meta,
/// the last was begun at least five minutes after the first: in true time, or by the clock of the objects, which cannot
/// know that it was put forward in between. Checked when a signup begins to wait.
pub fn register_budget_outlasts_an_outage(
    world: &World,
    object: &RunObject,
    signup: &Signup,
) -> Check {
    let own_limit = |problem: &Problem| {
        problem.code == ProblemCode::RegisterBudget && problem.meta_code.is_none()
    };
    let snapshot = snapshot::render(signup, UnixMillis::default());
    let assets = signup.steps.inspect.verified.as_ref();
    let phone = assets.and_then(|assets| assets.phone.as_ref());
    let (true, Some(phone)) = (snapshot.problem.as_ref().is_some_and(own_limit), phone) else {
        return Ok(());
    };
    let number_object = world.phone(&phone.id);
    let meta = world.meta.borrow();
    let number = meta
        .numbers
        .iter()
        .find(|number| number.id == phone.id.as_str());
    let reached_meta = number.is_some_and(|number| number.register_calls > 0);
    let committed = number_object.attempts_committed_at.borrow();
    let [.., first, _, last] = committed[..] else {
        return Ok(());
    };
    let record = number_object.storage.record.borrow();
    let recorded = record.iter().flat_map(|record| &record.register_attempts);
    let (earliest, latest) = (recorded.clone().min(), recorded.max());
    let by_clock = earliest.zip(latest).map(|(from, to)| to.since(*from));
    let apart = last.since(first).max(by_clock.unwrap_or_default());
    let holds = reached_meta || apart >= Duration::from_mins(5);
    ensure(holds, "register_budget_outlasts_an_outage", || {
        format!("signup {}: used up within {apart:?}", object.index)
    })
}
