//! Polling the signup. The Worker holds each poll until the snapshot changes; the next poll is sent after the
//! delay in the reply, and with a growing delay while the Worker cannot be reached.

use super::{
    backoff::backoff_ms,
    effect::{Effect, Effects, Timer},
    state::{Phase, Polling, State},
};
use crate::error::ApiError;
use embark_protocol::SignupStatus;
use embark_view::model::{PopupStatus, Snapshot};

/// Longest pause between two polls while the Worker cannot be reached.
const MAX_BACKOFF_MS: u32 = 15_000;
/// Shortest pause after a reply without a change, in case the Worker does not hold the poll.
const MIN_UNCHANGED_PAUSE_MS: u32 = 1_000;
/// Pause while the person may continue in another window.
const OTHER_WINDOW_PAUSE_MS: u32 = 3_000;

impl State {
    /// Polls, unless a poll is in flight.
    pub(super) fn poll(&mut self, effects: &mut Effects) {
        effects.stop_timer(Timer::Poll);
        if !std::mem::replace(&mut self.polling.in_flight, true) {
            effects.push(Effect::Poll);
        }
    }

    /// Query string of the poll: `?after=<seq>` holds it until there is a newer snapshot. Empty before
    /// the first snapshot.
    pub fn poll_query(&self) -> String {
        match self.polling.seq {
            Some(seq) => ["?after=", &seq.to_string()].concat(),
            None => String::new(),
        }
    }

    /// Skips the pause before the next request.
    pub(super) fn poll_now(&mut self, effects: &mut Effects) {
        if self.should_poll() {
            self.poll(effects);
        } else {
            self.renew_if_due(effects);
        }
    }

    pub(super) fn on_polled(
        &mut self,
        effects: &mut Effects,
        reply: Result<Box<Snapshot>, ApiError>,
    ) {
        self.polling.in_flight = false;
        match reply {
            Ok(snapshot) => {
                self.failed_polls = 0;
                let pause = self.poll_delay_ms(&snapshot);
                self.apply_snapshot(effects, *snapshot);
                if self.should_poll() {
                    effects.start_timer(Timer::Poll, pause);
                }
            }
            Err(error) if error.is_retryable() => {
                self.failed_polls = self.failed_polls.saturating_add(1);
                if self.should_poll() {
                    effects.start_timer(Timer::Poll, backoff_ms(self.failed_polls, MAX_BACKOFF_MS));
                }
            }
            Err(error) => self.on_poll_refused(effects, error),
        }
    }

    fn poll_delay_ms(&self, snapshot: &Snapshot) -> u32 {
        // After an end there is only something to wait for if the person continues in another tab. The
        // long pause the Worker asks for does not fit that.
        if snapshot.known_status().is_terminal() {
            let is_watched = is_watched(snapshot);
            let pause = if is_watched {
                snapshot.poll_after_ms
            } else {
                0
            };
            return pause.max(OTHER_WINDOW_PAUSE_MS);
        }
        let is_newer = self.polling.seq.is_none_or(|seq| snapshot.seq > seq);
        let min = if is_newer { 0 } else { MIN_UNCHANGED_PAUSE_MS };
        snapshot.poll_after_ms.max(min)
    }

    /// The Worker does not know the signup, or refuses the grant.
    fn on_poll_refused(&mut self, effects: &mut Effects, error: ApiError) {
        match &self.phase {
            Phase::Resuming => self.return_to_button(effects, error.is_not_launched()),
            // The `launched` post has not been processed yet.
            Phase::Popup(_) if error.is_not_launched() => {
                effects.start_timer(Timer::Poll, OTHER_WINDOW_PAUSE_MS);
            }
            Phase::Following(following) if !following.snapshot.known_status().is_terminal() => {
                self.fail(effects, error.into_problem());
            }
            _ => {}
        }
    }

    /// Polls, if the phase needs it and no poll is in flight.
    pub(super) fn continue_polling(&mut self, effects: &mut Effects) {
        if self.should_poll() && !self.polling.in_flight {
            self.poll(effects);
        }
    }

    /// Forgets earlier snapshots: the signup is another one, or starts again under another grant.
    pub(super) fn reset_polling(&mut self, effects: &mut Effects) {
        self.signup_generation += 1;
        self.polling = Polling::default();
        self.failed_polls = 0;
        effects.stop_timer(Timer::Poll);
    }

    fn should_poll(&self) -> bool {
        match &self.phase {
            Phase::Resuming => true,
            Phase::Popup(attempt) => !matches!(
                attempt.popup,
                PopupStatus::Open | PopupStatus::Cancelled | PopupStatus::CodeMissing
            ),
            Phase::Following(following) => {
                !following.snapshot.known_status().is_terminal()
                    || following.is_waiting(self.now)
                    || is_watched(&following.snapshot)
            }
            _ => false,
        }
    }
}

/// Whether the Worker has a connected signup polled again, with its report: what is left may be done by itself.
fn is_watched(snapshot: &Snapshot) -> bool {
    let is_connected = matches!(
        snapshot.known_status(),
        SignupStatus::Connected | SignupStatus::ConnectedWithoutNumber
    );
    is_connected && snapshot.report.is_some() && snapshot.poll_after_ms < UNWATCHED_MS
}

/// What the Worker says of a signup that does not change any more.
const UNWATCHED_MS: u32 = 60_000;
