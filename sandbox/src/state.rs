//! Everything a running sandbox holds, behind one lock.

use crate::faults::Fault;
use crate::log::LogEntry;
use crate::receiver::Receiver;
use crate::rules::Rules;
use crate::scenarios::SCENARIOS;
use crate::world::{Dialog, Infobip, Job, ScriptedProvider, SentWebhook, World, seed_world};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::time::sleep;

/// A reset replaces all of it.
pub struct SandboxState {
    /// What Meta and the providers would remember.
    pub world: World,
    pub rules: Rules,
    /// In the order in which they were added.
    pub faults: Vec<Fault>,
    pub log: Vec<LogEntry>,
    /// Open dialogs, by id.
    pub dialogs: BTreeMap<String, Dialog>,
    /// Id of the next fault.
    pub next_fault: u64,
    /// The scenario that rules and faults were set by. `None`: they were changed since.
    pub scenario: Option<&'static str>,
    /// Work that the last request left for after its response.
    pub pending_jobs: Vec<Job>,
    /// Where Infobip's webhook goes, and what it sent.
    pub infobip: Infobip,
    /// What came of Meta's webhooks.
    pub webhooks_sent: Vec<SentWebhook>,
    /// The provider under `/provider/`.
    pub scripted_provider: ScriptedProvider,
    /// The receiver of webhooks under `/receiver`.
    pub receiver: Receiver,
    /// The keys that a team of Cloudflare Access publishes.
    pub access_keys: Value,
    /// When this state was created. Jobs compare it to detect that a reset has replaced the state.
    pub started_at: Instant,
}

/// The state that all requests and jobs share.
pub struct SharedState {
    state: Mutex<SandboxState>,
    /// Origin of the dialog's popups and their messages, when it is not the host the SDK was loaded from.
    pub popup_origin: Option<String>,
}

/// What a background job works with: the shared state, as long as no reset has replaced it.
pub struct JobContext {
    pub shared: Arc<SharedState>,
    started_at: Instant,
}

impl SandboxState {
    /// The seed world, without faults, log entries or open dialogs, and with default rules.
    pub fn seeded() -> Self {
        Self {
            world: seed_world(),
            rules: Rules::default(),
            faults: Vec::new(),
            log: Vec::new(),
            dialogs: BTreeMap::new(),
            next_fault: 1,
            scenario: SCENARIOS.first().map(|scenario| scenario.name),
            pending_jobs: Vec::new(),
            infobip: Infobip::default(),
            webhooks_sent: Vec::new(),
            scripted_provider: ScriptedProvider::default(),
            receiver: Receiver::default(),
            access_keys: json!({"keys": []}),
            started_at: Instant::now(),
        }
    }

    /// Adds a fault after those there are; returns its id.
    pub fn add_fault(&mut self, mut fault: Fault) -> u64 {
        fault.id = self.next_fault;
        self.next_fault += 1;
        self.faults.push(fault);
        self.next_fault - 1
    }

    /// Meta's clock in Unix milliseconds: the machine's, moved by the rule `clock_offset_s`.
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

impl SharedState {
    pub fn new(popup_origin: Option<String>) -> Self {
        Self {
            state: Mutex::new(SandboxState::seeded()),
            popup_origin,
        }
    }

    /// Also usable after a request panicked while it held the lock.
    pub fn lock(&self) -> MutexGuard<'_, SandboxState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl JobContext {
    /// For a job of the state that was created at `started_at`.
    pub fn new(shared: &Arc<SharedState>, started_at: Instant) -> Self {
        Self {
            shared: shared.clone(),
            started_at,
        }
    }

    /// Waits `ms`, then runs `change` on the state. `None` when a reset has replaced the state meanwhile: the job
    /// ends there.
    pub async fn after<T>(
        &self,
        ms: u64,
        change: impl FnOnce(&mut SandboxState) -> T,
    ) -> Option<T> {
        sleep(Duration::from_millis(ms)).await;
        let mut state = self.shared.lock();
        (state.started_at == self.started_at).then(|| change(&mut state))
    }
}
