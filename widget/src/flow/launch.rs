//! Starting up, and opening Meta's window. `FB.login` runs in the bare click ("Launch method and
//! callback registration"): nothing is awaited before it, and everything else follows unawaited.

use super::{Action, Attempt, Effect, Effects, Kind, Note, Phase, Sdk, State, Timer, Window};
use crate::{announce, config::Saved, error::Problem, json::Object};
use alloc::string::String;
use embark_protocol::{Status, launch::Mode};

/// An SDK that is not there by now is blocked.
const SDK_MS: u32 = 10_000;
/// A popup open for so long may have been lost from sight.
const SLOW_MS: u32 = 20_000;
/// `launched` is worth repeating for so long.
const LAUNCHED_MS: u64 = 60_000;

impl State {
    pub(super) fn start(&mut self, out: &mut Effects, saved: Option<Saved>) {
        // Where the hosted page does it all, Meta's script has no business.
        if self.launch.mode == Mode::Window {
            self.sdk_ready(out);
        } else {
            self.load_sdk(out);
        }
        self.schedule_renewal(out);
        if let Some(saved) = saved {
            // An invitation that this signup has used up is good for nothing but this signup.
            self.handed_over = saved.handed_over || self.launch.problem().is_some();
            self.spare = Some(Saved {
                signup: self.launch.signup.clone(),
                grant: self.launch.grant.clone(),
                handover: self.launch.handover.clone(),
                handed_over: false,
            });
            self.launch.adopt(saved);
            self.phase = Phase::Resuming;
            self.ask(out);
        } else {
            self.idle();
        }
        self.tell_link(out);
    }

    /// The button, or why there is none.
    pub(super) fn idle(&mut self) {
        self.phase = match self.launch.problem() {
            Some(problem) => Phase::Stopped(problem),
            None => Phase::Idle,
        };
    }

    /// Tells the loader where the host's own button leads from now on.
    pub(super) fn tell_link(&self, out: &mut Effects) {
        if self.launch.mode == Mode::Window {
            out.announce(announce::link(&self.launch));
        }
    }

    /// The host's own button opened the hosted page: this page follows along.
    fn elsewhere(&mut self, out: &mut Effects) {
        if self.launch.mode == Mode::Window && matches!(self.phase, Phase::Idle) {
            self.look_elsewhere();
            out.push(Effect::Remember);
            out.announce(announce::launched(&self.launch));
            self.ask(out);
        }
    }

    /// Somebody is at it in another window.
    pub(super) fn look_elsewhere(&mut self) {
        self.phase = Phase::Popup(Attempt {
            note: Note::Blocked,
            ..Attempt::new(0)
        });
    }

    pub(super) fn load_sdk(&mut self, out: &mut Effects) {
        self.sdk = Sdk::Loading;
        out.push(Effect::LoadSdk);
        out.after(Timer::Sdk, SDK_MS);
    }

    /// Late is fine: an SDK that comes after the bound still counts.
    pub(super) fn sdk_ready(&mut self, out: &mut Effects) {
        self.sdk = Sdk::Ready;
        out.stop(Timer::Sdk);
        if !self.announced_ready {
            self.announced_ready = true;
            out.announce(announce::ready());
        }
    }

    pub(super) fn sdk_failed(&mut self, out: &mut Effects) {
        if self.sdk == Sdk::Loading {
            self.sdk = Sdk::Blocked;
            out.stop(Timer::Sdk);
        }
    }

    /// No popup comes up: this window goes to Meta and comes back. Whatever happens there is found in the
    /// run; whoever turns back finds the button.
    fn leave(&mut self, out: &mut Effects) {
        let stuck = match &self.phase {
            Phase::Idle => !self.renewal.is_needed(),
            Phase::Popup(attempt) => attempt.offers_restart(),
            _ => false,
        };
        if let Some(dialog) = self.launch.dialog_url().filter(|_| stuck) {
            self.stop_waiting(out);
            self.outbox.remove(Kind::Ended);
            self.phase = Phase::Resuming;
            out.push(Effect::Remember);
            self.attempts += 1;
            self.post(out, Kind::Launched, Object::new(), LAUNCHED_MS);
            out.push(Effect::Leave(dialog));
        }
    }

