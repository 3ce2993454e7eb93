//! Following the signup by its snapshots. One kind of message serves the first load, a reconnect and a
//! resumed signup.

use super::{
    effect::{Effect, Effects, Timer},
    post_request::PostKind,
    state::{Phase, State},
};
use crate::{
    error::local_problem,
    host_events::HostEvent,
    snapshot::{end_reason, input_kind},
};
use embark_protocol::launch::LaunchMode;
use embark_protocol::{Remedy, SignupStatus, requests::EndReason};
use embark_view::model::{Cancellation, Following, Form, PopupStatus, Snapshot};

/// A signup that runs for longer may be left alone.
const LONG_RUN_MS: u32 = 15_000;

impl State {
    /// Applies the snapshot of any reply. An older one, or one of another signup, changes nothing.
    pub(super) fn apply_snapshot(&mut self, effects: &mut Effects, snapshot: Snapshot) {
        if snapshot.id != self.launch.signup
            || self.polling.seq.is_some_and(|seq| snapshot.seq < seq)
        {
            return;
        }
        // The handover grant in the link was used: the Worker offers the next one.
        if snapshot.handover_grant.is_some()
            && snapshot.handover_grant != self.launch.handover_grant
        {
            self.launch.handover_grant = snapshot.handover_grant.clone();
            self.announce_link(effects);
        }
        self.steps.clone_from(&snapshot.steps);
        // The popup may have been opened in another tab, or before this page was reloaded.
        self.attempts = self.attempts.max(snapshot.attempt);
        let is_newer = self.polling.seq.replace(snapshot.seq) != Some(snapshot.seq);
        let no_code = matches!(
            snapshot.known_status(),
            SignupStatus::Launched | SignupStatus::Abandoned
        );
        let needs_launch = no_code || snapshot.known_status() == SignupStatus::Relaunch;
        match &self.phase {
            // The host page was reloaded; the window it had opened may still be open.
            Phase::Resuming
                if snapshot.known_status() == SignupStatus::Launched
                    && self.launch.mode == LaunchMode::Window =>
            {
                self.follow_other_window(PopupStatus::Blocked);
            }
            // The page was loaded again, or the element moved, while Meta's window was open. It may still be.
            Phase::Resuming
                if no_code
                    && self.restored
                    && self.launch.mode != LaunchMode::Window
                    && was_left_open(&snapshot) =>
            {
                self.follow_other_window(PopupStatus::Lost);
            }
            Phase::Resuming if no_code => self.return_to_button(effects, true),
            Phase::Popup(_) if needs_launch => {
                // The person left in the other window, and the host page learns it only from here.
                if is_newer && self.launch.mode == LaunchMode::Window {
                    self.announce_end(effects, &snapshot);
                }
            }
            Phase::Sending if needs_launch && self.outbox.has_pending(PostKind::Outcome) => {}
            Phase::Asking(_) | Phase::Idle | Phase::CookiesOff | Phase::Failed(_) => {}
            _ => self.show_snapshot(effects, snapshot, is_newer),
        }
    }

    /// Restarts the timer that redraws the countdown, while there is one.
    pub(super) fn on_countdown(&self, effects: &mut Effects) {
        let is_counting = match &self.phase {
            Phase::Following(following) => following.is_waiting(self.now),
            Phase::Sending => self.code_deadline().is_some(),
            _ => false,
        };
        if is_counting {
            effects.start_timer(Timer::Countdown, 1_000);
        }
    }

    /// Whether this page stays the same customer's, who may look at it again: its address names them.
    fn is_page_of_one_customer(&self) -> bool {
        self.launch.mode == LaunchMode::Page && self.launch.reference.is_some()
    }

    pub(super) fn on_long_run(&mut self) {
        if let Phase::Following(following) = &mut self.phase {
            following.is_long = true;
        }
    }

    /// The earlier signup got no code: shows the button. A signup that another page waits for is
    /// launched again under its own id, if the Worker still knows it; any other is replaced by the
    /// signup of the launch document.
    pub(super) fn return_to_button(&mut self, effects: &mut Effects, is_known: bool) {
        self.handed_over &= is_known;
        if self.handed_over {
            self.phase = Phase::Idle;
            return;
        }
        self.show_button();
        self.restored = false;
        effects.push(Effect::ClearSession);
        if let Some(own) = self.own_session.take() {
            own.move_into(&mut self.launch);
            self.announce_link(effects);
        }
        self.reset_polling(effects);
        self.renew_if_due(effects);
    }

