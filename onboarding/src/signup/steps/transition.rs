//! What a step returns to the signup: effects to begin, and how the signup goes on.

use crate::crypto::Secret;
use crate::meta::ApiError;
use crate::problem::from_api_error;
use crate::signup::effects::{Effect, EffectId, Effects};
use crate::signup::record::{End, VisibleWait};
use crate::signup::state::ExchangeState;
use crate::time::UnixMillis;
use crate::workflow::{AppContext, RetryDecision, RetryState, classify};
use core::time::Duration;
use embark_protocol::site_events::SiteEventType;
use embark_protocol::{AppKey, Problem, ProblemCode, SignupId, SiteId, Step};

/// Whether the next stage of the plan may begin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::signup) enum StepStatus {
    /// The step is done, or not needed.
    Done,
    /// The step has effects in flight, waits for a time or for a person, or ended the signup.
    #[default]
    Pending,
}

/// The result of polling a step, or of giving it an outcome.
#[derive(Debug, Default)]
pub(in crate::signup) struct Transition {
    /// Only of a poll.
    pub(in crate::signup) status: StepStatus,
    /// Effects to begin. The step's state notes them as begun.
    pub(in crate::signup) effects: Effects,
    /// When to poll the step again, at the latest.
    pub(in crate::signup) wake_at: Option<UnixMillis>,
    /// What the page shows of a wait.
    pub(in crate::signup) wait: WaitChange,
    /// The signup ends.
    pub(in crate::signup) end: Option<End>,
    /// Warnings to add to the snapshot.
    pub(in crate::signup) warnings: Vec<&'static str>,
    /// An event to emit to the site's owner.
    pub(in crate::signup) event: Option<StepEvent>,
}

/// A change of the wait that the page shows.
#[derive(Debug, Default)]
pub(in crate::signup) enum WaitChange {
    /// None.
    #[default]
    Keep,
    /// This one is shown from now on.
    Show(VisibleWait),
    /// This one is shown from now on, unless another one is.
    ShowIfNone(VisibleWait),
    /// None is shown any more.
    Clear,
}

/// An event for the site's owner.
#[derive(Debug)]
pub(in crate::signup) struct StepEvent {
    /// Its type.
    pub(in crate::signup) event_type: SiteEventType,
    /// What went wrong, if something did.
    pub(in crate::signup) problem: Option<Problem>,
}

/// What every step after the exchange may read of the signup.
#[derive(Clone, Copy)]
pub(in crate::signup) struct StepInput<'a> {
    /// The signup.
    pub(in crate::signup) signup: &'a SignupId,
    /// Its site.
    pub(in crate::signup) site: &'a SiteId,
    /// Its app.
    pub(in crate::signup) app: &'a AppKey,
    /// The business token, opened. `None`: the deployment no longer has the key it was sealed with.
    pub(in crate::signup) token: Option<&'a Secret>,
    /// When Meta issued the token.
    pub(in crate::signup) token_received_at: UnixMillis,
    /// Unix seconds; see [`ExchangeState`].
    pub(in crate::signup) token_expires_at: Option<u64>,
}

impl<'a> StepInput<'a> {
    /// The input of the steps of this signup. `token`: as `exchange` opened it.
    pub(in crate::signup) fn new(
        signup: &'a SignupId,
        site: &'a SiteId,
        app: &'a AppKey,
        exchange: &ExchangeState,
        token: Option<&'a Secret>,
    ) -> Self {
        Self {
            signup,
            site,
            app,
            token,
            token_received_at: exchange.token_received_at().unwrap_or_default(),
            token_expires_at: exchange.token_expires_at(),
        }
    }
}

impl Transition {
    /// The step waits: for effects in flight, or for a person.
    pub(in crate::signup) fn pending() -> Self {
        Self::default()
    }

    /// The step is done.
    pub(in crate::signup) fn done() -> Self {
        Self {
            status: StepStatus::Done,
            ..Self::default()
        }
    }

    /// The step waits for a point in time.
    pub(in crate::signup) fn wake_at(at: UnixMillis) -> Self {
        Self {
            wake_at: Some(at),
            ..Self::default()
        }
    }

    /// The step begins one effect.
    pub(in crate::signup) fn effect(id: EffectId, effect: Effect) -> Self {
        Self {
            effects: vec![(id, effect)],
            ..Self::default()
        }
    }

    /// The signup ends.
    pub(in crate::signup) fn end(end: End) -> Self {
        Self {
            end: Some(end),
            ..Self::default()
        }
    }

    /// The signup fails with a problem of this step.
    pub(in crate::signup) fn fail(code: ProblemCode, step: Step) -> Self {
        Self::end(End::Failed(Problem::new(code).at_step(step)))
    }

    /// The customer must go through Meta's popup again, because of a problem of this step.
    pub(in crate::signup) fn relaunch(code: ProblemCode, step: Step) -> Self {
        Self::end(End::Relaunch(Problem::new(code).at_step(step)))
    }

    /// Asks to be polled again at `at`, or earlier.
    #[must_use]
    pub(in crate::signup) fn or_wake_at(mut self, at: UnixMillis) -> Self {
        self.wake_at = Some(self.wake_at.map_or(at, |earlier| earlier.min(at)));
        self
    }
}

/// What a failed call means for a step that has no rule of its own for it.
pub(in crate::signup) enum RetryOrEnd {
    /// The step repeats the call at this time. The transition shows the wait, if it is long.
    Retry(RetryState, Transition),
    /// The signup is over.
    End(Transition),
}

/// Classifies a failed call: repeat it, or end the signup. A wait that a person would notice is shown.
pub(in crate::signup) fn retry_or_end(
    error: &ApiError,
    retry: RetryState,
    step: Step,
    cx: &AppContext<'_>,
) -> RetryOrEnd {
    match classify(error, retry, step, cx) {
        RetryDecision::Retry(retry) => {
            let mut transition = Transition::pending();
            if retry.not_before > cx.now + SHOWN_FROM {
                transition.wait = WaitChange::Show(VisibleWait {
                    until: retry.not_before,
                    problem: from_api_error(ProblemCode::MetaUnavailable, step, error),
                });
            }
            RetryOrEnd::Retry(retry, transition)
        }
        RetryDecision::Relaunch(problem) => {
            RetryOrEnd::End(Transition::end(End::Relaunch(problem)))
        }
        RetryDecision::Fail(problem) => RetryOrEnd::End(Transition::end(End::Failed(problem))),
    }
}

/// Waits longer than this are shown to the customer.
pub(in crate::signup) const SHOWN_FROM: Duration = Duration::from_secs(30);
