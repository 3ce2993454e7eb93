//! The behaviour of the widget as a pure function: `(State, Event) -> (State, Effects)`. The runtime
//! performs the effects and reports what happened as events. It takes no decision of its own.
//!
//! Reading order: the types (`event`, `effect`, `post_request`, `state`, `outbox`), then the rules in the order of a
//! signup: `startup`, `launch` (opening Meta's popup), `popup` (what it brings), `posts` (delivery to
//! the Worker), `polling` and `progress` (following the signup), `input` (answering it), `report` (the
//! readiness report) and `renewal` (keeping the launch document fresh).

mod backoff;
pub mod effect;
pub mod event;
mod input;
mod launch;
mod outbox;
mod polling;
mod popup;
pub mod post_request;
mod posts;
mod progress;
mod renewal;
mod report;
mod startup;
pub mod state;
#[cfg(test)]
pub mod tests;

use effect::{Effects, Timer};
use event::{Action, Event};
use post_request::PostKind;
use state::{SdkState, State};

impl State {
    /// Applies an event and returns the effects to perform. `now` is in Unix milliseconds.
    pub fn step(&mut self, now: u64, event: Event) -> Effects {
        let mut effects = Effects::default();
        self.now = now;
        self.handle(&mut effects, event);
        effects
    }

    fn handle(&mut self, effects: &mut Effects, event: Event) {
        match event {
            Event::Start(session) => self.start(effects, session),
            Event::SdkReady => self.on_sdk_ready(effects),
            Event::SdkFailed => self.on_sdk_failed(effects),
            Event::Action(action) => self.on_action(effects, action),
            Event::LoginReturned {
                popup,
                redirect_uri,
            } => self.on_login_returned(effects, popup, redirect_uri),
            Event::LoginCallback {
                attempt,
                code: None,
            } => self.on_callback_without_code(effects, attempt),
            Event::LoginCallback {
                code: Some(code), ..
            } => self.on_code(effects, &code),
            Event::PopupClosed => self.on_popup_closed(effects),
            Event::MetaMessage(message) => self.on_meta_message(effects, message),
            Event::Posted {
                signup_generation,
                kind,
                reply,
            } if signup_generation == self.signup_generation => {
                self.on_posted(effects, kind, reply)
            }
            Event::Polled {
                signup_generation,
                reply,
            } if signup_generation == self.signup_generation => self.on_polled(effects, reply),
            Event::Posted { .. } | Event::Polled { .. } => {}
            Event::Renewed(reply) => self.on_renewed(effects, reply),
            Event::TimerFired(timer) => self.on_timer(effects, timer),
            Event::PageVisible => self.poll_now(effects),
            Event::Online => self.on_online(effects),
            Event::PageHidden => self.on_page_hidden(effects),
        }
    }

    fn on_action(&mut self, effects: &mut Effects, action: Action) {
        match action {
            Action::Launch => self.open_popup(effects),
            Action::StartOver => self.start_over(effects),
            Action::RefreshReport => self.refresh_report(effects),
            Action::Retry if self.sdk == SdkState::Blocked => self.load_sdk(effects),
            Action::Retry => self.poll_now(effects),
            Action::FocusPopup => effects.push(effect::Effect::FocusPopup),
            Action::ContinueInThisWindow => self.continue_in_this_window(effects),
            Action::HostedPageOpened => self.on_hosted_page_opened(effects),
            Action::Submit(value) => self.submit(effects, &value),
            Action::Resend(method) => self.request_code(effects, method),
        }
    }

    fn on_timer(&mut self, effects: &mut Effects, timer: Timer) {
        match timer {
            Timer::SdkTimeout => self.on_sdk_failed(effects),
            Timer::CancelDetails => self.on_cancelled(effects),
            Timer::LateCode => self.on_late_code_timeout(effects),
            Timer::MissingCode => self.on_code_missing(),
            Timer::LongPopup => self.on_popup_open_long(),
            Timer::Poll => self.poll(effects),
            Timer::Countdown => self.on_countdown(effects),
            Timer::Renew => self.renew_if_due(effects),
            Timer::RetryLaunched => self.retry_post(effects, PostKind::Launched),
            Timer::RetryOutcome => self.retry_post(effects, PostKind::Outcome),
            Timer::RetryAssets => self.retry_post(effects, PostKind::Assets),
            Timer::RetryEnded => self.retry_post(effects, PostKind::Ended),
            Timer::RetryInput => self.retry_post(effects, PostKind::Input),
        }
    }

    fn on_online(&mut self, effects: &mut Effects) {
        if self.sdk == SdkState::Blocked {
            self.load_sdk(effects);
        }
        if self.failed_polls > 0 {
            self.poll_now(effects);
        }
        self.renew_if_due(effects);
    }
}
