//! Our app hears the account's webhooks. A bare POST while an override is set would wipe it and divert
//! live messages, so it is sent only where our app is not listed; an answer that was not heard is read
//! back before anything is sent again.

use super::{Acts, Flow, Signup, again};
use crate::graph::{Class, answer, call, check, error};
use crate::run::{Act, Ctx, Key, Pace, Told};
use embark_protocol::Step;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subscribe {
    #[default]
    Todo,
    /// To be sent again, or looked at first, not before the pace says.
    Again {
        pace: Pace,
        look: bool,
    },
    /// Begun; the answer is not stored.
    Posting {
        pace: Pace,
    },
    Looking {
        pace: Pace,
    },
    Done,
    /// The provider alone hears the account's webhooks.
    Skipped,
}

const KEY: Key = Key::Step(Step::Subscribe, 0);

pub(super) fn next(run: &mut Signup, busy: &[Key], ctx: &Ctx<'_>, acts: &mut Acts) -> Flow {
    let Some(found) = &run.inspect.found else {
        return Flow::Pending;
    };
    let (pace, look) = match run.subscribe {
        Subscribe::Done | Subscribe::Skipped => return Flow::Done,
        Subscribe::Todo if run.leaves_webhooks() => {
            run.subscribe = Subscribe::Skipped;
            return Flow::Done;
        }
        Subscribe::Todo if found.subscribed => {
            run.subscribe = Subscribe::Done;
            return Flow::Done;
        }
        _ if busy.contains(&KEY) => return Flow::Pending,
        Subscribe::Todo => (Pace::default(), false),
        Subscribe::Again { pace, .. } if !pace.is_due(ctx.now) => {
            run.wake_by(pace.not_before);
            return Flow::Pending;
        }
        Subscribe::Again { pace, look } => (pace, look),
        Subscribe::Posting { pace } | Subscribe::Looking { pace } => (pace, true),
    };
    let (id, Some(token)) = (found.waba.id.clone(), run.token(ctx)) else {
        return Flow::Pending;
    };
    let pace = pace.begin(ctx.now);
    let (state, call) = if look {
        (Subscribe::Looking { pace }, call::subscribed_apps(&id))
    } else {
        (Subscribe::Posting { pace }, call::subscribe(&id))
    };
    run.subscribe = state;
    acts.push((KEY, Act::Graph(call.sign(ctx.access, &token))));
    Flow::Pending
}

pub(super) fn take(run: &mut Signup, told: Told, ctx: &Ctx<'_>) {
    let Told::Heard(heard) = told else { return };
    let (pace, read) = match run.subscribe {
        Subscribe::Posting { pace } => {
            let done = |body: Vec<u8>| answer::success(&body).map(|()| true);
            (
                pace,
                check(heard).and_then(|body| done(body).ok_or_else(error::unreadable)),
            )
        }
        Subscribe::Looking { pace } => {
            let ours = ctx.access.app_id.as_str();
            let listed = |body: Vec<u8>| answer::subscribes(&body, ours);
            (
                pace,
                check(heard).and_then(|body| listed(body).ok_or_else(error::unreadable)),
            )
        }
        _ => return,
    };
    let failure = match read {
        Ok(true) => {
            run.subscribe = Subscribe::Done;
            return;
        }
        Ok(false) => {
            run.subscribe = Subscribe::Again { pace, look: false };
            return;
        }
        Err(failure) => failure,
    };
    // A look that failed proves nothing: look again. A post that did not land may simply be sent again.
    let look =
        failure.class == Class::Unheard || matches!(run.subscribe, Subscribe::Looking { .. });
    if let Some(pace) = again(run, &failure, pace, Step::Subscribe, ctx) {
        run.subscribe = Subscribe::Again { pace, look };
    }
}
