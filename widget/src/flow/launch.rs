//! Opening Meta's popup. `FB.login` is called in the click itself: nothing is awaited before it.
//!
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/implementation>

use super::{
    effect::{Effect, Effects, Timer},
    event::PopupResult,
    post_request::PostKind,
    state::{Attempt, Phase, State},
};
use crate::host_events::HostEvent;
use embark_protocol::{Remedy, requests::EndReason};
use embark_view::model::{Cancellation, DialogMode, PopupStatus, Problem};

/// A popup that has been open for so long may be hidden behind other windows.
const LONG_POPUP_MS: u32 = 20_000;
/// For how long the `launched` post is retried.
const LAUNCHED_RETRY_MS: u64 = 60_000;
/// Longest `redirect_uri` passed on, in bytes.
const MAX_REDIRECT_URI: usize = 2_048;
/// Path segment of the SDK's own page that its dialog redirects to.
const SDK_REDIRECT_SEGMENT: &str = "xd_arbiter";

impl State {
    /// Calls `FB.login`, unless a popup is open already or nothing can be launched in this phase.
    pub(super) fn open_popup(&mut self, effects: &mut Effects) {
        if self.dialog_mode == DialogMode::Redirect {
            return self.continue_in_this_window(effects);
        }
        if !self.offers_launch() || !self.can_launch() {
            return;
        }
        self.stop_waiting_for_popup(effects);
        self.attempts += 1;
        self.awaits_ids = false;
        self.allow_grant_replacement();
        // An undelivered `ended` belongs to the launch before and must not end this one.
        self.outbox.remove(PostKind::Ended);
        self.phase = Phase::Popup(Attempt::new(self.attempts));
        effects.push(Effect::Login);
    }

    pub(super) fn on_login_returned(
        &mut self,
        effects: &mut Effects,
        popup: PopupResult,
        redirect_uri: Option<String>,
    ) {
        // The callback may have come before FB.login returned; the launch is over then.
        let Phase::Popup(attempt) = &mut self.phase else {
            return;
        };
        attempt.returned_at = Some(self.now);
        attempt.redirect_uri = redirect_uri.filter(|uri| is_sdk_redirect_uri(uri));
        if popup == PopupResult::Blocked {
            attempt.popup = PopupStatus::Blocked;
        }
        effects.push(Effect::SaveSession);
        effects.announce(HostEvent::launched(&self.launch));
        self.post_launched(effects, LAUNCHED_RETRY_MS);
        match popup {
            PopupResult::Opened => {
                effects.push(Effect::WatchPopup);
                effects.start_timer(Timer::LongPopup, LONG_POPUP_MS);
            }
            // A popup may be open all the same: soon offer another way, and keep listening.
            PopupResult::NotCalled => self.on_no_window(effects),
            PopupResult::Blocked => {
                self.post_ended(effects, EndReason::Blocked);
                self.poll(effects);
            }
        }
    }

    /// Goes to Meta's dialog in this window, where no popup can be used. When the dialog returns, the
    /// hosted page is loaded again and resumes the signup.
    pub(super) fn continue_in_this_window(&mut self, effects: &mut Effects) {
        let is_offered = self.offers_launch() && !self.renewal.is_required;
        if let Some(dialog) = self.launch.dialog_url.clone().filter(|_| is_offered) {
            self.stop_waiting_for_popup(effects);
            self.outbox.remove(PostKind::Ended);
            self.phase = Phase::Resuming;
            effects.push(Effect::SaveSession);
            self.attempts += 1;
            self.post_launched(effects, LAUNCHED_RETRY_MS);
            effects.push(Effect::OpenDialogHere(dialog));
        }
    }

    /// Without cookies Meta's dialog would not find its way back: it was not opened.
    pub(super) fn on_cookies_off(&mut self, effects: &mut Effects) {
        self.phase = Phase::CookiesOff;
        self.enqueue_ended(effects, EndReason::Blocked, Cancellation::default());
    }

    /// Leaves a signup that has ended and requests another one.
    pub(super) fn start_over(&mut self, effects: &mut Effects) {
        let has_ended = match &self.phase {
            Phase::Failed(_) => true,
            Phase::Following(following) => following.snapshot.known_status().is_terminal(),
            _ => false,
        };
        if has_ended {
            self.stop_waiting_for_popup(effects);
            effects.push(Effect::ClearSession);
            self.handed_over = false;
            self.restored = false;
            self.phase = Phase::Idle;
            self.renew_now(effects);
        }
    }

    /// Ends this launch with a problem: there is no signup to follow.
    pub(super) fn fail(&mut self, effects: &mut Effects, problem: Problem) {
        self.stop_waiting_for_popup(effects);
        self.outbox.clear();
        effects.announce(HostEvent::failed(self.subject(), &problem));
        if problem.remedy != Remedy::Relaunch.as_str() {
            effects.push(Effect::ClearSession);
        }
        self.phase = Phase::Failed(problem);
    }

    /// Stops the timers of the current launch.
    pub(super) fn stop_waiting_for_popup(&mut self, effects: &mut Effects) {
        for timer in [
            Timer::CancelDetails,
            Timer::LateCode,
            Timer::MissingCode,
            Timer::LongPopup,
        ] {
            effects.stop_timer(timer);
        }
        effects.push(Effect::UnwatchPopup);
    }
}

/// Whether this is the SDK's own `redirect_uri`. The Worker has no use for any other.
fn is_sdk_redirect_uri(uri: &str) -> bool {
    let mut segments = uri.split(['/', '?']).skip(1);
    uri.len() <= MAX_REDIRECT_URI && segments.any(|segment| segment == SDK_REDIRECT_SEGMENT)
}

#[cfg(test)]
mod tests {
    use super::is_sdk_redirect_uri;

    #[test]
    fn redirect_uri_other_than_the_sdks_is_refused() {
        assert!(is_sdk_redirect_uri(
            "https://staticxx.facebook.com/x/connect/xd_arbiter/?version=46"
        ));
        for other in [
            "",
            "https://shop.example/",
            "xd_arbiter",
            &format!("/xd_arbiter{}", "x".repeat(2_048)),
        ] {
            assert!(!is_sdk_redirect_uri(other), "{other:?}");
        }
    }
}