    /// Whether the button may be pressed.
    pub fn can_launch(&self) -> bool {
        self.sdk == Sdk::Ready && !self.renewal.is_needed()
    }

    pub(super) fn act(&mut self, out: &mut Effects, action: Action) {
        match action {
            Action::Launch => self.launch_now(out),
            Action::Anew => self.anew(out),
            Action::Check => self.check(out),
            Action::Retry if self.sdk == Sdk::Blocked => self.load_sdk(out),
            Action::Retry => self.ask_now(out),
            Action::Here => self.leave(out),
            Action::Elsewhere => self.elsewhere(out),
            Action::ShowWindow => out.push(Effect::ShowWindow),
            Action::Submit(value) => self.submit(out, &value),
            Action::Resend(method) => self.request_code(out, method),
        }
    }

    /// One pending launch per page: a click while the popup is open and well does nothing.
    fn launch_now(&mut self, out: &mut Effects) {
        let offered = match &self.phase {
            Phase::Idle => true,
            Phase::Popup(attempt) => attempt.offers_restart(),
            Phase::Following(following) => {
                matches!(
                    following.snapshot.status,
                    Status::Relaunch | Status::Abandoned
                )
            }
            Phase::Stopped(problem) => problem.remedy == "relaunch",
            Phase::Resuming | Phase::Sending => false,
        };
        if !offered || !self.can_launch() {
            return;
        }
        self.stop_waiting(out);
        self.attempts += 1;
        self.ids_wanted = false;
        self.allow_reissue();
        // Of the launch before: it must not end this one.
        self.outbox.remove(Kind::Ended);
        self.phase = Phase::Popup(Attempt::new(self.attempts));
        out.push(Effect::Login);
    }

    pub(super) fn login_called(
        &mut self,
        out: &mut Effects,
        window: Window,
        redirect_uri: Option<String>,
    ) {
        // The callback may have come before FB.login returned; the launch is over then.
        let Phase::Popup(attempt) = &mut self.phase else {
            return;
        };
        attempt.redirect_uri = redirect_uri;
        if window == Window::Refused {
            attempt.note = Note::Blocked;
        }
        out.push(Effect::Remember);
        out.announce(announce::launched(&self.launch));
        self.post(out, Kind::Launched, Object::new(), LAUNCHED_MS);
        match window {
            Window::Opened => {
                out.push(Effect::Watch);
                out.after(Timer::Slow, SLOW_MS);
            }
            // A window may be there all the same: offer another way soon, and keep listening.
            Window::Unseen => self.window_closed(out),
            Window::Refused => {
                self.post_ended(out, "blocked");
                self.ask(out);
            }
        }
    }

    /// Leaves a signup that is over for a new one.
    pub(super) fn anew(&mut self, out: &mut Effects) {
        let over = match &self.phase {
            Phase::Stopped(_) => true,
            Phase::Following(following) => following.snapshot.status.is_end(),
            _ => false,
        };
        if over {
            self.stop_waiting(out);
            out.push(Effect::Forget);
            self.handed_over = false;
            self.phase = Phase::Idle;
            self.renew_now(out);
        }
    }

    /// Nothing of the launch before is waited for any more.
    pub(super) fn stop_waiting(&mut self, out: &mut Effects) {
        for timer in [Timer::Settle, Timer::Grace, Timer::Silent, Timer::Slow] {
            out.stop(timer);
        }
        out.push(Effect::Unwatch);
    }

    /// Shows a problem that ends this launch without a run to follow.
    pub(super) fn stop(&mut self, out: &mut Effects, problem: Problem) {
        self.stop_waiting(out);
        self.outbox.clear();
        out.announce(announce::failed(&self.launch, &problem));
        if problem.remedy != "relaunch" {
            out.push(Effect::Forget);
        }
        self.phase = Phase::Stopped(problem);
    }
}
