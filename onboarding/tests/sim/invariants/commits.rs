//! What one commit may change in a record.

use super::{connected, problems};
use crate::page_post::PagePost;
use crate::state::observations::LastCommit;
use crate::state::phone::{CommittedBy, PhoneObject};
use crate::state::run::RunObject;
use crate::state::world::World;
use crate::violation::{Check, ensure};
use embark_onboarding::resources::phone_number::PhoneRecord;
use embark_onboarding::signup::Signup;
use embark_protocol::{ProblemCode, SignupStatus};
use std::collections::BTreeSet;

/// Checks the record that was just committed and remembers it. `posted_to`: the number of the
/// incarnation that received the post which changed it; `None`: the workflow changed it.
pub fn after_signup_commit(
    world: &World,
    object: &RunObject,
    signup: &Signup,
    posted_to: Option<i64>,
) {
    let by_post = posted_to.is_some();
    let observations = &object.observations;
    let before = observations.last_commit.take();
    let now = before.next(signup, world.now.get());
    world.enforce(seq_never_decreases(object, &before, &now));
    world.enforce(only_posts_change_an_end(object, &before, &now, by_post));
    world.enforce(cancelled_signup_stays_cancelled(object, &before, &now));
    world.enforce(token_is_kept_until_claimed(object, &before, &now));
    world.enforce(each_candidate_has_one_name(object, signup));
    if let Some(incarnation) = posted_to
        && now.code_received_at.is_some()
        && now.code_received_at != before.code_received_at
    {
        observations.begin_code(world.now.get(), incarnation);
    }
    if now.status != before.status {
        world.log(|| {
            let (status, code) = (now.status, now.problem_code);
            format!("signup {}: {status:?} {code:?}", object.index)
        });
        if now.status == Some(SignupStatus::Waiting) {
            world.enforce(problems::register_budget_outlasts_an_outage(
                world, object, signup,
            ));
        }
    }
    if !before.credit_done && now.credit_done {
        world.enforce(connected::shared_credit_pays(world, object, signup));
    }
    if !before.has_ended() && now.has_ended() {
        if now.problem_code.is_some() {
            world.enforce(problems::misconfiguration_follows_a_rotation(
                world, object, &now,
            ));
            world.enforce(problems::meta_is_given_up_after_faults(world, object, &now));
        } else if now.status != Some(SignupStatus::Abandoned) {
            world.enforce(connected::check(world, object, signup));
        }
    }
    *observations.last_commit.borrow_mut() = now;
}

/// The snapshot's sequence number never decreases.
fn seq_never_decreases(object: &RunObject, before: &LastCommit, now: &LastCommit) -> Check {
    ensure(now.seq >= before.seq, "seq_never_decreases", || {
        let (index, before, now) = (object.index, before.seq, now.seq);
        format!("signup {index}: seq went from {before} to {now}")
    })
}

/// A signup that has ended changes status or problem by a post only, or by an operator who has it tried again, or cancels what a
/// customer could go on with.
fn only_posts_change_an_end(
    object: &RunObject,
    before: &LastCommit,
    now: &LastCommit,
    by_post: bool,
) -> Check {
    let same = (now.status, now.problem_code) == (before.status, before.problem_code);
    let could_go_on = matches!(
        before.status,
        Some(SignupStatus::Relaunch | SignupStatus::Abandoned)
    );
    let cancelled = could_go_on && now.problem_code == Some(ProblemCode::SignupCancelled);
    let retried = object.observations.retried.get();
    let holds = !before.has_ended() || by_post || same || cancelled || retried;
    ensure(holds, "only_posts_change_an_end", || {
        format!(
            "signup {}: had ended {:?} {:?} and is {:?} {:?}",
            object.index, before.status, before.problem_code, now.status, now.problem_code
        )
    })
}

/// No post of a page reopens a signup that an operator cancelled.
fn cancelled_signup_stays_cancelled(
    object: &RunObject,
    before: &LastCommit,
    now: &LastCommit,
) -> Check {
    let was_cancelled = before.problem_code == Some(ProblemCode::SignupCancelled);
    let holds = !was_cancelled || now.problem_code == before.problem_code;
    ensure(holds, "cancelled_signup_stays_cancelled", || {
        let (index, status) = (object.index, now.status);
        format!("signup {index}: it was cancelled, and is {status:?}")
    })
}

/// A sealed token stays in the record until its account has it. A relaunch replaces it: by another code, or before.
fn token_is_kept_until_claimed(object: &RunObject, before: &LastCommit, now: &LastCommit) -> Check {
    let replaced = now.code_received_at.is_some() && now.spent_codes > before.spent_codes
        || before.status == Some(SignupStatus::Relaunch);
    let lost = before.has_token && !now.has_token && !before.waba_claimed && !replaced;
    ensure(!lost, "token_is_kept_until_claimed", || {
        format!("signup {}: the token is gone", object.index)
    })
}

/// The customer's choice of accounts has each account once.
fn each_candidate_has_one_name(object: &RunObject, signup: &Signup) -> Check {
    let names = &signup.steps.inspect.waba_names;
    let ids: BTreeSet<_> = names.iter().map(|name| &name.id).collect();
    let unique = ids.len() == names.len();
    ensure(unique, "each_candidate_has_one_name", || {
        format!("signup {}: {names:?}", object.index)
    })
}

/// A late or repeated `launched` does not undo what the code of its own launch led to. Checked after each post;
/// `had_ended`: the signup, before it.
pub fn late_launch_undoes_no_end(object: &RunObject, post: &PagePost, had_ended: bool) -> Check {
    let mut last = object.observations.last_commit.borrow_mut();
    match post {
        PagePost::Outcome(launch, _) => {
            last.launch_of_code = last.launch_of_code.max(Some(*launch));
            Ok(())
        }
        PagePost::Launched(launch) => {
            let undone = had_ended
                && last.launch_of_code >= Some(*launch)
                && last.status == Some(SignupStatus::Launched);
            ensure(!undone, "late_launch_undoes_no_end", || {
                format!("signup {}: launch {launch} undid an end", object.index)
            })
        }
        _ => Ok(()),
    }
}

/// A number stays with its site unless the operator transfers it. Remembers the owner.
pub fn number_keeps_its_owner(world: &World, object: &PhoneObject, record: &PhoneRecord) -> Check {
    let owner = record.owner.as_ref().map(|owner| owner.site.to_string());
    let before = object.owner.replace(owner.clone());
    let moved = before.is_some() && before != owner;
    let holds = !moved || world.transfer_in_progress.get();
    ensure(holds, "number_keeps_its_owner", || {
        let id = &object.id;
        format!("number {id}: moved from {before:?} to {owner:?}")
    })
}

/// A registration does not change the owner, and a claim changes nothing else: neither overwrites what the other stored.
pub fn phone_commit_changes_its_own_part(
    object: &PhoneObject,
    before: &PhoneRecord,
    record: &PhoneRecord,
    by: CommittedBy,
) -> Check {
    let same_owner = record.owner == before.owner;
    let holds = match by {
        CommittedBy::Registration => same_owner,
        CommittedBy::Claim => {
            let with_owner = PhoneRecord {
                owner: record.owner.clone(),
                ..before.clone()
            };
            *record == with_owner
        }
    };
    ensure(holds, "phone_commit_changes_its_own_part", || {
        let id = &object.id;
        format!("number {id}: what another handler stored is lost")
    })
}
