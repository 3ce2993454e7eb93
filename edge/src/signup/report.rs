//! After `connected`, off the path: the number and the subscription are read back. What is not as it
//! should be becomes a warning; nothing here can undo a connection.

use super::{Acts, Flow, Signup};
use crate::graph::{answer, call, check, error};
use crate::run::{Act, Ctx, Key, Pace, Told, Verdict, judge};
use embark_protocol::Step;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    pub phone: Option<answer::Phone>,
    pub subscribed: Option<bool>,
    pub pace: Pace,
    pub over: bool,
}

const PHONE: u8 = 0;
const APPS: u8 = 1;

pub(super) fn next(run: &mut Signup, busy: &[Key], ctx: &Ctx<'_>, acts: &mut Acts) -> Flow {
    if run.report.over {
        return Flow::Done;
    }
    let (Some(found), Some(token)) = (run.inspect.found.clone(), run.token(ctx)) else {
        return Flow::Done;
    };
    let phone_read = run.report.phone.is_some() || found.phone.is_none();
    if (phone_read && run.report.subscribed.is_some()) || run.report.pace.tries >= MOST_TRIES {
        conclude(run, found.phone.is_some());
        return Flow::Done;
    }
    if !run.report.pace.is_due(ctx.now) {
        run.wake_by(run.report.pace.not_before);
        return Flow::Pending;
    }
    let before = acts.len();
    let mut look = |slot, missing: bool, request| {
        let key = Key::Step(Step::Report, slot);
        if missing && !busy.contains(&key) {
            acts.push((key, Act::Graph(request)));
        }
    };
    if let Some(phone) = &found.phone {
        look(
            PHONE,
            !phone_read,
            call::phone(&phone.id).sign(ctx.access, &token),
        );
    }
    let apps = call::subscribed_apps(&found.waba.id).sign(ctx.access, &token);
    look(APPS, run.report.subscribed.is_none(), apps);
    if acts.len() > before {
        run.report.pace = run.report.pace.begin(ctx.now);
    }
    Flow::Pending
}

pub(super) fn take(run: &mut Signup, slot: u8, told: Told, ctx: &Ctx<'_>) {
    let Told::Graph(heard) = told else { return };
    let read = check(heard).and_then(|body| {
        let understood = match slot {
            PHONE => answer::phone(&body).map(|phone| run.report.phone = Some(phone)),
            _ => answer::subscribes(&body, ctx.access.app_id.as_str())
                .map(|listed| run.report.subscribed = Some(listed)),
        };
        understood.ok_or_else(error::unreadable)
    });
    if let Err(failure) = read {
        match judge(&failure, run.report.pace, Step::Report, ctx) {
            Verdict::Again(pace) => run.report.pace = pace,
            // The signup is connected; a report that cannot be had is only missing.
            Verdict::Relaunch(_) | Verdict::Failed(_) => run.report.pace.tries = MOST_TRIES,
        }
    }
}

fn conclude(run: &mut Signup, has_number: bool) {
    run.report.over = true;
    let mut warn = |word: &str| run.warnings.push(word.to_owned());
    match run.report.subscribed {
        Some(true) => {}
        Some(false) => warn("not_subscribed"),
        None => warn("subscription_unread"),
    }
    match &run.report.phone {
        Some(phone) => {
            if !phone.is_connected() && !phone.is_coexistence() {
                warn("number_not_connected_yet");
            }
            match phone.name_status.as_deref() {
                Some("DECLINED") => warn("name_declined"),
                Some("EXPIRED") => warn("name_expired"),
                _ => {}
            }
            if phone.quality_rating.as_deref() == Some("RED") {
                warn("quality_red");
            }
        }
        None if has_number => warn("number_unread"),
        None => {}
    }
}

/// A report is a courtesy: it is not tried for a day.
const MOST_TRIES: u16 = 5;
