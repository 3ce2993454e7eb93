//! Start of the widget: loading the SDK, resuming an earlier signup, and following a signup that runs
//! in another window.

use super::{
    effect::{Effect, Effects, Timer},
    state::{Attempt, Phase, SdkState, State},
};
use crate::{host_events::HostEvent, session::Session};
use embark_protocol::launch::LaunchMode;
use embark_view::model::PopupStatus;

/// The SDK counts as blocked if it is not ready by then.
const SDK_TIMEOUT_MS: u32 = 10_000;

impl State {
    pub(super) fn start(&mut self, effects: &mut Effects, session: Option<Session>) {
        // In mode `window` only the hosted page needs Meta's script.
        if self.launch.mode == LaunchMode::Window {
            self.on_sdk_ready(effects);
        } else {
            self.load_sdk(effects);
        }
        self.schedule_renewal(effects);
        if let Some(session) = session {
            // With a problem in the launch document (its invitation is used up by this very signup, for
            // example) there is no other signup to fall back to.
            self.handed_over = session.handed_over || self.launch.problem.is_some();
            self.own_session = Some(Session::of_launch(&self.launch));
            session.move_into(&mut self.launch);
            self.phase = Phase::Resuming;
            if let Some(snapshot) = self.launch.snapshot.take() {
                self.apply_snapshot(effects, snapshot);
            }
            self.poll(effects);
        } else {
            self.show_button();
        }
        self.announce_link(effects);
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

    /// The host page's own button opened the hosted page, or this page's did before Meta's SDK was ready: follow the
    /// signup from here.
    pub(super) fn on_hosted_page_opened(&mut self, effects: &mut Effects) {
        let is_hidden = self.launch.mode == LaunchMode::Window;
        if matches!(self.phase, Phase::Idle) && (is_hidden || self.offers_way_without_sdk()) {
            self.follow_other_window();
            if !is_hidden {
                self.show_other_window();
            }
            effects.push(Effect::SaveSession);
            effects.announce(HostEvent::launched(&self.launch));
            self.poll(effects);
        }
    }

    /// Waits for a person who continues in another window.
    pub(super) fn follow_other_window(&mut self) {
        self.phase = Phase::Popup(Attempt {
            popup: PopupStatus::Blocked,
            ..Attempt::new(0)
        });
    }

    /// Says that the person continues in another window, and offers to start here all the same.
    fn show_other_window(&mut self) {
        if let Phase::Popup(attempt) = &mut self.phase {
            attempt.popup = PopupStatus::Open;
            attempt.open_long = true;
        }
    }
}
