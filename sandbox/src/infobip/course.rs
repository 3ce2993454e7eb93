//! The course of a registration: Infobip connects the numbers of an account and tells, as the rules want it.

use super::webhook::say;
use crate::errand::Course;
use crate::rules::Said;
use crate::state::State;

pub async fn register(course: Course, waba: String) {
    // `None`: a reset took this world away.
    run(&course, &waba).await;
}

async fn run(course: &Course, waba: &str) -> Option<()> {
    let (said, first, after) = {
        let rules = &course.shared.lock().rules;
        (
            rules.infobip_webhook,
            rules.infobip_webhook_ms,
            rules.infobip_after_ms,
        )
    };
    course.later(first, |_| ()).await?;
    let times = if said == Said::Duplicates { 2 } else { 1 };
    if !matches!(said, Said::Never | Said::OutOfOrder) {
        for _ in 0..times {
            say(course, waba, "IN_PROGRESS").await?;
        }
    }
    if said == Said::Early {
        course
            .later(0, |state| settle(state, waba, "FINISHED"))
            .await?;
        say(course, waba, "FINISHED").await?;
    }
    let fails = said == Said::Failed;
    let end = if fails { "FAILED" } else { "FINISHED" };
    course
        .later(after?, |state| {
            if !fails {
                connect(state, waba, said == Said::SenderFailed);
            }
            settle(state, waba, end);
        })
        .await?;
    if !matches!(said, Said::Never | Said::Early) {
        for _ in 0..times {
            say(course, waba, end).await?;
        }
    }
    if said == Said::OutOfOrder {
        say(course, waba, "IN_PROGRESS").await?;
    }
    Some(())
}

/// Verified numbers come up; the others fail, and so does the first where the rules want that.
fn connect(state: &mut State, waba: &str, first_fails: bool) {
    let now_ms = state.now_ms();
    let numbers: Vec<(String, bool)> = state
        .world
        .phones_of(waba)
        .map(|phone| {
            let verified = phone.code_verification_status == "VERIFIED";
            (phone.id.clone(), verified || phone.is_on_biz_app)
        })
        .collect();
    for (n, (id, verified)) in numbers.into_iter().enumerate() {
        if verified && !(first_fails && n == 0) {
            state.world.connect(&id, now_ms);
        } else if let Some(registration) = state.world.registrations.get_mut(waba) {
            registration.failed.insert(id);
        }
    }
}

fn settle(state: &mut State, waba: &str, status: &str) {
    let now_ms = state.now_ms();
    if let Some(registration) = state.world.registrations.get_mut(waba) {
        registration.status = status.into();
        registration.modified_ms = now_ms;
    }
}
