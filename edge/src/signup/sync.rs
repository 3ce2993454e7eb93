//! A number that stays in the WhatsApp Business app brings its contacts and its chats along: each once, and
//! within 24 h of the signup ("Onboarding business app users"). Whether it is such a number is decided by
//! what inspect read, never by the browser's event.
//!
//! What Meta sends then arrives by webhook only: where the app does not listen, asking would waste the one
//! chance, so that is looked at first. Nothing here can cost the signup: what could not be had is a warning.

use super::record::Hold;
use super::{Acts, Flow, Signup};
use crate::fault;
use crate::graph::{answer, call, check, error};
use crate::run::{Act, Ctx, Key, Ms, Pace, Told, Verdict, judge};
use crate::signup::exchange::Exchange;
use embark_protocol::{Code, Problem, Step};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sync {
    pub at: At,
    pub pace: Pace,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum At {
    /// Reading what the app listens to.
    #[default]
    Listening,
    Contacts,
    History,
    Done,
}

const KEY: Key = Key::Step(Step::Sync, 0);

pub(super) fn next(run: &mut Signup, busy: &[Key], ctx: &Ctx<'_>, acts: &mut Acts) -> Flow {
    let Some(phone) = run.synced_number().cloned() else {
        return Flow::Done;
    };
    if run.sync.at == At::Done {
        return Flow::Done;
    }
    if busy.contains(&KEY) {
        return Flow::Pending;
    }
    let deadline = deadline(run);
    if ctx.now >= deadline {
        give_up(run, "sync_missed");
        return Flow::Done;
    }
    if !run.sync.pace.is_due(ctx.now) {
        run.wake_by(run.sync.pace.not_before.min(deadline));
        return Flow::Pending;
    }
    let Some(token) = run.token(ctx) else {
        give_up(run, "sync_missed");
        return Flow::Done;
    };
    let request = match run.sync.at {
        At::Listening => call::subscriptions(ctx.access).sign(ctx.access),
        At::Contacts => call::sync(&phone.id, "smb_app_state_sync").sign(ctx.access, &token),
        At::History | At::Done => call::sync(&phone.id, "history").sign(ctx.access, &token),
    };
    run.sync.pace = run.sync.pace.begin(ctx.now);
    acts.push((KEY, Act::Graph(request)));
    Flow::Pending
}

pub(super) fn take(run: &mut Signup, told: Told, ctx: &Ctx<'_>) {
    let Told::Heard(heard) = told else { return };
    let answered = check(heard).and_then(|body| match run.sync.at {
        At::Listening => answer::listens(&body, FIELDS).ok_or_else(error::unreadable),
        // Any answer without an error: it was asked for.
        _ => Ok(true),
    });
    let failure = match answered {
        Ok(true) => return go_on(run),
        Ok(false) => return wait_for_operator(run, ctx),
        Err(failure) => failure,
    };
    match failure.code {
        // Asked for before, by a call that was not heard.
        Some(2_593_107) => return go_on(run),
        Some(2_593_108) => return give_up(run, "sync_missed"),
        _ => {}
    }
    match judge(&failure, run.sync.pace, Step::Sync, ctx) {
        Verdict::Again(pace) => run.sync.pace = pace,
        Verdict::Relaunch(_) | Verdict::Failed(_) => give_up(run, "sync_refused"),
    }
}

fn go_on(run: &mut Signup) {
    run.hold = None;
    run.sync.pace = Pace::default();
    run.sync.at = match run.sync.at {
        At::Listening => At::Contacts,
        At::Contacts => At::History,
        At::History | At::Done => At::Done,
    };
}

/// Shown with the clock that Meta set; looked at again until then.
fn wait_for_operator(run: &mut Signup, ctx: &Ctx<'_>) {
    run.sync.pace = Pace {
        not_before: ctx.now + LOOK_AGAIN_MS,
        ..Pace::default()
    };
    let detail = "the app's webhook must hear history, smb_app_state_sync and smb_message_echoes";
    let problem = Problem {
        detail: Some(detail.to_owned()),
        ..fault::in_step(Code::AppMisconfigured, Step::Sync)
    };
    run.hold = Some(Hold {
        until: deadline(run),
        problem,
    });
}

fn give_up(run: &mut Signup, warning: &str) {
    run.hold = None;
    run.sync.at = At::Done;
    run.warnings.push(warning.to_owned());
}

/// 24 h from the signup, with a margin for the last call.
fn deadline(run: &Signup) -> Ms {
    match run.exchange {
        Exchange::Done { at, .. } => at + WINDOW_MS,
        _ => 0,
    }
}

impl Signup {
    /// The number, if it stays in the WhatsApp Business app.
    pub(super) fn synced_number(&self) -> Option<&answer::Phone> {
        let found = self.inspect.found.as_ref()?;
        let ours = |phone: &&answer::Phone| phone.is_coexistence() && !self.leaves_webhooks();
        found.phone.as_ref().filter(ours)
    }
}

/// What must be listened to before anything is asked for.
const FIELDS: &[&str] = &["history", "smb_app_state_sync", "smb_message_echoes"];
const WINDOW_MS: Ms = 24 * 3_600_000 - 60_000;
const LOOK_AGAIN_MS: Ms = 5 * 60_000;
