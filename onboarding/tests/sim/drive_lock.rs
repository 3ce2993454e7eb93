//! The lock that allows one drive at a time in an incarnation. Models `edge/src/durable_objects/drive_lock.rs`.

use core::time::Duration;
use embark_onboarding::time::UnixMillis;
use std::cell::Cell;

/// A lock in memory. It expires, should its holder never release it. Times are by the objects' clock.
#[derive(Default)]
pub struct DriveLock {
    held_since: Cell<Option<UnixMillis>>,
}

impl DriveLock {
    pub fn is_held(&self, now: UnixMillis) -> bool {
        let held = self.held_since.get();
        held.is_some_and(|since| now.since(since) < EXPIRES_AFTER)
    }

    /// `false`: it is held.
    pub fn try_acquire(&self, now: UnixMillis) -> bool {
        let free = !self.is_held(now);
        if free {
            self.renew(now);
        }
        free
    }

    /// Restarts the time until it expires. Called by the holder, at every commit.
    pub fn renew(&self, now: UnixMillis) {
        self.held_since.set(Some(now));
    }

    pub fn release(&self) {
        self.held_since.set(None);
    }
}

const EXPIRES_AFTER: Duration = Duration::from_mins(1);
