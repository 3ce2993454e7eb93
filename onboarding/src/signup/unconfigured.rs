//! What becomes of a signup whose app, or the app's secret, is not set up.

use super::record::{End, LAUNCH_WITHOUT_CODE, Signup, Stage};
use crate::retention::Retention;
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::{Problem, ProblemCode};

/// What the object does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unconfigured {
    /// Read the app's settings again after [`credentials_retry_delay`].
    Wait,
    /// Nothing before `Signup::wake_at`, once the record is stored.
    Idle,
    /// The record is to be erased.
    Expired,
}

impl Signup {
    /// A running signup fails: its authorization code does not live until an operator has set the app up. One that has its
    /// token waits, a day after the customer's last action at most. One without a code, and one that has ended, are kept
    /// as long as any other; messages that are in the outbox by then are lost.
    pub fn on_unconfigured(&mut self, now: UnixMillis, retention: &Retention) -> Unconfigured {
        self.next_wake_at = None;
        let code_expected_until = self.last_user_activity_at + LAUNCH_WITHOUT_CODE;
        match self.stage {
            Stage::Launched | Stage::Running if self.cancel_requested_at.is_some() => {
                self.end_cancelled(now);
            }
            Stage::Running if self.has_token() && now < code_expected_until => {
                return Unconfigured::Wait;
            }
            Stage::Running => {
                let problem = Problem::new(ProblemCode::AppMisconfigured);
                self.end(End::Failed(problem), now);
            }
            Stage::Launched if now >= code_expected_until => self.end(End::Abandoned, now),
            Stage::Launched => self.schedule_wake(code_expected_until),
            Stage::Ended { .. } => {}
        }
        match self.expires_at(retention) {
            Some(at) if now >= at => Unconfigured::Expired,
            _ => Unconfigured::Idle,
        }
    }
}

/// The time until an app's credentials are read again, after so many failures in succession before this one. Short at
/// first: an authorization code lives 30 s.
pub fn credentials_retry_delay(failures: u32) -> Duration {
    (FIRST_DELAY * (1 << failures.min(8))).min(LONGEST_DELAY)
}

const FIRST_DELAY: Duration = Duration::from_millis(500);
const LONGEST_DELAY: Duration = Duration::from_mins(1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Sealed;
    use crate::signup::state::ExchangeState;
    use embark_protocol::{AppKey, SignupId, SiteId};

    const HOUR: Duration = Duration::from_hours(1);

    fn signup(stage: Stage) -> Signup {
        let mut signup = Signup::launched(
            SignupId::parse("00000000000000000000000000000001").unwrap(),
            SiteId::parse("acme").unwrap(),
            AppKey::parse("main").unwrap(),
            "https://shop.example".into(),
            UnixMillis(0),
        );
        signup.stage = stage;
        signup
    }

    #[test]
    fn unconfigured_app_ends_what_cannot_wait() {
        let code = |signup: &Signup| match &signup.stage {
            Stage::Ended {
                end: End::Failed(problem),
                ..
            } => Some(problem.code),
            _ => None,
        };
        let misconfigured = Some(ProblemCode::AppMisconfigured);
        for (stage, has_token, hours, next, end) in [
            (Stage::Launched, false, 1, Unconfigured::Idle, None),
            (Stage::Launched, false, 24, Unconfigured::Expired, None),
            (Stage::Running, false, 1, Unconfigured::Idle, misconfigured),
            (Stage::Running, true, 23, Unconfigured::Wait, None),
            (Stage::Running, true, 24, Unconfigured::Idle, misconfigured),
        ] {
            let mut signup = signup(stage.clone());
            if has_token {
                signup.steps.exchange = ExchangeState::Done {
                    token: Sealed::from_stored("v1.1.x".into()),
                    expires_at: None,
                    received_at: UnixMillis(0),
                };
            }
            let now = UnixMillis(0) + HOUR * hours;
            let found = (
                signup.on_unconfigured(now, &Retention::default()),
                code(&signup),
            );
            assert_eq!(
                found,
                (next, end),
                "{stage:?} with a token: {has_token}, after {hours} h"
            );
        }
    }

    #[test]
    fn cancelled_signup_does_not_wait_for_its_app() {
        let cancelled = Problem::new(ProblemCode::SignupCancelled);
        for stage in [Stage::Launched, Stage::Running] {
            let mut signup = signup(stage);
            let site = signup.site.clone();
            assert!(signup.cancel(&site, UnixMillis(0)).is_ok());
            let done = signup.on_unconfigured(UnixMillis(1), &Retention::default());
            assert_eq!(done, Unconfigured::Idle);
            let end = End::Failed(cancelled.clone());
            let at = UnixMillis(1);
            assert_eq!(signup.stage, Stage::Ended { end, at });
        }
    }

    #[test]
    fn credentials_are_read_again_after_half_a_second_and_every_minute_at_most() {
        for (failures, millis) in [
            (0, 500),
            (1, 1_000),
            (6, 32_000),
            (7, 60_000),
            (u32::MAX, 60_000),
        ] {
            let delay = credentials_retry_delay(failures);
            assert_eq!(delay, Duration::from_millis(millis), "{failures}");
        }
    }
}
