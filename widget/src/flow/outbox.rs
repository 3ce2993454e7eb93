//! What we owe the edge. Posts go out one after the other and are repeated, same body, until they land or
//! are no longer worth it; the code never queues behind anything.

use super::{Effect, Effects, Kind, Phase, State, Timer, backoff, snapshot::Snapshot};
use crate::error::{Fault, Problem};
use crate::json::{Object, decimal};
use alloc::string::String;

/// Longest pause between two tries.
const PAUSE_MS: u32 = 4_000;

/// One post of each kind at most, in the order they go out.
#[derive(Default)]
pub struct Outbox([Option<Owed>; 5]);

struct Owed {
    body: String,
    /// After this the post is pointless.
    until: u64,
    tries: u8,
    /// On its way, or waiting for its next try.
    busy: bool,
}

impl Outbox {
    fn put(&mut self, kind: Kind, owed: Option<Owed>) {
        if let Some(place) = self.0.get_mut(kind as usize) {
            *place = owed;
        }
    }

    fn find(&mut self, kind: Kind) -> Option<&mut Owed> {
        self.0.get_mut(kind as usize)?.as_mut()
    }

    /// Owes nothing of this kind any more.
    pub(super) fn remove(&mut self, kind: Kind) {
        self.put(kind, None);
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn owes(&mut self, kind: Kind) -> bool {
        self.find(kind).is_some()
    }

    /// Everything again, from the first try: the grant is another one.
    pub(super) fn restart(&mut self) {
        for owed in self.0.iter_mut().flatten() {
            owed.tries = 0;
            owed.busy = false;
        }
    }
}

impl State {
    /// Owes a post that is worth sending for `for_ms`. News of a launch says of which one.
    pub(super) fn post(&mut self, out: &mut Effects, kind: Kind, body: Object, for_ms: u64) {
        let mut body = body;
        if kind != Kind::Input {
            body.raw("attempt", &decimal(self.attempts.max(1)));
        }
        let body = body.end();
        out.stop(Timer::resend(kind));
        self.outbox.put(
            kind,
            Some(Owed {
                body,
                until: self.now + for_ms,
                tries: 0,
                busy: false,
            }),
        );
        self.send_owed(out);
    }

    /// Sends what may go: the code at once, the rest in order.
    pub(super) fn send_owed(&mut self, out: &mut Effects) {
        let mut free = true;
        for kind in Kind::ALL {
            let Some(owed) = self.outbox.find(kind) else {
                continue;
            };
            if (free || kind == Kind::Outcome) && !owed.busy {
                owed.busy = true;
                owed.tries = owed.tries.saturating_add(1);
                out.push(Effect::Post(kind, owed.body.clone()));
            }
            free = false;
        }
    }

    pub(super) fn resend(&mut self, out: &mut Effects, kind: Kind) {
        if let Some(owed) = self.outbox.find(kind) {
            owed.busy = false;
        }
        self.send_owed(out);
    }

    pub(super) fn posted(&mut self, out: &mut Effects, kind: Kind, reply: Result<Snapshot, Fault>) {
        match reply {
            Ok(snapshot) => {
                self.outbox.remove(kind);
                self.trouble = 0;
                self.accept(out, snapshot);
                if matches!(self.phase, Phase::Sending) && kind == Kind::Outcome {
                    // Received, but the receipt said nothing we could show.
                    self.phase = Phase::Resuming;
                }
                self.follow_on(out);
            }
            Err(_) if kind == Kind::Report => self.not_checked(),
            Err(fault) => self.not_posted(out, kind, fault),
        }
        self.send_owed(out);
    }

    fn not_posted(&mut self, out: &mut Effects, kind: Kind, fault: Fault) {
        let now = self.now;
        let Some(owed) = self.outbox.find(kind) else {
            return;
        };
        let pause = backoff(owed.tries.saturating_sub(1), PAUSE_MS);
        let in_time = now + u64::from(pause) < owed.until;
        // The row may not be there yet: `launched` is on its way, or goes again.
        let too_early = kind == Kind::Outcome && fault.is_not_launched() && owed.tries < 6;
        if in_time && (fault.is_passing() || too_early) {
            out.after(Timer::resend(kind), pause);
            if too_early && !self.outbox.owes(Kind::Launched) {
                self.post(out, Kind::Launched, Object::new(), 30_000);
            }
            return;
        }
        if fault.is_about_the_grant()
            && matches!(kind, Kind::Launched | Kind::Outcome)
            && self.reissue(out)
        {
            return;
        }
        self.outbox.remove(kind);
        self.given_up(out, kind, fault);
    }

    /// A post did not land and will not.
    fn given_up(&mut self, out: &mut Effects, kind: Kind, fault: Fault) {
        match (kind, fault) {
            (Kind::Input, fault) => self.not_answered(out, fault),
            (Kind::Outcome, Fault::Refused { problem, .. })
                if problem.code == "code_already_sent" || problem.code == "conflict" =>
            {
                // The run went on without this code: see how it stands.
                self.phase = Phase::Resuming;
                self.ask(out);
            }
            (Kind::Outcome, fault) if fault.is_passing() => {
                self.stop(out, Problem::ours("unsent", "relaunch"));
            }
            (Kind::Outcome, fault) => self.stop(out, fault.into_problem()),
            // The popup is open, but nobody would take its answer.
            (Kind::Launched, fault @ Fault::Refused { .. }) if !fault.is_passing() => {
                if matches!(self.phase, Phase::Popup(_)) {
                    self.stop(out, fault.into_problem());
                }
            }
            _ => {}
        }
    }
}
