//! A lock in memory: at most one workflow (or writer of copies, or report) of an object runs at a time.

use crate::clock;
use core::cell::Cell;
use core::time::Duration;
use embark_onboarding::time::UnixMillis;

/// A lock in memory. It expires, because a future that holds it may be dropped together with its wasm instance
/// without releasing it.
#[derive(Default)]
pub struct DriveLock {
    /// When the holder acquired or last renewed it. `None`: free.
    held_since: Cell<Option<UnixMillis>>,
}

impl DriveLock {
    /// Whether a workflow runs.
    pub fn is_driving(&self) -> bool {
        let now = clock::now();
        let held = self.held_since.get();
        held.is_some_and(|since| now.since(since) < EXPIRES_AFTER)
    }

    /// Takes the lock. `false`: another workflow runs.
    pub fn try_acquire(&self) -> bool {
        let free = !self.is_driving();
        if free {
            self.renew();
        }
        free
    }

    /// Starts the time until it expires anew; for its holder, at every commit.
    pub fn renew(&self) {
        self.held_since.set(Some(clock::now()));
    }

    /// Frees the lock; for its holder.
    pub fn release(&self) {
        self.held_since.set(None);
    }
}

/// Longer than any single effect of a workflow.
const EXPIRES_AFTER: Duration = Duration::from_mins(1);
