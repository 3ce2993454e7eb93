//! Keeping the launch document fresh, so that nothing has to be fetched at the click. Its grant may be
//! launched for a quarter of an hour only; a page may lie open for days.

use super::{Effect, Effects, Kind, Phase, State, Timer, backoff};
use crate::{config::Launch, error::Fault, json::Object};
use alloc::boxed::Box;

/// Longest pause between two tries.
const PAUSE_MS: u32 = 30_000;
/// A code in hand does not wait for more tries than this.
const REISSUE_TRIES: u8 = 4;

pub struct Renewal {
    /// When the document should be replaced.
    due: u64,
    asking: bool,
    tries: u8,
    /// The document is used up: nothing can be launched before a new one is here.
    needed: bool,
    /// A grant was refused while its popup is open: the next document goes on with that launch.
    reissuing: bool,
    /// That is done once per launch.
    reissued: bool,
}

impl Renewal {
    pub(super) fn new(now: u64, renew_in_ms: u32) -> Self {
        let due = now + u64::from(renew_in_ms);
        Self {
            due,
            asking: false,
            tries: 0,
            needed: false,
            reissuing: false,
            reissued: false,
        }
    }

    pub(super) fn is_needed(&self) -> bool {
        self.needed
    }
}

impl State {
    pub(super) fn schedule_renewal(&self, out: &mut Effects) {
        out.after(Timer::Renew, self.launch.renew_in_ms());
    }

    /// Replaces the document when it is due, and only while nobody is about to use it.
    pub(super) fn renew_if_due(&mut self, out: &mut Effects) {
        let due =
            matches!(self.phase, Phase::Idle) && !self.handed_over && self.now >= self.renewal.due;
        if due || self.renewal.reissuing {
            self.fetch(out);
        }
    }

    /// The signup is used up: another one is needed before anything else.
    pub(super) fn renew_now(&mut self, out: &mut Effects) {
        self.renewal.needed = true;
        self.renewal.due = self.now;
        self.fetch(out);
    }

    /// A grant was refused while its popup is open: fetch another one and go on under it. Says whether
    /// that is still worth trying.
    pub(super) fn reissue(&mut self, out: &mut Effects) -> bool {
        if !self.renewal.reissued && matches!(self.phase, Phase::Popup(_) | Phase::Sending) {
            self.renewal.reissued = true;
            self.renewal.reissuing = true;
            self.renewal.tries = 0;
            self.fetch(out);
        }
        self.renewal.reissuing
    }

    pub(super) fn allow_reissue(&mut self) {
        self.renewal.reissued = false;
        self.renewal.reissuing = false;
    }

    pub(super) fn renewed(&mut self, out: &mut Effects, reply: Result<Box<Launch>, Fault>) {
        self.renewal.asking = false;
        match reply {
            Ok(launch) if launch.site() == self.launch.site() => self.take_launch(out, *launch),
            Ok(_) => {}
            Err(fault)
                if fault.is_passing()
                    && !(self.renewal.reissuing && self.renewal.tries >= REISSUE_TRIES) =>
            {
                self.renewal.tries = self.renewal.tries.saturating_add(1);
                if self.renewal.needed {
                    self.trouble = self.trouble.saturating_add(1);
                }
                out.after(Timer::Renew, backoff(self.renewal.tries, PAUSE_MS));
            }
            Err(fault) => {
                if self.renewal.needed || core::mem::take(&mut self.renewal.reissuing) {
                    self.stop(out, fault.into_problem());
                }
            }
        }
    }

    fn take_launch(&mut self, out: &mut Effects, launch: Launch) {
        let reissuing = core::mem::take(&mut self.renewal.reissuing);
        let idle = matches!(self.phase, Phase::Idle);
        if !idle && !reissuing {
            return;
        }
        self.launch = launch;
        self.renewal = Renewal::new(self.now, self.launch.renew_in_ms());
        self.reset_follow(out);
        self.schedule_renewal(out);
        self.tell_link(out);
        if idle {
            return;
        }
        self.renewal.reissued = true;
        out.push(Effect::Remember);
        if !self.outbox.owes(Kind::Launched) {
            self.post(out, Kind::Launched, Object::new(), 30_000);
        }
        self.outbox.restart();
        self.send_owed(out);
    }

    fn fetch(&mut self, out: &mut Effects) {
        if !core::mem::replace(&mut self.renewal.asking, true) {
            out.push(Effect::Renew);
        }
    }
}