    fn show_snapshot(&mut self, effects: &mut Effects, snapshot: Snapshot, is_newer: bool) {
        let before = match std::mem::replace(&mut self.phase, Phase::Sending) {
            Phase::Following(before) => Some(before),
            _ => None,
        };
        self.stop_waiting_for_popup(effects);
        self.announce_changes(
            effects,
            before.as_ref().map(|before| &before.snapshot),
            &snapshot,
        );
        // Deadline, form and report are kept only as long as the status stays the same.
        let before =
            before.filter(|before| before.snapshot.known_status() == snapshot.known_status());
        let deadline = match snapshot.wait_ms {
            Some(ms) => Some(self.now + u64::from(ms)),
            None => self.report_deadline(before.as_deref(), &snapshot),
        };
        if deadline.is_some() {
            effects.start_timer(Timer::Countdown, 1_000);
        }
        match snapshot.known_status() {
            SignupStatus::Failed | SignupStatus::Abandoned => effects.push(Effect::ClearSession),
            // What has ended is not shown to the next customer of this tab.
            SignupStatus::Connected | SignupStatus::ConnectedWithoutNumber
                if !self.is_page_of_one_customer() =>
            {
                effects.push(Effect::ClearSession);
            }
            _ => effects.push(Effect::SaveSession),
        }
        let is_over = matches!(
            snapshot.known_status(),
            SignupStatus::Connected | SignupStatus::ConnectedWithoutNumber | SignupStatus::Failed
        );
        let report = snapshot.report.clone();
        let is_running = snapshot.known_status() == SignupStatus::Running;
        if is_running && before.is_none() {
            effects.start_timer(Timer::LongRun, LONG_RUN_MS);
        }
        let is_long = before.as_ref().is_some_and(|before| before.is_long);
        let is_rechecked = before.as_ref().is_some_and(|before| before.is_rechecked);
        let (form, report) = match before {
            Some(before) => (before.form, report.or(before.report)),
            None => (Form::Open, report),
        };
        self.phase = Phase::Following(Box::new(Following {
            snapshot,
            report,
            deadline,
            form: if is_newer { Form::Open } else { form },
            is_long,
            is_rechecked,
        }));
        // The frame shows nothing in this mode: prepare the next signup for the host page's button.
        if is_over && self.launch.mode == LaunchMode::Window {
            self.start_over(effects);
        }
    }

    /// Sends the host page the events for the difference between two snapshots.
    fn announce_changes(&self, effects: &mut Effects, before: Option<&Snapshot>, after: &Snapshot) {
        let of = self.subject();
        let same_status =
            before.is_some_and(|before| before.known_status() == after.known_status());
        if same_status && after.known_status().is_terminal() {
            return;
        }
        if before.is_none_or(|before| before.seq != after.seq) {
            effects.announce(HostEvent::progress(of, after));
        }
        let kind_before = before.map(input_kind).unwrap_or_default();
        let kind = input_kind(after);
        if kind != kind_before && !kind.is_empty() {
            effects.announce(HostEvent::needs_input(of, kind));
        }
        if !same_status {
            self.announce_end(effects, after);
        }
    }

    /// Sends the host page the event for the end of the signup, if the snapshot is an end.
    fn announce_end(&self, effects: &mut Effects, after: &Snapshot) {
        let of = self.subject();
        match after.known_status() {
            SignupStatus::Connected | SignupStatus::ConnectedWithoutNumber => {
                effects.announce(HostEvent::connected(of, after));
            }
            SignupStatus::Failed => {
                let unnamed = || local_problem("internal", Remedy::Contact);
                let problem = after.problem.clone().unwrap_or_else(unnamed);
                effects.announce(HostEvent::failed(of, &problem));
            }
            SignupStatus::Abandoned => {
                let cancel = Cancellation::of_snapshot(after);
                effects.announce(HostEvent::cancelled(of, end_reason(after), &cancel));
            }
            _ => {}
        }
    }
}

/// Whether Meta's window was not left by the person, as far as the Worker knows.
fn was_left_open(snapshot: &Snapshot) -> bool {
    let closed = EndReason::Closed.as_str();
    snapshot.known_status() == SignupStatus::Launched || end_reason(snapshot) == closed
}
