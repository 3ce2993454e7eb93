//! Following a run by its snapshots: one golden message serves first load, reconnect and resume. The edge
//! holds each question until something moves; we ask again when it says so, and go on asking when it is
//! silent.

use super::{Effect, Effects, Form, Kind, Note, Phase, State, Timer, backoff, snapshot::Snapshot};
use crate::{
    announce,
    doc::Doc,
    error::{Fault, Problem},
    json::{decimal, join},
};
use alloc::string::String;
use embark_protocol::{Status, launch::Mode};

/// Longest pause between two questions while the edge is silent.
const PAUSE_MS: u32 = 15_000;
/// Shortest pause where nothing moved: an edge that does not hold the question must not be hammered.
const CALM_MS: u32 = 1_000;
/// Pause while somebody may go on in another window.
const ELSEWHERE_MS: u32 = 3_000;

#[derive(Default)]
pub struct Follow {
    asking: bool,
    /// The last `seq` we saw.
    seq: Option<u32>,
}

pub struct Following {
    pub snapshot: Snapshot,
    /// The last report there was.
    pub report: Option<Doc>,
    /// End of the countdown in `waiting`, and of the wait for a report.
    pub until: Option<u64>,
    pub form: Form,
}

impl State {
    /// Asks for the next snapshot, unless a question is out.
    pub(super) fn ask(&mut self, out: &mut Effects) {
        out.stop(Timer::Poll);
        if !core::mem::replace(&mut self.follow.asking, true) {
            out.push(Effect::Poll);
        }
    }

    /// The question: what is newer than what we saw.
    pub fn question(&self) -> String {
        match self.follow.seq {
            Some(seq) => join(&["?after=", &decimal(seq)]),
            None => String::new(),
        }
    }

    /// The person does not want to wait for the next try.
    pub(super) fn ask_now(&mut self, out: &mut Effects) {
        if self.is_following() {
            self.ask(out);
        } else {
            self.renew_if_due(out);
        }
    }

    pub(super) fn polled(&mut self, out: &mut Effects, reply: Result<Snapshot, Fault>) {
        self.follow.asking = false;
        match reply {
            Ok(snapshot) => {
                self.trouble = 0;
                let pause = self.pause_after(&snapshot);
                self.accept(out, snapshot);
                if self.is_following() {
                    out.after(Timer::Poll, pause);
                }
            }
            Err(fault) if fault.is_passing() => {
                self.trouble = self.trouble.saturating_add(1);
                if self.is_following() {
                    out.after(Timer::Poll, backoff(self.trouble, PAUSE_MS));
                }
            }
            Err(fault) => self.not_followed(out, fault),
        }
    }

    fn pause_after(&self, snapshot: &Snapshot) -> u32 {
        // An end that is still followed goes on in another tab: the edge's long pause is not for that.
        if snapshot.status.is_end() {
            return ELSEWHERE_MS;
        }
        let moved = self.follow.seq.is_none_or(|seq| snapshot.seq > seq);
        let least = if moved { 0 } else { CALM_MS };
        snapshot.poll_after_ms().max(least)
    }

    /// The edge does not know the run, or not this grant.
    fn not_followed(&mut self, out: &mut Effects, fault: Fault) {
        match &self.phase {
            Phase::Resuming => self.offer_again(out, fault.is_not_launched()),
            // `launched` has not landed yet.
            Phase::Popup(_) if fault.is_not_launched() => {
                out.after(Timer::Poll, ELSEWHERE_MS);
            }
            Phase::Following(following) if !following.snapshot.status.is_end() => {
                self.stop(out, fault.into_problem());
            }
            _ => {}
        }
    }

    /// Takes a snapshot from any answer. An older one, or one of another signup, changes nothing.
    pub(super) fn accept(&mut self, out: &mut Effects, snapshot: Snapshot) {
        if snapshot.id != self.launch.signup
            || self.follow.seq.is_some_and(|seq| snapshot.seq < seq)
        {
            return;
        }
        // The link that stands here was used.
        let handover = snapshot.doc.text_of("handover").unwrap_or_default();
        if !handover.is_empty() && handover != self.launch.handover {
            self.launch.handover = handover;
            self.tell_link(out);
        }
        // Another tab, or this page before it was reloaded, may have opened the popup, too.
        self.attempts = self.attempts.max(snapshot.attempt());
        let moved = self.follow.seq.replace(snapshot.seq) != Some(snapshot.seq);
        let left = matches!(snapshot.status, Status::Launched | Status::Abandoned);
        let before_the_code = left || snapshot.status == Status::Relaunch;
        match &self.phase {
            // The host page was reloaded, the window it had opened was not.
            Phase::Resuming
                if snapshot.status == Status::Launched && self.launch.mode == Mode::Window =>
            {
                self.look_elsewhere();
            }
            Phase::Resuming if left => self.offer_again(out, true),
            Phase::Popup(_) if before_the_code => {
                // Somebody left in the other window: the host page has no other way to hear of it.
                if moved && self.launch.mode == Mode::Window {
                    self.tell_end(out, &snapshot);
                }
            }
            Phase::Sending if before_the_code && self.outbox.owes(Kind::Outcome) => {}
            Phase::Idle | Phase::Stopped(_) => {}
            _ => self.show(out, snapshot, moved),
        }
    }

