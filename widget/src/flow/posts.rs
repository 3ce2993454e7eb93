//! Delivery of posts to the Worker. Posts are sent one after the other and retried with the same body
//! until they are accepted or expire. The code never waits for another post.

use super::{
    backoff::backoff_ms,
    effect::{Effect, Effects, Timer},
    outbox::PendingPost,
    post_request::{PostKind, PostRequest},
    state::{Phase, State},
};
use crate::error::{ApiError, local_problem};
use embark_protocol::{ProblemCode, Remedy, requests::LaunchedRequest};
use embark_view::model::Snapshot;

/// Longest pause between two attempts.
const MAX_BACKOFF_MS: u32 = 4_000;
/// For how long a `launched` post is retried that was sent again because the Worker did not know the
/// signup.
const LAUNCHED_AGAIN_RETRY_MS: u64 = 30_000;
/// Attempts of the code while the Worker does not know the signup yet.
const MAX_EARLY_OUTCOMES: u8 = 6;

impl State {
    /// Number of the current launch, which all posts but `input` and `report` name.
    pub(super) fn launch_number(&self) -> Option<u32> {
        Some(self.attempts.max(1))
    }

    /// Adds a post that is retried for `retry_ms`.
    pub(super) fn enqueue_post(
        &mut self,
        effects: &mut Effects,
        request: PostRequest,
        retry_ms: u64,
    ) {
        effects.stop_timer(Timer::retry_of(request.kind()));
        let expires_at = self.now + retry_ms;
        self.outbox.insert(PendingPost::new(request, expires_at));
        self.send_pending_posts(effects);
    }

    /// Posts `launched` again, unless that is pending already.
    pub(super) fn post_launched_again(&mut self, effects: &mut Effects) {
        if !self.outbox.has_pending(PostKind::Launched) {
            self.post_launched(effects, LAUNCHED_AGAIN_RETRY_MS);
        }
    }

    pub(super) fn post_launched(&mut self, effects: &mut Effects, retry_ms: u64) {
        let attempt = self.launch_number();
        let request = PostRequest::Launched(LaunchedRequest { attempt });
        self.enqueue_post(effects, request, retry_ms);
    }

    /// Sends the first pending post, and the code in any case.
    pub(super) fn send_pending_posts(&mut self, effects: &mut Effects) {
        let mut is_first = true;
        for kind in PostKind::ALL {
            let Some(post) = self.outbox.get_mut(kind) else {
                continue;
            };
            if (is_first || kind == PostKind::Outcome) && !post.is_busy {
                post.is_busy = true;
                post.attempts = post.attempts.saturating_add(1);
                effects.push(Effect::Post(post.request.clone()));
            }
            is_first = false;
        }
    }

    pub(super) fn retry_post(&mut self, effects: &mut Effects, kind: PostKind) {
        if let Some(post) = self.outbox.get_mut(kind) {
            post.is_busy = false;
        }
        self.send_pending_posts(effects);
    }

    pub(super) fn on_posted(
        &mut self,
        effects: &mut Effects,
        kind: PostKind,
        reply: Result<Box<Snapshot>, ApiError>,
    ) {
        match reply {
            Ok(snapshot) => {
                self.outbox.remove(kind);
                self.failed_polls = 0;
                self.apply_snapshot(effects, *snapshot);
                if matches!(self.phase, Phase::Sending) && kind == PostKind::Outcome {
                    // The code was accepted, but the snapshot in the reply could not be shown.
                    self.phase = Phase::Resuming;
                }
                self.continue_polling(effects);
            }
            Err(_) if kind == PostKind::Report => self.on_refresh_failed(),
            Err(error) => self.on_post_error(effects, kind, error),
        }
        self.send_pending_posts(effects);
    }

    fn on_post_error(&mut self, effects: &mut Effects, kind: PostKind, error: ApiError) {
        let now = self.now;
        let Some(post) = self.outbox.get_mut(kind) else {
            return;
        };
        let pause = backoff_ms(post.attempts.saturating_sub(1), MAX_BACKOFF_MS);
        let in_time = now + u64::from(pause) < post.expires_at;
        // The Worker does not know the signup yet: `launched` is in flight, or must be sent again.
        let too_early = kind == PostKind::Outcome
            && error.is_not_launched()
            && post.attempts < MAX_EARLY_OUTCOMES;
        if in_time && (error.is_retryable() || too_early) {
            effects.start_timer(Timer::retry_of(kind), pause);
            if too_early {
                self.post_launched_again(effects);
            }
            return;
        }
        if error.is_grant_error()
            && matches!(kind, PostKind::Launched | PostKind::Outcome)
            && self.replace_grant(effects)
        {
            return;
        }
        self.outbox.remove(kind);
        self.on_post_failed(effects, kind, error);
    }

    /// The post was not accepted and is not retried.
    fn on_post_failed(&mut self, effects: &mut Effects, kind: PostKind, error: ApiError) {
        match (kind, error) {
            (PostKind::Input, error) => self.on_input_failed(effects, error),
            (PostKind::Outcome, ApiError::Refused { problem, .. })
                if problem.code == ProblemCode::CodeAlreadySent.as_str()
                    || problem.code == ProblemCode::Conflict.as_str() =>
            {
                // The signup went on without this code: read its state.
                self.phase = Phase::Resuming;
                self.poll(effects);
            }
            (PostKind::Outcome, error) if error.is_retryable() => {
                self.fail(effects, local_problem("unsent", Remedy::Relaunch));
            }
            (PostKind::Outcome, error) => self.fail(effects, error.into_problem()),
            // The popup is open, but the Worker would not accept its code.
            (PostKind::Launched, error @ ApiError::Refused { .. }) if !error.is_retryable() => {
                if matches!(self.phase, Phase::Popup(_)) {
                    self.fail(effects, error.into_problem());
                }
            }
            _ => {}
        }
    }
}
