//! The state of one history: true time and the objects' clock, the events to come, all objects, Meta and the
//! browsers, and the first violation.

use super::event::{Event, EventQueue};
use super::in_flight::{CallInFlight, PeerRequestInFlight};
use super::operation::Service;
use super::peers::PeerObjects;
use super::phone::PhoneObject;
use super::run::RunObject;
use super::tab::Tab;
use crate::executor::{Completion, OneShot, Tasks};
use crate::fault_model::FaultRates;
use crate::kv::Kv;
use crate::meta::state::Meta;
use crate::provider::Providers;
use crate::random::Random;
use crate::violation::{Check, Violation, ensure};
use core::time::Duration;
use embark_onboarding::crypto::Keyring;
use embark_onboarding::meta::AppCredentials;
use embark_onboarding::retention::Retention;
use embark_onboarding::time::UnixMillis;
use embark_onboarding::workflow::{AppContext, Context};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::LazyLock;

/// The public origin of the deployment.
pub const DEPLOYMENT_ORIGIN: &str = "https://signup.partner.example";
/// The deployment's own redirect URI.
pub const CALLBACK_URI: &str = "https://signup.partner.example/go/callback";

/// One history.
pub struct World {
    pub random: Random,
    pub fault_rates: Cell<FaultRates>,
    /// True time. The objects read [`World::clock`].
    pub now: Cell<UnixMillis>,
    /// What the objects' clock is ahead of true time, in milliseconds.
    pub clock_skew_ms: Cell<i64>,
    /// From here on no fault occurs.
    pub quiescent_from: UnixMillis,
    queue: RefCell<EventQueue>,
    /// How many events were processed.
    processed_events: Cell<u32>,
    pub tasks: Tasks,
    /// An incarnation ended during the current event.
    pub incarnation_ended: Cell<bool>,
    /// By position. `None`: neither effect nor response is to come.
    pub calls: RefCell<Vec<Option<CallInFlight>>>,
    pub peer_requests: RefCell<Vec<PeerRequestInFlight>>,
    pub meta: RefCell<Meta>,
    pub providers: RefCell<Providers>,
    pub runs: RefCell<Vec<Rc<RunObject>>>,
    pub phones: Vec<Rc<PhoneObject>>,
    pub peers: PeerObjects,
    pub tabs: RefCell<Vec<Tab>>,
    pub kv: RefCell<Kv>,
    /// When a copy was last enqueued.
    pub last_copy_enqueued_at: Cell<UnixMillis>,
    /// When the operator last put the app and its secret.
    pub app_secret_put_at: Cell<UnixMillis>,
    pub keyring: Keyring,
    random_bytes: Box<dyn Fn() -> [u8; 32]>,
    /// What fails as a whole, and until when.
    pub outage: Cell<Option<(Service, UnixMillis)>>,
    /// The operator is transferring a number.
    pub transfer_in_progress: Cell<bool>,
    violation: RefCell<Option<Violation>>,
    /// Every event is printed.
    verbose: bool,
}

impl World {
    /// The empty world of a seed.
    pub fn new(seed: u64, verbose: bool) -> Self {
        let random = Random::new(seed);
        let fault_rates = FaultRates::random(&random);
        let with_faults = match random.below(20) {
            0 | 1 => random.millis(3_600_000..=4 * 86_400_000),
            _ => random.millis(60_000..=30 * 60_000),
        };
        let kv = Kv::new(Duration::from_secs(random.pick(&[0, 0, 1, 20, 60])));
        let key = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=".to_owned();
        // The rules' own random numbers: how many they ask for does not change what happens around them.
        let random_of_rules = Random::new(!seed);
        Self {
            random,
            fault_rates: Cell::new(fault_rates),
            now: Cell::new(START),
            clock_skew_ms: Cell::new(0),
            quiescent_from: START + with_faults,
            queue: RefCell::default(),
            processed_events: Cell::new(0),
            tasks: Tasks::default(),
            incarnation_ended: Cell::new(false),
            calls: RefCell::default(),
            peer_requests: RefCell::default(),
            meta: RefCell::default(),
            providers: RefCell::default(),
            runs: RefCell::default(),
            phones: (0..3).map(PhoneObject::new).collect(),
            peers: PeerObjects::new(),
            tabs: RefCell::default(),
            kv: RefCell::new(kv),
            last_copy_enqueued_at: Cell::default(),
            app_secret_put_at: Cell::new(UnixMillis::default()),
            keyring: Keyring::parse(&[(1, key)]).unwrap(),
            random_bytes: Box::new(move || random_of_rules.bytes()),
            outage: Cell::new(None),
            transfer_in_progress: Cell::new(false),
            violation: RefCell::new(None),
            verbose,
        }
    }

