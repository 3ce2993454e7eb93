//! An operator cancels a signup. A call that is under way is not broken off: the signup ends once what came of it is known,
//! and begins no other.

use super::effects::{EffectId, Effects};
use super::record::{End, Signup, Stage};
use crate::time::UnixMillis;
use crate::workflow::AppContext;
use embark_protocol::{Problem, ProblemCode, Remedy, SiteId};

impl Signup {
    /// Asks for the signup to end. One that is to be launched again, or was abandoned, does at once, others at their next poll without a call under way. Repeated, it changes nothing, also once
    /// the signup has ended by it.
    ///
    /// # Errors
    /// `not_found`: the signup is another site's. `conflict`: it has ended otherwise.
    pub fn cancel(&mut self, site: &SiteId, now: UnixMillis) -> Result<(), Problem> {
        if self.site != *site {
            return Err(Problem::new(ProblemCode::NotFound));
        }
        if self.cancel_requested_at.is_some() {
            return Ok(());
        }
        match &self.stage {
            Stage::Launched | Stage::Running => {}
            // The customer could go on with it.
            Stage::Ended {
                end: End::Relaunch(_) | End::Abandoned,
                ..
            } => {
                let end = End::Failed(Problem::new(ProblemCode::SignupCancelled));
                self.stage = Stage::Ended { end, at: now };
            }
            Stage::Ended { .. } => {
                return Err(Problem {
                    remedy: Remedy::Contact,
                    ..Problem::new(ProblemCode::Conflict).with_detail("the signup has ended")
                });
            }
        }
        self.cancel_requested_at = Some(now);
        Ok(())
    }

    /// # Errors
    /// `signup_cancelled`: an operator has cancelled the signup, and it takes nothing in any more.
    pub(in crate::signup) fn check_not_cancelled(&self) -> Result<(), Problem> {
        match self.cancel_requested_at {
            Some(_) => Err(Problem::new(ProblemCode::SignupCancelled)),
            None => Ok(()),
        }
    }

    /// Ends a signup that is to be cancelled, unless a call of its steps is under way: its outcome is taken in first. If that
    /// call was the last one, the signup is connected, and nothing is cancelled.
    pub(in crate::signup) fn poll_cancellation(
        &mut self,
        in_flight: &[EffectId],
        cx: &AppContext<'_>,
        effects: &mut Effects,
    ) {
        let is_step = |id: &EffectId| !matches!(id, EffectId::Outbox(_));
        if in_flight.iter().any(is_step) {
            return;
        }
        let mut rest = Self {
            cancel_requested_at: None,
            ..self.clone()
        };
        let mut beside = Effects::new();
        if rest.stage == Stage::Running {
            rest.run_plan(&[], cx, &mut beside);
        }
        if rest.has_connected() {
            *self = rest;
            effects.extend(beside);
        } else {
            self.end_cancelled(cx.now);
        }
    }

    /// Ends a signup that is to be cancelled.
    pub(in crate::signup) fn end_cancelled(&mut self, now: UnixMillis) {
        self.visible_wait = None;
        self.end(End::Failed(Problem::new(ProblemCode::SignupCancelled)), now);
    }

    fn has_connected(&self) -> bool {
        matches!(
            self.stage,
            Stage::Ended {
                end: End::Connected { .. },
                ..
            }
        )
    }
}