    /// Keeps asking if there is something to ask for.
    pub(super) fn follow_on(&mut self, out: &mut Effects) {
        if self.is_following() && !self.follow.asking {
            self.ask(out);
        }
    }

    pub(super) fn tick(&self, out: &mut Effects) {
        if matches!(&self.phase, Phase::Following(following) if following.is_waiting(self.now)) {
            out.after(Timer::Tick, 1_000);
        }
    }

    /// Forgets what was seen: another signup, or another life of this one.
    pub(super) fn reset_follow(&mut self, out: &mut Effects) {
        self.epoch += 1;
        self.follow = Follow::default();
        self.trouble = 0;
        out.stop(Timer::Poll);
    }

    fn is_following(&self) -> bool {
        match &self.phase {
            Phase::Resuming => true,
            Phase::Popup(attempt) => matches!(attempt.note, Note::Blocked | Note::Closed),
            Phase::Following(following) => {
                !following.snapshot.status.is_end() || following.is_waiting(self.now)
            }
            _ => false,
        }
    }

    /// The earlier signup never got anywhere: offer the button. A signup that another page waits for is
    /// launched again under its own name, any other gives way to the page's own.
    fn offer_again(&mut self, out: &mut Effects, known: bool) {
        self.handed_over &= known;
        if self.handed_over {
            self.phase = Phase::Idle;
            return;
        }
        self.idle();
        out.push(Effect::Forget);
        if let Some(own) = self.spare.take() {
            self.launch.adopt(own);
            self.tell_link(out);
        }
        self.reset_follow(out);
        self.renew_if_due(out);
    }

    fn show(&mut self, out: &mut Effects, snapshot: Snapshot, moved: bool) {
        let before = match core::mem::replace(&mut self.phase, Phase::Sending) {
            Phase::Following(before) => Some(before),
            _ => None,
        };
        self.stop_waiting(out);
        self.tell(
            out,
            before.as_ref().map(|before| &before.snapshot),
            &snapshot,
        );
        // Of another status nothing is left.
        let before = before.filter(|before| before.snapshot.status == snapshot.status);
        let until = match snapshot.doc.number_of("wait_ms") {
            Some(ms) => Some(self.now + u64::from(ms)),
            None => self.awaits_report(before.as_ref(), &snapshot),
        };
        if until.is_some() {
            out.after(Timer::Tick, 1_000);
        }
        match snapshot.status {
            Status::Failed | Status::Abandoned => out.push(Effect::Forget),
            _ => out.push(Effect::Remember),
        }
        let over = matches!(
            snapshot.status,
            Status::Connected | Status::ConnectedWithoutNumber | Status::Failed
        );
        let report = snapshot.doc.get("report");
        let (form, report) = match before {
            Some(before) => (before.form, report.or(before.report)),
            None => (Form::Open, report),
        };
        self.phase = Phase::Following(Following {
            snapshot,
            report,
            until,
            form: if moved { Form::Open } else { form },
        });
        // Nobody sees this page: the host's own button begins another signup at once.
        if over && self.launch.mode == Mode::Window {
            self.anew(out);
        }
    }

    /// Announces what is new.
    fn tell(&self, out: &mut Effects, before: Option<&Snapshot>, after: &Snapshot) {
        let launch = &self.launch;
        let same = before.is_some_and(|before| before.status == after.status);
        if same && after.status.is_end() {
            return;
        }
        if before.is_none_or(|before| before.seq != after.seq) {
            out.announce(announce::progress(launch, after));
        }
        let asked = before.map(Snapshot::asks_for).unwrap_or_default();
        let asks = after.asks_for();
        if asks != asked && !asks.is_empty() {
            out.announce(announce::needs_input(launch, &asks));
        }
        if !same {
            self.tell_end(out, after);
        }
    }

    fn tell_end(&self, out: &mut Effects, after: &Snapshot) {
        let launch = &self.launch;
        match after.status {
            Status::Connected | Status::ConnectedWithoutNumber => {
                out.announce(announce::connected(launch, after));
            }
            Status::Failed => {
                let unnamed = || Problem::ours("internal", "contact");
                let problem = after.problem().unwrap_or_else(unnamed);
                out.announce(announce::failed(launch, &problem));
            }
            Status::Abandoned => {
                let (reason, cancel) = after.left();
                out.announce(announce::cancelled(launch, &reason, &cancel));
            }
            _ => {}
        }
    }
}
