//! Everything a running sandbox holds, behind one lock.

use crate::dialog::Dialog;
use crate::errand::Errand;
use crate::fault::Fault;
use crate::infobip::Infobip;
use crate::log::Entry;
use crate::provider::Programme;
use crate::rules::Rules;
use crate::seed;
use crate::world::World;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

pub struct State {
    pub world: World,
    pub rules: Rules,
    pub faults: Vec<Fault>,
    pub log: Vec<Entry>,
    pub dialogs: BTreeMap<String, Dialog>,
    pub next_fault: u64,
    /// What is to be done after the answer, in its own time.
    pub errands: Vec<Errand>,
    pub infobip: Infobip,
    pub provider: Programme,
    pub started: Instant,
}

pub struct Shared {
    state: Mutex<State>,
    /// Where popups live and their messages come from, when it is not the SDK's own host.
    pub popup_origin: Option<String>,
}

impl State {
    /// The seed world, with nothing ordered and nothing logged.
    pub fn fresh() -> Self {
        Self {
            world: seed::world(),
            rules: Rules::default(),
            faults: Vec::new(),
            log: Vec::new(),
            dialogs: BTreeMap::new(),
            next_fault: 1,
            errands: Vec::new(),
            infobip: Infobip::default(),
            provider: Programme::default(),
            started: Instant::now(),
        }
    }

    /// Meta's clock: ours, moved by the rule `clock_offset_s`.
    pub fn now_ms(&self) -> u64 {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let ms = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        ms.saturating_add(self.rules.clock_offset_s.saturating_mul(1000))
            .try_into()
            .unwrap_or(0)
    }
}

impl Shared {
    pub fn new(popup_origin: Option<String>) -> Self {
        Self {
            state: Mutex::new(State::fresh()),
            popup_origin,
        }
    }

    /// A panic in one request must not take the sandbox from the others.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