    /// The objects' clock.
    pub fn clock(&self) -> UnixMillis {
        let now = self.now.get().0;
        UnixMillis(now.saturating_add_signed(self.clock_skew_ms.get()))
    }

    pub fn context(&self) -> Context<'_> {
        Context {
            now: self.clock(),
            keyring: &self.keyring,
            random_bytes: &*self.random_bytes,
            retention: Retention::default(),
        }
    }

    pub fn app_context<'a>(&'a self, credentials: &'a AppCredentials) -> AppContext<'a> {
        AppContext {
            context: self.context(),
            credentials,
        }
    }

    /// The Run object at this position.
    pub fn run(&self, index: usize) -> Rc<RunObject> {
        self.runs.borrow()[index].clone()
    }

    /// Whether each handler of these objects reads its own record instead of the one that its incarnation has in memory:
    /// a fault of the product that the invariants must catch.
    pub fn reads_own_record(&self, objects: &str) -> bool {
        *UNSHARED_RECORDS == objects
    }

    pub fn is_quiescent(&self) -> bool {
        self.now.get() >= self.quiescent_from
    }

    /// Whether a fault of this rate, in a thousandth, occurs now.
    pub fn fault_occurs(&self, rate: u64) -> bool {
        !self.is_quiescent() && self.random.chance(rate)
    }

    /// Whether a service fails as a whole.
    pub fn is_out(&self, service: Service) -> bool {
        let outage = self.outage.get();
        let now = self.now.get();
        !self.is_quiescent() && outage.is_some_and(|(out, until)| out == service && now < until)
    }

    /// Lets an event happen after a delay.
    pub fn schedule(&self, delay: Duration, event: Event) {
        let at = self.now.get() + delay;
        self.queue.borrow_mut().schedule(at, event);
    }

    pub fn sleep(&self, duration: Duration) -> Completion<()> {
        let slept = OneShot::new();
        self.schedule(duration, Event::SleepEnds(slept.clone()));
        Completion(slept)
    }

    /// Moves true time to the next event. `None`: there is none by `until`. More events than [`MAX_EVENTS`] are a
    /// violation: something repeats itself for ever.
    pub fn next_event(&self, until: UnixMillis) -> Option<Event> {
        let (at, event) = self.queue.borrow_mut().pop_until(until)?;
        self.now.set(at.max(self.now.get()));
        let count = self.processed_events.get() + 1;
        self.processed_events.set(count);
        self.enforce(ensure(count < MAX_EVENTS, "history_ends", || {
            format!("still busy after {count} events")
        }));
        Some(event)
    }

    /// Keeps the violation of a failed check, if it is the first.
    pub fn enforce(&self, check: Check) {
        if let Err(violation) = check {
            self.log(|| format!("VIOLATION {violation}"));
            self.violation.borrow_mut().get_or_insert(violation);
        }
    }

    /// Whether every check has passed so far.
    pub fn verdict(&self) -> Check {
        let first = self.violation.borrow().clone();
        first
            .or_else(|| self.meta.borrow().violation.clone())
            .map_or(Ok(()), Err)
    }

    /// Prints a line with the time since the start of the history, in seconds.
    pub fn log(&self, line: impl FnOnce() -> String) {
        if self.verbose {
            let seconds = self.now.get().since(START).as_secs_f64();
            println!("{seconds:>13.3} {}", line());
        }
    }

    /// Drops what holds the world: without this, neither is ever freed.
    pub fn clear(&self) {
        self.tasks.clear();
        self.queue.borrow_mut().clear();
        self.calls.borrow_mut().clear();
        self.peer_requests.borrow_mut().clear();
        self.runs.borrow_mut().clear();
    }
}

/// `EMBARK_SIM_UNSHARED_RECORDS`. Empty: unset.
static UNSHARED_RECORDS: LazyLock<String> =
    LazyLock::new(|| std::env::var("EMBARK_SIM_UNSHARED_RECORDS").unwrap_or_default());
/// When every history starts.
pub const START: UnixMillis = UnixMillis(1_800_000_000_000);
/// A history has hundreds of events.
const MAX_EVENTS: u32 = 30_000;
