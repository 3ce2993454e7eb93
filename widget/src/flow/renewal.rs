//! Keeping the launch document fresh, so that nothing has to be fetched at the click. Its grant can be
//! launched for a quarter of an hour; a page may be open for days.

use super::{
    backoff::backoff_ms,
    effect::{Effect, Effects, Timer},
    state::{Phase, Renewal, State},
};
use crate::{error::ApiError, launch_document::LaunchDocument};

/// Longest pause between two attempts.
const MAX_BACKOFF_MS: u32 = 30_000;
/// Attempts to replace a refused grant while a code waits for it: the code lives 30 seconds.
const MAX_GRANT_ATTEMPTS: u8 = 4;

impl State {
    pub(super) fn schedule_renewal(&self, effects: &mut Effects) {
        effects.start_timer(Timer::Renew, self.launch.renew_in_ms);
    }

    /// Replaces the document if it is due, but only while nobody is using it.
    pub(super) fn renew_if_due(&mut self, effects: &mut Effects) {
        let is_due = matches!(self.phase, Phase::Idle)
            && !self.handed_over
            && self.now >= self.renewal.due_at;
        if is_due || self.renewal.replacing_grant {
            self.request_renewal(effects);
        }
    }

    /// The signup is used up: nothing can be launched until there is another one.
    pub(super) fn renew_now(&mut self, effects: &mut Effects) {
        self.renewal.is_required = true;
        self.renewal.due_at = self.now;
        self.request_renewal(effects);
    }

    /// The Worker refused the grant while the popup was open: requests another launch document and
    /// continues under it. Returns whether a replacement is under way.
    pub(super) fn replace_grant(&mut self, effects: &mut Effects) -> bool {
        if !self.renewal.grant_replaced && matches!(self.phase, Phase::Popup(_) | Phase::Sending) {
            self.renewal.grant_replaced = true;
            self.renewal.replacing_grant = true;
            self.renewal.attempts = 0;
            self.request_renewal(effects);
        }
        self.renewal.replacing_grant
    }

    /// A new launch may replace its grant once.
    pub(super) fn allow_grant_replacement(&mut self) {
        self.renewal.grant_replaced = false;
        self.renewal.replacing_grant = false;
    }

    pub(super) fn on_renewed(
        &mut self,
        effects: &mut Effects,
        reply: Result<Box<LaunchDocument>, ApiError>,
    ) {
        self.renewal.in_flight = false;
        let reply = reply.and_then(|launch| match launch.problem {
            Some(problem) => Err(ApiError::Refused {
                status: 0,
                problem: Box::new(problem),
            }),
            None => Ok(launch),
        });
        match reply {
            Ok(launch) if launch.site == self.launch.site => {
                self.replace_launch(effects, *launch);
            }
            Ok(_) => {}
            Err(error)
                if error.is_retryable()
                    && !(self.renewal.replacing_grant
                        && self.renewal.attempts >= MAX_GRANT_ATTEMPTS) =>
            {
                self.renewal.attempts = self.renewal.attempts.saturating_add(1);
                if self.renewal.is_required {
                    self.failed_polls = self.failed_polls.saturating_add(1);
                }
                effects.start_timer(
                    Timer::Renew,
                    backoff_ms(self.renewal.attempts, MAX_BACKOFF_MS),
                );
            }
            Err(error) => {
                if self.renewal.is_required || std::mem::take(&mut self.renewal.replacing_grant) {
                    self.fail(effects, error.into_problem());
                }
            }
        }
    }

    fn replace_launch(&mut self, effects: &mut Effects, launch: LaunchDocument) {
        let replacing_grant = std::mem::take(&mut self.renewal.replacing_grant);
        let is_idle = matches!(self.phase, Phase::Idle);
        if !is_idle && !replacing_grant {
            return;
        }
        self.launch = launch;
        self.restored = false;
        self.renewal = Renewal::new(self.now, self.launch.renew_in_ms);
        self.reset_polling(effects);
        self.schedule_renewal(effects);
        self.announce_link(effects);
        if is_idle {
            return;
        }
        self.renewal.grant_replaced = true;
        effects.push(Effect::SaveSession);
        self.post_launched_again(effects);
        self.outbox.restart();
        self.send_pending_posts(effects);
    }

    fn request_renewal(&mut self, effects: &mut Effects) {
        if !std::mem::replace(&mut self.renewal.in_flight, true) {
            effects.push(Effect::RenewLaunch);
        }
    }
}
