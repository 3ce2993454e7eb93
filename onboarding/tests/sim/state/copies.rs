//! What the objects with copies in KV have in memory.

use embark_onboarding::resources::kv_copies::{PendingCopies, PendingCopy};
use embark_onboarding::time::UnixMillis;
use std::cell::Cell;

/// The object with the pending copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyOwner {
    Partner,
    /// The Site object at this position.
    Site(usize),
}

/// What an object has in memory to write its copies.
#[derive(Default)]
pub struct CopyWriter {
    /// The number of the put that is awaited. `None`: nothing is being written.
    pub awaited: Cell<Option<u64>>,
    pub puts: Cell<u64>,
    /// When the alarm is set to, by true time.
    pub alarm_at: Cell<Option<UnixMillis>>,
}

/// A put that was sent.
#[derive(Debug, Clone)]
pub struct CopyPut {
    pub owner: CopyOwner,
    pub number: u64,
    pub copy: PendingCopy,
    /// The pending copies that the writer read before it sent the put. `None`: it shares the object's.
    pub own: Option<PendingCopies>,
}

/// Key of the app's settings.
pub fn app_settings_key() -> String {
    "app/main".to_owned()
}
