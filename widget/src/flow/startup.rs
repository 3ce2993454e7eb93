//! Start of the widget: loading the SDK, resuming an earlier signup, and following a signup that runs
//! in another window.

use super::{
    effect::{Effect, Effects, Timer},
    state::{Attempt, Phase, SdkState, State},
};
use crate::{
    host_events::HostEvent,
    session::{Session, SessionSource},
};
use embark_protocol::launch::LaunchMode;
use embark_view::model::{DialogMode, PopupStatus};

/// The SDK counts as blocked if it is not ready by then.
const SDK_TIMEOUT_MS: u32 = 10_000;

impl State {
    pub(super) fn start(&mut self, effects: &mut Effects, session: Option<Session>) {
        // In mode `window` only the hosted page needs Meta's script, and without a popup no page does.
        if self.launch.mode == LaunchMode::Window || self.dialog_mode == DialogMode::Redirect {
            self.on_sdk_ready(effects);
        } else {
            self.load_sdk(effects);
        }
        self.schedule_renewal(effects);
        let is_answered = self.launch.is_opened_by_site;
        match session {
            Some(session) if session.source == SessionSource::Address && !is_answered => {
                self.phase = Phase::Asking(session);
            }
            Some(session) => self.resume(effects, session),
            None => self.show_button(),
        }
        self.announce_link(effects);
    }

    /// Goes on with a signup that was begun elsewhere, as the person wants it.
    pub(super) fn join(&mut self, effects: &mut Effects) {
        match std::mem::replace(&mut self.phase, Phase::Resuming) {
            Phase::Asking(session) => self.resume(effects, session),
            other => self.phase = other,
        }
    }

    /// Leaves a signup that was begun elsewhere as it is.
    pub(super) fn decline(&mut self) {
        if matches!(self.phase, Phase::Asking(_)) {
            self.show_button();
        }
    }

    fn resume(&mut self, effects: &mut Effects, session: Session) {
        // With a problem in the launch document (its invitation is used up by this very signup, for
        // example) there is no other signup to fall back to.
        let is_stored = session.source == SessionSource::Stored;
        self.handed_over = !is_stored || self.launch.problem.is_some();
        self.restored = is_stored;
        self.own_session = Some(Session::of_launch(&self.launch));
        session.move_into(&mut self.launch);
        self.phase = Phase::Resuming;
        if let Some(snapshot) = self.launch.snapshot.take() {
            self.apply_snapshot(effects, snapshot);
        }
        self.poll(effects);
    }

    /// Shows the button, or why nothing can be launched.
    pub(super) fn show_button(&mut self) {
        self.phase = match &self.launch.problem {
            Some(problem) => Phase::Failed(problem.clone()),
            None => Phase::Idle,
        };
    }

    pub(super) fn load_sdk(&mut self, effects: &mut Effects) {
        self.sdk = SdkState::Loading;
        effects.push(Effect::LoadSdk);
        effects.start_timer(Timer::SdkTimeout, SDK_TIMEOUT_MS);
    }

    /// An SDK that becomes ready after the timeout is used all the same.
    pub(super) fn on_sdk_ready(&mut self, effects: &mut Effects) {
        self.sdk = SdkState::Ready;
        effects.stop_timer(Timer::SdkTimeout);
        if !self.ready_announced {
            self.ready_announced = true;
            effects.announce(HostEvent::Ready {});
        }
    }

    pub(super) fn on_sdk_failed(&mut self, effects: &mut Effects) {
        if self.sdk == SdkState::Loading {
            self.sdk = SdkState::Blocked;
            effects.stop_timer(Timer::SdkTimeout);
        }
    }

    /// In mode `window`, tells the loader which URL the host page's own button opens from now on.
    pub(super) fn announce_link(&self, effects: &mut Effects) {
        if self.launch.mode == LaunchMode::Window {
            effects.announce(HostEvent::link(&self.launch));
        }
    }

    /// The host page's own button opened the hosted page, or a link of this page did: follow the signup from here.
    pub(super) fn on_hosted_page_opened(&mut self, effects: &mut Effects) {
        let is_first = matches!(self.phase, Phase::Idle);
        let is_offered = match self.launch.mode {
            LaunchMode::Window => is_first,
            LaunchMode::Frame | LaunchMode::Inline | LaunchMode::Page if is_first => {
                self.sdk != SdkState::Ready || self.dialog_mode == DialogMode::Redirect
            }
            LaunchMode::Frame | LaunchMode::Inline | LaunchMode::Page => self.offers_launch(),
        };
        if !is_offered || self.renewal.is_required {
            return;
        }
        self.stop_waiting_for_popup(effects);
        match self.launch.mode {
            LaunchMode::Window => self.follow_other_window(PopupStatus::Blocked),
            _ => self.follow_other_window(PopupStatus::OtherWindow),
        }
        effects.push(Effect::SaveSession);
        if is_first {
            effects.announce(HostEvent::launched(&self.launch));
        }
        self.poll(effects);
    }

    /// Waits for a person who continues in another window.
    pub(super) fn follow_other_window(&mut self, popup: PopupStatus) {
        self.phase = Phase::Popup(Attempt {
            popup,
            ..Attempt::new(0)
        });
    }
}
